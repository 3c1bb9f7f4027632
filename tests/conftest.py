"""Settings and databases of a test's own: migrated once, copied per test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database, open_database
from app.operations.migrations import migrate
from app.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SAFERLHF_REVIEW_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    database = open_database(folder / "review.db")
    migrate(database, folder / "backups")
    database.close()
    return folder / "review.db"


@pytest.fixture
def settings(tmp_path: Path, migrated_file: Path) -> Settings:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    shutil.copy(migrated_file, data_dir / "review.db")
    return Settings(data_dir=data_dir, _env_file=None)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = open_database(settings.database_path)
    yield opened
    opened.close()
