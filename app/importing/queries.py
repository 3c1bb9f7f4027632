from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.importing.contradictions import Copy
from app.models import Dataset, DatasetImport, Entry, RejectedRow, Response


def find_datasets(db: Session) -> Sequence[Dataset]:
    return db.scalars(select(Dataset).order_by(Dataset.title, Dataset.id)).all()


def get_dataset(db: Session, slug: str) -> Dataset:
    dataset = db.scalar(select(Dataset).where(Dataset.slug == slug))
    if dataset is None:
        known = ", ".join(db.scalars(select(Dataset.slug).order_by(Dataset.slug))) or "none yet"
        raise NotFound(f"There is no dataset {slug!r}. Datasets here: {known}.")
    return dataset


def get_import(db: Session, import_id: int) -> DatasetImport:
    record = db.get(DatasetImport, import_id)
    if record is None:
        raise NotFound(f"There is no import {import_id}.")
    return record


def get_dataset_of_import(db: Session, record: DatasetImport) -> Dataset:
    return db.get_one(Dataset, record.dataset_id)


def find_imports(db: Session, dataset_id: int) -> Sequence[DatasetImport]:
    """The newest first."""
    wanted = select(DatasetImport).where(DatasetImport.dataset_id == dataset_id)
    return db.scalars(wanted.order_by(DatasetImport.id.desc())).all()


def find_rejected(db: Session, import_id: int, limit: int = 1000) -> Sequence[RejectedRow]:
    wanted = select(RejectedRow).where(RejectedRow.import_id == import_id)
    return db.scalars(wanted.order_by(RejectedRow.id).limit(limit)).all()


def count_rejected_reasons(db: Session, import_id: int) -> dict[str, int]:
    wanted = select(RejectedRow.reason, func.count()).where(RejectedRow.import_id == import_id)
    rows = db.execute(wanted.group_by(RejectedRow.reason).order_by(func.count().desc(), RejectedRow.reason))
    return {reason: count for reason, count in rows}  # noqa: C416 - a Row is no pair to mypy


def count_entries(db: Session, dataset_id: int) -> int:
    return db.scalar(select(func.count()).where(Entry.dataset_id == dataset_id)) or 0


@dataclass(frozen=True)
class Existing:
    id: int
    content_key: bytes
    split: str
    subset: str | None
    seen_import_id: int


def find_existing(db: Session, dataset_id: int, keys: list[bytes]) -> list[Existing]:
    # Written out here: to expand a thousand keys takes SQLAlchemy longer than SQLite to look them up.
    marks = ", ".join("?" * len(keys))
    wanted = f"""
        SELECT id, content_key, split, subset, seen_import_id FROM entry
        WHERE dataset_id = ? AND content_key IN ({marks}) ORDER BY occurrence
    """  # noqa: S608 - only question marks are put in
    return [Existing(*row) for row in db.connection().exec_driver_sql(wanted, (dataset_id, *keys))]


def find_copies(db: Session, dataset_id: int) -> list[Copy]:
    """Entries that share prompt and responses with another one of the dataset."""
    keys = (
        select(Entry.content_key)
        .where(Entry.dataset_id == dataset_id)
        .group_by(Entry.content_key)
        .having(func.count() > 1)
    )
    labels = (Response.is_safe, Response.severity_level, Response.harm_categories)
    preferences = (Entry.better_response_id, Entry.safer_response_id)
    rows = db.execute(
        select(Entry.id, Entry.content_key, Entry.split, *preferences, *labels)
        .join(Response, Response.entry_id == Entry.id)
        .where(Entry.dataset_id == dataset_id, Entry.content_key.in_(keys))
        .order_by(Entry.id, Response.position)
    )
    copies: dict[int, Copy] = {}
    for entry_id, key, split, *found in rows:
        before = copies[entry_id].labels if entry_id in copies else ()
        copies[entry_id] = Copy(entry_id, key, split, before + tuple(found))
    return list(copies.values())
