"""An import that cannot go on says why, keeps what it has, and is completed by the same command."""

import os
import signal
from pathlib import Path

import pytest

from app.db import Database
from app.errors import Failed
from app.importing.queries import get_import
from tests.factories import import_file, rows, write_jsonl

LONG = "Water it in the morning, never at noon. " * 60  # so that the file is read by a process of its own


def test_full_disk_is_said_and_what_is_in_stays(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(4000, response_0=LONG))

    def fill_up(_progress: object) -> None:
        with database.writer.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 20}")

    with pytest.raises(Failed, match=r"The disk is full\. What was imported so far is kept"):
        import_file(database, path, slug="pairs", on_progress=fill_up)
    with database.writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    again = import_file(database, path, slug="pairs")
    with database.read() as db:
        broken_off, whole = get_import(db, 1), get_import(db, again)
    assert broken_off.state == "interrupted"
    assert whole.rows_present == broken_off.rows_imported > 0
    assert (whole.rows_imported + whole.rows_present, whole.state) == (4000, "complete")


def test_reader_that_is_killed_fails_the_import(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(9000, response_0=LONG))

    def kill_reader(_progress: object) -> None:
        for child in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)

    with pytest.raises(Failed, match="process that reads the source ended before its time"):
        import_file(database, path, slug="pairs", on_progress=kill_reader)
    with database.read() as db:
        record = get_import(db, 1)
    assert record.state == "interrupted"
    assert 0 < record.rows_imported < 9000


def test_copy_without_subsets_is_the_same_entries(database: Database, tmp_path: Path) -> None:
    for model in ("Alpaca-7B", "Alpaca2-7B"):
        write_jsonl(tmp_path / "hub" / "data" / model / "train.jsonl", rows(3, prompt=f"How tall is a {model} tulip?"))
    import_file(database, tmp_path / "hub", slug="pairs")
    plain = tmp_path / "train.jsonl"
    plain.write_text("".join(path.read_text() for path in sorted((tmp_path / "hub").rglob("*.jsonl"))))
    with database.read() as db:
        again = get_import(db, import_file(database, plain, slug="pairs"))
    assert (again.rows_imported, again.rows_present, again.rows_withdrawn) == (0, 6, 0)
