import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.db import Database
from app.importing.queries import get_import
from app.importing.queue import queue_import
from app.importing.requests import ImportRequest
from app.locks import file_lock
from app.models import ImportState
from app.settings import Settings
from tests.factories import import_rows, rows, write_jsonl


@pytest.fixture
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))


@pytest.fixture
def server_file(settings: Settings) -> Path:
    return write_jsonl(settings.importable_dir / "cats" / "train.jsonl", rows(3))


@pytest.fixture
def line(settings: Settings) -> Iterator[ExitStack]:
    """Another import runs for as long as this is open."""
    with ExitStack() as held:
        held.enter_context(file_lock(settings.data_dir / "import.turn"))
        yield held


@pytest.fixture
def running(database: Database, tmp_path: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """An import whose process is one that does nothing, but for holding the lock."""
    request = ImportRequest(sources=(str(tmp_path / "cats.jsonl"),), slug="cats")
    import_id, lock = queue_import(database, request, command="saferlhf-review import cats.jsonl --as cats")
    with subprocess.Popen(["sleep", "600"], pass_fds=(lock,)) as process:
        os.close(lock)
        with database.write() as db:
            record = get_import(db, import_id)
            record.state, record.started_at, record.process_id = ImportState.RUNNING, record.requested_at, process.pid
            record.bytes_read, record.bytes_total, record.rows_read, record.rows_rejected = 25, 100, 1234, 7
        yield import_id, process
        process.kill()
