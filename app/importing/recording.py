"""The record of an import, from the moment its turn comes until it is over."""

import os
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from typing import cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import ReviewError
from app.importing.preparing import Prepared
from app.importing.progress import ImportProgress
from app.importing.queries import find_dataset, get_import
from app.importing.queue import close_import, request_of
from app.importing.requests import ImportRequest
from app.importing.search_index import prepare_index
from app.models import Dataset, DatasetImport, ImportState
from app.models.base import now
from app.models.event import record_event
from app.models.label_field import LABEL_FIELDS

_LIBRARIES = ("saferlhf-review", "datasets", "huggingface-hub", "orjson", "pyarrow")

_RECORD = cast(Table, DatasetImport.__table__)
_NOTED = [*(field.name for field in fields(ImportProgress)), "updated_at"]
# Put together once, and of the table: an import asks for it hundreds of times.
_NOTE = (
    update(_RECORD)
    .where(_RECORD.c.id == bindparam("import_id"))
    .values({name: bindparam(name, type_=_RECORD.c[name].type) for name in _NOTED})
)


class Cancelled(KeyboardInterrupt):
    """Somebody asked the running import to end (SIGTERM)."""


def begin(database: Database, import_id: int) -> ImportRequest | None:
    """What was asked for; None when it was cancelled while it waited."""
    with database.write() as db:
        record = get_import(db, import_id)
        if record.state != ImportState.QUEUED:
            return None
        record.state, record.started_at, record.process_id = ImportState.RUNNING, now(), os.getpid()
        record.versions = _versions()
        return request_of(record)


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # pragma: no cover - a checkout that was not installed
            continue
    return found


def note_source(database: Database, import_id: int, prepared: Prepared, progress: ImportProgress) -> None:
    source = prepared.source
    with database.write() as db:
        record = get_import(db, import_id)
        dataset = find_dataset(db, prepared.slug)
        record.dataset_id = dataset.id if dataset else None
        record.slug = prepared.slug
        record.source, record.schema = source.location, prepared.schema
        record.revision, record.subset = source.revision, source.subset
        record.splits = source.splits
        record.bytes_total = progress.bytes_total


def begin_dataset(database: Database, import_id: int, prepared: Prepared) -> None:
    """The dataset that the import goes into is made when it is its first one."""
    layout, source = prepared.plan.layout, prepared.source
    with database.write() as db:
        dataset = find_dataset(db, prepared.slug)
        if dataset is None:
            dataset = Dataset(
                slug=prepared.slug,
                title=source.title_as(prepared.slug),
                source=source.location,
                schema=layout.schema,
                unit=layout.unit,
                taxonomy=layout.taxonomy,
                label_fields=[],
                card_data={},
            )
            db.add(dataset)
        dataset.label_fields = [f for f in LABEL_FIELDS if f in dataset.label_fields or f in layout.label_fields]
        if source.card.text or source.card.data:
            dataset.licence, dataset.card, dataset.card_data = source.card.licence, source.card.text, source.card.data
        db.flush()
        record = get_import(db, import_id)
        record.dataset_id = dataset.id
        prepare_index(db)
        data = {"import": import_id, "source": source.location}
        record_event(db, "import.started", data, dataset_id=dataset.id, reviewer_id=record.requested_by)


def note_progress(db: Session, import_id: int, progress: ImportProgress) -> None:
    db.execute(_NOTE, {**progress.columns(), "updated_at": now(), "import_id": import_id})


def complete(database: Database, import_id: int, progress: ImportProgress) -> None:
    with database.write() as db:
        note_progress(db, import_id, progress)
        close_import(db, get_import(db, import_id), ImportState.COMPLETE)


def end_early(database: Database, import_id: int, progress: ImportProgress, error: BaseException) -> None:
    """As far as it came stays, and its last batch has noted how far; when nothing was written, it has failed."""
    with database.write() as db:
        record = get_import(db, import_id)
        wrote = record.rows_imported + record.rows_present > 0
        if not wrote and not progress.rows_imported:  # else of a batch that was not committed
            note_progress(db, import_id, progress)
            db.refresh(record)
        if isinstance(error, Cancelled):
            close_import(db, record, ImportState.CANCELLED)
        elif isinstance(error, KeyboardInterrupt):
            close_import(db, record, ImportState.INTERRUPTED, "stopped by hand")
        else:
            message = error.message if isinstance(error, ReviewError) else type(error).__name__
            close_import(db, record, ImportState.INTERRUPTED if wrote else ImportState.FAILED, message)
