"""A small corpus, its database after an import that nobody disturbed, and what must be true after every kill."""

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.db import SQLITE
from tests.bench.processes import Usage, run
from tests.corpus import write_corpus

ROWS, SLUG = 6_000, "corpus"  # three batches and a little
IMPORTED = {
    "entry": "SELECT id, subset, split, row, prompt, prompt_source, better_response_id, safer_response_id, "
    "content_key, occurrence, contradictions, length, withdrawn FROM entry ORDER BY id",
    "response": "SELECT * FROM response ORDER BY entry_id, position",
}


def read(data_dir: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(SQLITE.connect(f"file:{data_dir / 'review.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchall()


def assert_sound(data_dir: Path) -> None:
    """The command itself says so, of the file, the foreign keys, the search index, the reviews and the event log."""
    run("app", "check", data_dir=data_dir)


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


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def imported(undisturbed: Path, tmp_path: Path) -> Path:
    """A data folder of the test's own, with the corpus in it."""
    return shutil.copytree(undisturbed, tmp_path / "data")
