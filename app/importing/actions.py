"""Imports a source: batch by batch, each its own transaction, so that reviewers never wait and a kill loses nothing.

Identity: the n-th row with some texts in a split is the n-th entry with them there. `seen_import_id` says which
entries this import has met already, so importing again, whole or from the middle, adds nothing.
"""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import InvalidInput, NotFound, ReviewError
from app.importing.batches import Item, next_batch, read_rows
from app.importing.contradictions import contradictions_across
from app.importing.lines import LineReader
from app.importing.mapping import label_fields_of
from app.importing.progress import ImportProgress, Reporter
from app.importing.queries import find_copies, get_dataset
from app.importing.search_index import prepare_index
from app.importing.sources import Source
from app.importing.taxonomies import PKU_SAFERLHF
from app.importing.writing import write_batch
from app.locks import file_lock
from app.models import Contradiction, Dataset, DatasetImport, Entry, ImportState, Taxonomy
from app.models.base import now
from app.models.contradiction import ACROSS_ENTRIES
from app.models.event import DATA_VERSION, record_event, take

_ROWS_LOOKED_AT = 100  # to know the columns


def import_source(
    database: Database,
    source: Source,
    *,
    slug: str | None = None,
    limit: int | None = None,
    on_progress: Reporter = lambda _: None,
) -> int:
    """Returns the id of the finished import; raises Failed and keeps the batches before, marked as interrupted."""
    slug = slug or source.slug
    with _import_lock(database.path, slug):
        mark_interrupted(database, slug)
        label_fields = _label_fields(source)
        with database.write() as db:
            import_id, taxonomy = _begin(db, slug, source, label_fields)
        progress = ImportProgress(sum(file.path.stat().st_size for file in source.files))
        try:
            with _nothing_collected_twice():
                items = read_rows(source, taxonomy, progress, limit)
                files = _read_in(database, import_id, items, progress, on_progress)
            with database.write() as db:
                _finish(db, import_id, progress, files, ImportState.COMPLETE)
        except BaseException as error:
            with database.write() as db:
                _finish(db, import_id, progress, [], ImportState.INTERRUPTED, error=_plain(error))
            raise
    return import_id


@contextmanager
def _nothing_collected_twice() -> Iterator[None]:
    """Keeps the garbage collector from going through every loaded module again and again: 5 % of an import."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _import_lock(database_path: Path, slug: str) -> AbstractContextManager[None]:
    return file_lock(database_path.with_name(f"import-{slug}.lock"), busy=f"An import into {slug} is running already.")


def _plain(error: BaseException) -> str:
    if isinstance(error, ReviewError):
        return error.message
    return "stopped by hand" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def mark_interrupted(database: Database, slug: str | None = None) -> list[tuple[str, int]]:
    """Marks imports whose process is gone; returns (slug, rows read) of each, for the person who starts us."""
    found = []
    with database.write() as db:
        running = select(DatasetImport, Dataset.slug).join(Dataset, Dataset.id == DatasetImport.dataset_id)
        for record, its_slug in db.execute(running.where(DatasetImport.state == ImportState.RUNNING)):
            if its_slug != slug and _is_alive(database.path, its_slug):
                continue
            _close_import(db, record, ImportState.INTERRUPTED, error="the process ended before it was done")
            found.append((its_slug, record.rows_read))
    return found


def _is_alive(database_path: Path, slug: str) -> bool:
    try:
        with _import_lock(database_path, slug):
            return False
    except ReviewError:
        return True


def _label_fields(source: Source) -> list[str]:
    """Which labels the source has; raises InvalidInput when its rows are no pairs at all."""
    columns: set[str] = set()
    for file in source.files:
        reader = LineReader(file.path)
        for line in islice(reader, _ROWS_LOOKED_AT):
            columns.update(line.row or ())
    if columns and not {"prompt", "response_0", "response_1"} <= columns:
        found = ", ".join(sorted(name[:40] for name in columns)[:20])
        raise InvalidInput(
            f"{source.location}: these are no pairs of the PKU-SafeRLHF schema. "
            f"Needed are prompt, response_0 and response_1; found: {found}.",
            "source",
        )
    if not columns:
        raise InvalidInput(f"{source.location}: holds no row that can be read.", "source")
    return label_fields_of(columns)


def _begin(db: Session, slug: str, source: Source, label_fields: list[str]) -> tuple[int, Taxonomy]:
    try:
        dataset = get_dataset(db, slug)
        dataset.label_fields = [
            *dataset.label_fields,
            *(f for f in label_fields if f not in dataset.label_fields),
        ]
    except NotFound:
        dataset = Dataset(
            slug=slug,
            title=source.title_as(slug),
            source=source.location,
            schema="pku-pairs",
            unit="pair",
            licence=source.card.licence,
            card=source.card.text,
            taxonomy_data=PKU_SAFERLHF.to_json(),
            label_fields=label_fields,
        )
        db.add(dataset)
        db.flush()
    record = DatasetImport(
        dataset_id=dataset.id,
        slug=slug,
        request={"sources": [source.location]},
        versions={},
        changes={},
        state=ImportState.RUNNING,
        started_at=now(),
        source=source.location,
        requested_revision=source.requested_revision,
        revision=source.revision,
        subset=source.subset,
        splits=sorted({file.split for file in source.files}),
        files=[],
        warnings={},
    )
    db.add(record)
    db.flush()
    prepare_index(db)
    record_event(db, "import.started", {"import": record.id, "source": source.location}, dataset_id=dataset.id)
    return record.id, dataset.taxonomy


def _read_in(
    database: Database, import_id: int, items: Iterator[Item], progress: ImportProgress, on_progress: Reporter
) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    batch = next_batch(items)
    with ThreadPoolExecutor(1) as reader:
        while len(batch):
            with database.write() as db:
                write_batch(db, import_id, batch, progress)
                # Read while SQLite commits: that is half of the writing, and it leaves the interpreter free.
                following = reader.submit(next_batch, items)
            on_progress(progress)
            files += batch.files
            batch = following.result()
    return files


def _finish(
    db: Session,
    import_id: int,
    progress: ImportProgress,
    files: list[dict[str, Any]],
    state: ImportState,
    error: str | None = None,
) -> None:
    record = db.get_one(DatasetImport, import_id)
    record.files = files
    record.warnings = dict(progress.warnings)
    assert record.dataset_id is not None  # noqa: S101 - a running import has one
    _mark_across_entries(db, record.dataset_id)
    _close_import(db, record, state, error)


def _close_import(db: Session, record: DatasetImport, state: ImportState, error: str | None) -> None:
    record.state = state
    record.error = error
    record.finished_at = now()
    data = {"import": record.id, "rows_imported": record.rows_imported, "rows_rejected": record.rows_rejected}
    record_event(db, f"import.{state}", data, dataset_id=record.dataset_id)
    db.get_one(Dataset, record.dataset_id).data_version = take(db, DATA_VERSION)


def _mark_across_entries(db: Session, dataset_id: int) -> None:
    found = contradictions_across(find_copies(db, dataset_id))
    has_some = Entry.contradictions.bitwise_and(int(ACROSS_ENTRIES)) != 0
    stale = select(Entry.id).where(Entry.dataset_id == dataset_id, has_some)
    for entry_id in {*db.scalars(stale), *found}:
        cleared = Entry.contradictions.bitwise_and(~int(ACROSS_ENTRIES))
        bits = int(found.get(entry_id, Contradiction(0)))
        db.execute(update(Entry).where(Entry.id == entry_id).values(contradictions=cleared.bitwise_or(bits)))
