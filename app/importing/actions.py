"""Imports a source: batch by batch, each its own transaction, so that reviewers never wait and a kill loses nothing.

Importing again, whole or from the middle, adds nothing: a row is known by its texts (matching.py). Entries keep their
identity and their reviews; what the source no longer has is withdrawn, never deleted.
"""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from app.db import Database
from app.errors import Busy
from app.importing.keys import Keys
from app.importing.preparing import Prepared, prepare
from app.importing.progress import ImportProgress, Reporter
from app.importing.queries import find_dataset, has_entries
from app.importing.queue import lock_path, mark_interrupted, queue_import, turn_path
from app.importing.reading import Limits
from app.importing.recording import begin, begin_dataset, complete, end_early, note_source
from app.importing.requests import ImportRequest
from app.importing.revising import Reviser
from app.importing.running import refuse_bad_rows, run_plan
from app.importing.writing import Target
from app.locks import file_lock

_LIMITS = Limits()
_NO_DATASET = 0


def import_source(
    database: Database,
    request: ImportRequest,
    *,
    prepared: Prepared | None = None,
    command: str | None = None,
    limits: Limits = _LIMITS,
    on_progress: Reporter = lambda _: None,
    on_wait: Callable[[], None] = lambda: None,
) -> int:
    """Returns the id of the finished import. A source that cannot be imported at all leaves no trace of itself."""
    prepared = prepared or prepare(database, request, limits)
    import_id, lock = queue_import(database, replace(request, slug=prepared.slug), command=command)
    try:
        run_import(database, import_id, prepared=prepared, limits=limits, on_progress=on_progress, on_wait=on_wait)
    finally:
        os.close(lock)
    return import_id


def run_import(
    database: Database,
    import_id: int,
    *,
    prepared: Prepared | None = None,
    limits: Limits = _LIMITS,
    on_progress: Reporter = lambda _: None,
    on_wait: Callable[[], None] = lambda: None,
) -> None:
    """Waits for its turn and runs a queued import, whose lock the caller holds.

    Raises what made it end early, once the record says so.
    """
    progress = ImportProgress()
    try:
        with _turn(database.path, on_wait):
            mark_interrupted(database)
            request = begin(database, import_id)
            if request is None:  # cancelled while it waited
                return
            _import(database, import_id, request, prepared or prepare(database, request, limits), progress, on_progress)
    except BaseException as error:
        with suppress(DBAPIError):  # on a full disk; the next start finds that nobody runs it
            end_early(database, import_id, progress, error)
        raise
    finally:
        lock_path(database.path, import_id).unlink(missing_ok=True)


def _import(
    database: Database,
    import_id: int,
    request: ImportRequest,
    prepared: Prepared,
    progress: ImportProgress,
    on_progress: Reporter,
) -> None:
    plan = prepared.plan
    progress.bytes_total = plan.bytes_total
    note_source(database, import_id, prepared, progress)
    if request.strict:
        refuse_bad_rows(plan, progress, on_progress)
    target = _target(database, import_id, request, prepared)
    with _nothing_collected():
        run_plan(database, plan, target, request, progress, on_progress)
    database.wait_for_the_disk()
    complete(database, import_id, progress)


def _target(database: Database, import_id: int, request: ImportRequest, prepared: Prepared) -> Target:
    if not request.dry_run:
        begin_dataset(database, import_id, prepared)
    with database.read() as db:
        dataset = find_dataset(db, prepared.slug)
        is_first = dataset is None or not has_entries(db, dataset.id)
    files, layout = prepared.plan.files, prepared.plan.layout
    has_all = dataset is None or set(dataset.label_fields) <= set(layout.label_fields)
    reviser = Reviser(layout.label_fields, dataset.taxonomy if dataset else layout.taxonomy, has_all)
    dataset_id = dataset.id if dataset else _NO_DATASET  # a dry run of what would be its first import
    return Target(import_id, dataset_id, files, reviser, keys=Keys() if is_first else None)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Rows come and go in no circles; to look for some in them again and again is 5 % of an import."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _turn(database_path: Path, on_wait: Callable[[], None]) -> Iterator[None]:
    """One import runs at a time; the others stand in line."""
    path = turn_path(database_path)
    with ExitStack() as held:
        try:
            held.enter_context(file_lock(path))
        except Busy:
            on_wait()
            held.enter_context(file_lock(path, wait=True))
        yield
