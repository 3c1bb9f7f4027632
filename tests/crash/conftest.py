"""A small corpus and a revision of it, their databases after imports that nobody disturbed, and what must be true."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.accounts.actions import sign_in_as
from app.comparing.queries import get_entry
from app.db import SQLITE, open_database
from app.reviewing.actions import record_review
from app.reviewing.forms import TypedReview
from tests.bench.connections import Connection
from tests.bench.processes import Server, Usage, run
from tests.bench.scenarios import read_json
from tests.browsing.plain_sql import PlainSql, Question
from tests.corpus import write_corpus

ROWS, SLUG = 6_000, "corpus"  # a dozen batches; large enough to be read by a process of its own
IMPORTED = {
    "entry": "SELECT id, subset, split, row, prompt, prompt_source, better_response_id, safer_response_id, "
    "content_key, occurrence, contradictions, length, withdrawn FROM entry ORDER BY id",
    "response": "SELECT * FROM response ORDER BY entry_id, position",
}
REVIEWED = {
    "review": "SELECT * FROM review ORDER BY id",
    "verdict": "SELECT * FROM verdict ORDER BY id",
    "comment": "SELECT * FROM comment ORDER BY id",
}


def read(data_dir: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(SQLITE.connect(f"file:{data_dir / 'review.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def assert_sound(data_dir: Path) -> None:
    """The command itself says so, of the file, the foreign keys, the search index, the reviews and the event log."""
    run("app", "check", data_dir=data_dir)


def assert_counts_are_right(server: Server, data_dir: Path, *, but: str = "") -> None:
    """What the server's list counts is what plain SQL counts, one facet left out."""
    with closing(Connection(server.port)) as connection:
        page = read_json(connection, f"/api/v1/datasets/{SLUG}/entries")
    with closing(PlainSql(data_dir / "review.db", SLUG)) as truth:
        facets = truth.answer(Question()).facets
    for facet in page["facets"].keys() - {but}:
        assert {value: count for value, count in page["facets"][facet].items() if count} == facets[facet], facet


def run_import(corpus: Path, data_dir: Path) -> Usage:
    return run("app", "import", corpus, "--as", SLUG, "--json", data_dir=data_dir)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, ROWS, seed=7)
    return folder


@pytest.fixture(scope="session")
def undisturbed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of an import that ran to its end."""
    data_dir = tmp_path_factory.mktemp("undisturbed")
    run_import(corpus, data_dir)
    return data_dir


@pytest.fixture(scope="session")
def revision(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus with rows that are gone, rows that are new, and rows with other labels."""
    folder = shutil.copytree(corpus, tmp_path_factory.mktemp("revision") / "corpus")
    for path in folder.glob("data/*/*.jsonl"):
        path.write_text("".join(_revised(path.read_text().splitlines())))
    return folder


def _revised(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        row = json.loads(line)
        if number % 97 == 5:
            continue
        if number % 53 == 7:
            row["better_response_id"] = 1 - row["better_response_id"]
        if number % 71 == 11:
            row["response_0_severity_level"] = (row["response_0_severity_level"] + 1) % 4
        yield json.dumps(row) + "\n"
        if number % 101 == 13:
            yield json.dumps(row | {"prompt": f"{row['prompt']} And in row {number}?"}) + "\n"


@pytest.fixture(scope="session")
def reviewed(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus imported, and every eleventh entry reviewed."""
    data_dir = shutil.copytree(undisturbed, tmp_path_factory.mktemp("reviewed") / "data")
    database = open_database(data_dir / "review.db")
    with database.write() as db:
        alice = sign_in_as(db, "alice")
        for entry_id in range(1, ROWS + 1, 11):
            typed = TypedReview(comment="Seen in spring.")
            record_review(db, alice, get_entry(db, entry_id), typed, settle_rest=True)
    database.close()
    return data_dir


@pytest.fixture(scope="session")
def revised(reviewed: Path, revision: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That, after an import of the revision which ran to its end."""
    data_dir = shutil.copytree(reviewed, tmp_path_factory.mktemp("revised") / "data")
    report = json.loads(run_import(revision, data_dir).output)
    assert min(report[f"rows_{name}"] for name in ("imported", "changed", "withdrawn")) > 50
    assert report["reviews_outdated"] > 10
    return data_dir


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def imported(undisturbed: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the corpus in it."""
    return shutil.copytree(undisturbed, tmp_path / "data")


@pytest.fixture
def under_review(reviewed: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the corpus in it and reviews of it."""
    return shutil.copytree(reviewed, tmp_path / "data")
