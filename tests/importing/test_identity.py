"""An entry is imported once: whatever is repeated, killed, split up or put together again."""

import os
import threading
from pathlib import Path

import pytest

from app.db import Database
from app.importing.actions import import_source
from app.importing.batches import BATCH_ROWS
from app.importing.queries import find_imports, get_dataset, get_import
from app.importing.queue import mark_interrupted, queue_import
from app.importing.requests import ImportRequest
from app.locks import file_lock
from app.models import DatasetImport, Entry
from app.terms.contradiction import Contradiction
from tests.factories import import_file, import_rows, row, rows, write_jsonl


def counts(database: Database, import_id: int) -> tuple[str, int, int, int, int]:
    with database.read() as db:
        record = get_import(db, import_id)
    return record.state, record.rows_read, record.rows_imported, record.rows_present, record.rows_rejected


def entries(database: Database) -> list[Entry]:
    with database.read() as db:
        return db.query(Entry).order_by(Entry.id).all()


def test_import_counts_its_rows(database: Database, tmp_path: Path) -> None:
    assert counts(database, import_rows(database, tmp_path, rows(5))) == ("complete", 5, 5, 0, 0)


def test_importing_again_adds_nothing(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(5))
    assert counts(database, import_rows(database, tmp_path, rows(5))) == ("complete", 5, 0, 5, 0)
    assert len(entries(database)) == 5


def test_repeated_row_stays_an_entry_of_its_own(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1), row(2), row(1)])
    import_rows(database, tmp_path, [row(1), row(2), row(1)])
    found = entries(database)
    assert [(entry.row, entry.occurrence) for entry in found] == [(1, 0), (2, 0), (3, 1)]
    assert [bool(entry.contradictions & Contradiction.DUPLICATE) for entry in found] == [True, False, True]


def test_repeats_are_told_apart_across_batches(database: Database, tmp_path: Path) -> None:
    many = [row(1), *rows(2100), row(1)]
    assert counts(database, import_rows(database, tmp_path, many))[1:3] == (2102, 2102)
    assert counts(database, import_rows(database, tmp_path, many))[2:4] == (0, 2102)


def test_same_pair_in_train_and_test_is_two_entries(database: Database, tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "train.jsonl", rows(3))
    test = write_jsonl(tmp_path / "test.jsonl", [row(1)])
    import_file(database, train, slug="pairs")
    import_file(database, test, slug="pairs")
    import_file(database, train, test, slug="pairs")
    found = [(e.split, bool(e.contradictions & Contradiction.TRAIN_AND_TEST)) for e in entries(database)]
    assert found == [("train", False), ("train", True), ("train", False), ("test", True)]


def test_duplicates_with_other_labels_are_told(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1), row(1, better_response_id=0), row(2), row(2)])
    differ = [bool(e.contradictions & Contradiction.DUPLICATE_LABELS_DIFFER) for e in entries(database)]
    assert differ == [True, True, False, False]


def test_limit_stops_after_so_many_rows(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(9))
    assert counts(database, import_file(database, path, slug="pairs", limit=4))[1] == 4


def test_import_of_a_dead_process_is_marked_interrupted(database: Database, tmp_path: Path) -> None:
    import_id = import_rows(database, tmp_path, rows(3))
    with database.write() as db:
        db.get_one(DatasetImport, import_id).state = "running"
    assert mark_interrupted(database) == [("pairs", 3)]
    assert counts(database, import_id)[0] == "interrupted"


def test_import_of_a_living_process_is_left_alone(database: Database) -> None:
    import_id, lock = queue_import(database, ImportRequest(("sample",)))
    assert mark_interrupted(database) == []
    os.close(lock)
    assert mark_interrupted(database) == [("sample", 0)]
    assert counts(database, import_id)[0] == "interrupted"


def test_imports_wait_for_their_turn(database: Database, tmp_path: Path) -> None:
    waiting = threading.Event()
    with file_lock(database.path.with_name("import.turn")):
        path = write_jsonl(tmp_path / "train.jsonl", rows(3))
        request = ImportRequest((str(path),), slug="pairs")
        second = threading.Thread(target=import_source, args=(database, request), kwargs={"on_wait": waiting.set})
        second.start()
        assert waiting.wait(10)
        with database.read() as db:
            assert get_import(db, 1).state == "queued"
    second.join()
    assert counts(database, 1)[0:3] == ("complete", 3, 3)


def test_import_that_breaks_off_keeps_its_batches_and_says_so(database: Database, tmp_path: Path) -> None:
    def stop(_progress: object) -> None:
        raise KeyboardInterrupt

    path = write_jsonl(tmp_path / "train.jsonl", rows(BATCH_ROWS + 500))
    with pytest.raises(KeyboardInterrupt):
        import_file(database, path, slug="pairs", on_progress=stop)
    with database.read() as db:
        record = find_imports(db, get_dataset(db, "pairs").id)[0]
    assert (record.state, record.error, record.rows_imported) == ("interrupted", "stopped by hand", BATCH_ROWS)
    assert counts(database, import_file(database, path, slug="pairs"))[2:4] == (500, BATCH_ROWS)
