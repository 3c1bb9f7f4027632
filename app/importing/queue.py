"""Imports stand in line: what is asked for becomes a record, and a process of its own runs it when its turn comes.

Whoever is to run an import holds that import's file lock from before its record can be seen until its process ends.
So the lock alone says whether an import is alive, and the kernel sees to it that it never lies.
"""

import os
import signal
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Conflict
from app.importing.queries import get_import
from app.importing.requests import ImportRequest
from app.locks import is_taken, take_lock
from app.models import Dataset, DatasetImport, ImportState
from app.models.base import now
from app.models.event import DATA_VERSION, record_event, take

DIED = "the process ended before it was done"
RESUMABLE = (ImportState.INTERRUPTED, ImportState.CANCELLED, ImportState.FAILED)


def queue_import(
    database: Database, request: ImportRequest, *, requested_by: int | None = None, command: str | None = None
) -> tuple[int, int]:
    """Returns the import's id and the descriptor of its lock, which must stay open for as long as the import lives."""
    record = DatasetImport(
        slug=request.slug or "",
        request=request.to_json(),
        command=command,
        requested_by=requested_by,
        is_dry_run=request.dry_run,
        source=", ".join(request.sources),
        requested_revision=request.revision,
        subset=request.subset,
        splits=[],
        files=[],
        warnings={},
        state=ImportState.QUEUED,
    )
    with ExitStack() as unless_committed:
        with database.write() as db:
            db.add(record)
            db.flush()
            record_event(db, "import.queued", {"import": record.id, "source": record.source}, reviewer_id=requested_by)
            lock = take_lock(lock_path(database.path, record.id))  # the number is new: nobody has it
            unless_committed.callback(os.close, lock)
        unless_committed.pop_all()
    return record.id, lock


def lock_path(database_path: Path, import_id: int) -> Path:
    return database_path.with_name(f"import-{import_id}.lock")


def turn_path(database_path: Path) -> Path:
    """Of the lock that the import whose turn it is holds."""
    return database_path.with_name("import.turn")


def is_alive(database_path: Path, import_id: int) -> bool:
    """Whether some process is running this import, or waits to."""
    return is_taken(lock_path(database_path, import_id))


def mark_interrupted(database: Database) -> list[tuple[str, int]]:
    """Marks imports whose process is gone; returns (slug, rows read) of each, for the person who starts us."""
    unfinished = select(DatasetImport).where(DatasetImport.state.in_((ImportState.QUEUED, ImportState.RUNNING)))
    found = []
    with database.write() as db:
        for record in db.scalars(unfinished.order_by(DatasetImport.id)):
            if is_alive(database.path, record.id):
                continue
            close_import(db, record, ImportState.INTERRUPTED, DIED)
            lock_path(database.path, record.id).unlink(missing_ok=True)
            found.append((record.slug or record.source, record.rows_read))
    return found


def close_import(db: Session, record: DatasetImport, state: ImportState, error: str | None = None) -> None:
    """Its record says how it ended, and whoever has an index of its dataset makes a new one."""
    record.state, record.error, record.finished_at = state, error, now()
    data = {"import": record.id, "rows_imported": record.rows_imported, "rows_rejected": record.rows_rejected}
    record_event(db, f"import.{state}", data, dataset_id=record.dataset_id, reviewer_id=record.requested_by)
    if record.dataset_id is not None and not record.is_dry_run and state != ImportState.FAILED:
        db.get_one(Dataset, record.dataset_id).data_version = take(db, DATA_VERSION)


def cancel_import(database: Database, import_id: int, reviewer_id: int | None) -> None:
    """One that waits is cancelled at once; one that runs is asked to end, and says itself when it has."""
    with database.write() as db:
        record = get_import(db, import_id)
        if ImportState(record.state).is_over:
            raise Conflict(f"Import {import_id} is over already: {record.state}.")
        is_waiting = record.state == ImportState.QUEUED
        if is_waiting:
            record.state, record.finished_at = ImportState.CANCELLED, now()
        kind = "import.cancelled" if is_waiting else "import.cancel_requested"
        record_event(db, kind, {"import": import_id}, dataset_id=record.dataset_id, reviewer_id=reviewer_id)
        process_id = record.process_id
    if process_id is not None and is_alive(database.path, import_id):
        with suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGTERM)


def resume_import(database: Database, import_id: int, requested_by: int | None = None) -> tuple[int, int]:
    """Asks for the same again: rows that are in already are known by their texts, so nothing is added twice."""
    with database.read() as db:
        record = get_import(db, import_id)
    if record.state not in RESUMABLE:
        raise Conflict(f"Import {import_id} needs no resuming: it is {record.state}.")
    return queue_import(database, request_of(record), requested_by=requested_by)


def import_after_dry_run(database: Database, import_id: int, requested_by: int | None = None) -> tuple[int, int]:
    """Asks for what a dry run only tried."""
    with database.read() as db:
        record = get_import(db, import_id)
    if not record.is_dry_run or record.state != ImportState.COMPLETE:
        raise Conflict(f"Import {import_id} is no dry run that has ended well.")
    return queue_import(database, replace(request_of(record), dry_run=False), requested_by=requested_by)


def request_of(record: DatasetImport) -> ImportRequest:
    """As it was asked for, into the dataset that it went into."""
    request = ImportRequest.from_json({"sources": [record.source]} | record.request)
    return replace(request, slug=record.slug or request.slug)
