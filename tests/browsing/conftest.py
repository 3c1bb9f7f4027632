import shutil
from pathlib import Path

import pytest

from app.db import open_database
from tests.browsing.reviewed_corpus import make_reviewed_corpus


@pytest.fixture(scope="session")
def reviewed_corpus_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """A database with the reviewed corpus, to be read or copied."""
    path = tmp_path_factory.mktemp("reviewed") / "review.db"
    shutil.copy(migrated_file, path)
    database = open_database(path)
    make_reviewed_corpus(database, tmp_path_factory.mktemp("corpus"))
    database.close()
    return path
