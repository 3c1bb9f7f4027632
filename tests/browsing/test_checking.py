"""`check` holds the browse indexes against the database, and says in which value they differ."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.browsing.engine.checking import check_browse_indexes, compare_index
from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import build_index
from app.browsing.engine.storing import store_index
from app.db import SQLITE, Database, open_database
from app.importing.queries import get_dataset
from app.settings import Settings
from tests.browsing.reviewed_corpus import SLUG
from tests.factories import answer_row, beavertails_row, import_rows, row


@pytest.fixture
def corpus(settings: Settings, reviewed_corpus_file: Path) -> Iterator[Database]:
    shutil.copy(reviewed_corpus_file, settings.database_path)
    database = open_database(settings.database_path)
    yield database
    database.close()


def index_of(database: Database) -> DatasetIndex:
    with database.read() as db:
        index = build_index(db, get_dataset(db, SLUG))
        index.follow(db)
    return index


def problems_of(database: Database, index: DatasetIndex) -> list[str]:
    with database.read() as db:
        return list(compare_index(db, get_dataset(db, SLUG), index))


def test_indexes_agree_with_sql(corpus: Database) -> None:
    """Of two datasets; every value of every facet is among them."""
    check = check_browse_indexes(corpus)
    assert (check.problems, check.warnings) == ((), ())
    assert re.fullmatch(r"40 facets, 1\d\d values agree with SQL", check.detail)


def test_every_kind_of_dataset_agrees(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row(0, is_safe=None), answer_row(1), answer_row(1)], slug="answers")
    import_rows(database, tmp_path, [beavertails_row(0, "animal_abuse"), beavertails_row(0)], slug="beavers")
    import_rows(database, tmp_path, [{"prompt": "How tall is a fern?"}] * 2, slug="prompts")
    texts = {"prompt": "Which cake?", "chosen": "Lemon.", "rejected": "None."}
    import_rows(database, tmp_path, [texts], slug="chosen")
    import_rows(database, tmp_path, [row()], slug="pairs")
    assert check_browse_indexes(database).problems == ()


def test_nothing_to_look_at_is_no_problem(database: Database) -> None:
    check = check_browse_indexes(database)
    assert (check.ok, check.detail) == (True, "")


def test_broken_index_is_found(corpus: Database) -> None:
    index = index_of(corpus)
    unsafe = index.labels["safety"]["both_unsafe"] & index.all
    index.labels["safety"]["both_unsafe"].discard(unsafe[0])
    assert problems_of(corpus, index) == [
        f"corpus, safety 'both_unsafe': the index has {len(unsafe) - 1:,} entries, SQL {len(unsafe):,}."
    ]


def test_index_that_missed_a_review_is_found(corpus: Database) -> None:
    index = index_of(corpus)
    with corpus.write() as db:
        present = "SELECT entry_id, kind FROM flag JOIN entry ON entry.id = entry_id AND NOT withdrawn"
        flagged, kind = db.execute(text(present)).first() or (0, "")
        db.execute(text("DELETE FROM flag WHERE entry_id = :entry"), {"entry": flagged})
    problems = problems_of(corpus, index)
    expected = sorted(f"corpus, flag {value!r}" for value in ("no", kind, "yes"))
    assert [problem.split(":")[0] for problem in problems] == expected


def test_index_of_other_entries_is_found(corpus: Database) -> None:
    index = index_of(corpus)
    with corpus.write() as db:
        gone = db.scalar(text("SELECT max(id) FROM entry WHERE dataset_id = 1 AND NOT withdrawn"))
        db.execute(text("UPDATE entry SET withdrawn = TRUE WHERE id = :entry"), {"entry": gone})
    problems = problems_of(corpus, index)
    assert re.fullmatch(r"corpus: the index has 4,\d\d\d entries, SQL 4,\d\d\d\.", problems[0])
    assert {"corpus, withdrawn 'no'", "corpus, withdrawn 'yes'"} <= {problem.split(":")[0] for problem in problems}


Run = Callable[..., subprocess.CompletedProcess[str]]


def test_command_says_that_indexes_agree(corpus: Database, run: Run) -> None:
    done = run("check")
    assert done.returncode == 0, done.stdout
    assert re.search(r"^     ok  browse index: 40 facets, 1\d\d values agree with SQL$", done.stdout, re.MULTILINE)


def test_command_finds_a_broken_stored_index(corpus: Database, run: Run) -> None:
    index = index_of(corpus)
    index.labels["split"]["test"] = index.labels["split"]["train"]
    store_index(corpus, index)
    done = run("check")
    assert done.returncode == 1
    assert re.search(
        r" FAILED  browse index\n         corpus, split 'test': the stored index has [\d,]+ entries, SQL [\d,]+\.\n",
        done.stdout,
    )


def test_stored_index_that_cannot_be_read_is_said(corpus: Database) -> None:
    store_index(corpus, index_of(corpus))
    with SQLITE.connect(corpus.path) as connection:
        connection.execute("UPDATE browse_index_part SET data = x'00' WHERE name = 'everything'")
    connection.close()
    assert check_browse_indexes(corpus).problems == ("corpus: the stored index cannot be read.",)
