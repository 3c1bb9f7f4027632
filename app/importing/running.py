"""The work of an import: every batch compared and written, or, as a dry run, only compared."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from pyroaring import BitMap
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import Failed, InvalidInput
from app.importing.batches import Batch
from app.importing.checkpoints import Checkpoints
from app.importing.finishing import find_in_scope, mark_across_entries, withdraw
from app.importing.moving import move
from app.importing.outdating import count_outdated
from app.importing.plans import ReadingPlan
from app.importing.progress import ImportProgress, Reporter
from app.importing.reading_process import reading
from app.importing.recording import note_progress
from app.importing.requests import ImportRequest
from app.importing.writing import Compared, Target, compare_batch, write_batch, write_changes, write_rejected


def refuse_bad_rows(plan: ReadingPlan, progress: ImportProgress, on_progress: Reporter) -> None:
    """Reads all of it; raises Failed at the first bad row."""
    with reading(plan) as batches:
        for batch in batches:
            for bad in batch.bad:
                file = plan.files[bad.file].name
                progress.rows_rejected = 1
                raise Failed(f"{file}:{bad.number}: {bad.reason}. Nothing was imported, as --strict asks.")
            progress.bytes_read = batch.bytes_read
            on_progress(progress)
    progress.bytes_read = 0


def run_plan(
    database: Database,
    plan: ReadingPlan,
    target: Target,
    request: ImportRequest,
    progress: ImportProgress,
    on_progress: Reporter,
) -> None:
    with database.read() as db:
        before = find_in_scope(db, target)
    with (
        reading(plan) as batches,
        ThreadPoolExecutor(1) as ahead,
        Checkpoints(database) as checkpoints,
        _plain_errors(),
    ):
        batch = next(batches, None)
        if batch is not None and before and not request.keep_missing:
            _refuse_strangers(database, target, batch, len(before))
        while batch is not None:
            with database.read() as db:
                compared = compare_batch(db, target, batch)
            with database.write() as db:
                (_try if request.dry_run else _write)(db, target, batch, compared, progress)
                note_progress(db, target.import_id, progress)
                # Read while SQLite commits: that is half of the writing, and it leaves the interpreter free.
                following = ahead.submit(next, batches, None)
            checkpoints.make()
            on_progress(progress)
            batch = following.result()
    # Not when only a part of the source was wanted.
    if request.limit is None and not request.keep_missing:
        missing = before - target.seen
        if missing and not request.dry_run:
            missing = move(database, target, missing, progress)
        progress.rows_withdrawn = len(missing)
        withdraw(database, target, missing, dry_run=request.dry_run)
    if not request.dry_run:
        mark_across_entries(database, target)


def _write(db: Session, target: Target, batch: Batch, compared: Compared, progress: ImportProgress) -> None:
    outdated = write_batch(db, target, compared)
    _add_up(progress, batch, compared, outdated)


def _try(db: Session, target: Target, batch: Batch, compared: Compared, progress: ImportProgress) -> None:
    """Writes down what the batch would do, and does nothing."""
    write_rejected(db, target, compared.bad)
    write_changes(db, target.import_id, compared.revisions)
    _add_up(progress, batch, compared, count_outdated(db, compared.changed))


def _add_up(progress: ImportProgress, batch: Batch, compared: Compared, outdated: int) -> None:
    progress.bytes_read = batch.bytes_read
    progress.rows_read += len(batch)
    progress.rows_imported += len(compared.fresh)
    progress.rows_present += len(compared.revisions)
    progress.rows_rejected += len(compared.bad)
    progress.rows_changed += len(compared.changed)
    progress.rows_restored += sum(revision.entry.withdrawn for revision in compared.revisions)
    progress.reviews_outdated += outdated
    progress.changes.update(change.label_field for revision in compared.changed for change in revision.changed)
    progress.warnings.update(batch.warnings)
    progress.files += batch.files


def _refuse_strangers(database: Database, target: Target, batch: Batch, entries: int) -> None:
    """A file of another dataset would withdraw everything that is here."""
    with database.read() as db:
        if not batch.rows or compare_batch(db, replace(target, seen=BitMap()), batch).revisions:
            return
    splits = ", ".join(sorted({file.split for file in target.files}))
    raise InvalidInput(
        f"None of the first {len(batch.rows):,} rows is in the dataset, which has {entries:,} entries in {splits}. "
        "Another dataset gets another name (--as NAME); to add these rows and keep what is there: --keep-missing.",
        "source",
    )


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if "full" not in str(error.orig):
            raise
        raise Failed(
            "The disk is full. What was imported so far is kept; make room and run the same import again."
        ) from None
