"""Settings and databases of a test's own: migrated once, copied per test."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from app.db import Database, open_database
from app.main import create_app
from app.operations.migrations import migrate
from app.settings import Settings
from tests.commands import Run, run_apart, run_here
from tests.factories import import_file
from tests.team import CAST, add_account, sign_in


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SAFERLHF_REVIEW_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes a guesser long would take the tests as long."""
    monkeypatch.setattr("app.accounts.passwords.hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    database = open_database(folder / "review.db")
    migrate(database, folder / "backups")
    database.close()
    return folder / "review.db"


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    path = tmp_path_factory.mktemp("sample") / "review.db"
    shutil.copy(migrated_file, path)
    database = open_database(path)
    import_file(database, "sample")
    database.close()
    return path


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


@pytest.fixture
def sample(settings: Settings, sample_file: Path) -> None:
    """The bundled sample is in the database; name it before what opens the database."""
    shutil.copy(sample_file, settings.database_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A browser without JavaScript, in which nobody has given a name yet."""
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as opened:
        yield opened


@pytest.fixture
def alice(client: TestClient) -> TestClient:
    client.post("/reviewers", data={"name": "alice"}, follow_redirects=False)
    return client


@pytest.fixture
def bob(settings: Settings) -> Iterator[TestClient]:
    """Another browser on the same database."""
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as opened:
        opened.post("/reviewers", data={"name": "bob"}, follow_redirects=False)
        yield opened


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs the command on the test's database."""
    return run_here(settings)


@pytest.fixture
def run_in_own_process(settings: Settings) -> Run:
    """As `run`, where what a process brings along matters: its signals, or the variables libraries read once."""
    return run_apart(settings)


@pytest.fixture
def team(client: TestClient, database: Database) -> Callable[[str], TestClient]:
    """Team mode with one account for each of `tests.team.CAST`: `team("carol")` is the client with carol signed in."""
    ids = {name: add_account(database, name, role) for name, role in CAST.items()}

    def signed_in_as(name: str) -> TestClient:
        return sign_in(client, database, ids[name])

    return signed_in_as
