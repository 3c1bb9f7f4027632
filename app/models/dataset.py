from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import JSON, Dialect, ForeignKey, Index, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now
from app.terms.taxonomy import Taxonomy


class TaxonomyJson(TypeDecorator[Taxonomy]):
    """Few texts are ever read, again and again."""

    impl = JSON  # as the column is declared; its text is read and written here
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Taxonomy | None], str]:  # noqa: ARG002
        return lambda taxonomy: orjson.dumps(taxonomy and taxonomy.to_json()).decode()

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], Taxonomy]:  # noqa: ARG002
        return _read_taxonomy


@lru_cache(maxsize=64)
def _read_taxonomy(text: str) -> Taxonomy:
    return Taxonomy.from_json(orjson.loads(text))


class Dataset(Base):
    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    source: Mapped[str]  # Hub name, or the path it was first imported from
    schema: Mapped[str]  # name of one in app.importing.schemas
    unit: Mapped[str]
    licence: Mapped[str | None]
    # Read when asked for: every page of every entry loads its dataset.
    citation: Mapped[str | None] = mapped_column(deferred=True, deferred_group="card")
    card: Mapped[str | None] = mapped_column(deferred=True, deferred_group="card")  # Markdown, as it came
    card_data: Mapped[dict[str, Any]] = mapped_column(default=dict, deferred=True, deferred_group="card")  # YAML head
    taxonomy: Mapped[Taxonomy] = mapped_column(TaxonomyJson)
    label_fields: Mapped[list[str]]
    data_version: Mapped[int] = mapped_column(default=0)  # of its latest change by an import
    created_at: Mapped[datetime] = mapped_column(default=now)


class ImportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"  # its process ended before its time
    CANCELLED = "cancelled"
    FAILED = "failed"  # the source cannot be imported; nothing, or nothing more, was written

    @property
    def is_over(self) -> bool:
        return self not in (ImportState.QUEUED, ImportState.RUNNING)


class DatasetImport(Base):
    """One run that reads a source, or, as a dry run, only says what it would do."""

    __tablename__ = "dataset_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    # None until the source is known to be good: a new dataset begins with its first import.
    dataset_id: Mapped[int | None] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str]  # the dataset's, or the one that was asked for
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)  # app.importing.requests.ImportRequest
    command: Mapped[str | None]  # as it was typed; None for an import from the browser
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    is_dry_run: Mapped[bool] = mapped_column(default=False)
    process_id: Mapped[int | None]
    source: Mapped[str]
    schema: Mapped[str | None]  # as it was said aloud: "PKU-SafeRLHF pairs, 19 categories, 2 splits"
    requested_revision: Mapped[str | None]
    revision: Mapped[str | None]  # the commit it resolved to; only real Hub loads have one
    subset: Mapped[str | None]
    splits: Mapped[list[str]]
    files: Mapped[list[dict[str, Any]]]  # name, sha256, rows
    versions: Mapped[dict[str, Any]] = mapped_column(default=dict)  # of the libraries that read it
    state: Mapped[str] = mapped_column(default=ImportState.QUEUED)
    bytes_read: Mapped[int] = mapped_column(default=0)
    bytes_total: Mapped[int] = mapped_column(default=0)
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_imported: Mapped[int] = mapped_column(default=0)
    rows_present: Mapped[int] = mapped_column(default=0)  # of them, some may have other labels now
    rows_rejected: Mapped[int] = mapped_column(default=0)
    rows_changed: Mapped[int] = mapped_column(default=0)  # entries with another label than before
    rows_withdrawn: Mapped[int] = mapped_column(default=0)
    rows_restored: Mapped[int] = mapped_column(default=0)  # withdrawn before, now there again
    reviews_outdated: Mapped[int] = mapped_column(default=0)
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)  # label field -> entries in which it changed
    warnings: Mapped[dict[str, Any]]  # sentence -> how many rows
    error: Mapped[str | None]
    requested_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class RejectedRow(Base):
    __tablename__ = "rejected_row"
    __table_args__ = (Index("ix_rejected_row_import_id", "import_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("dataset_import.id", ondelete="CASCADE"))
    file: Mapped[str]
    line: Mapped[int]
    reason: Mapped[str]
    raw: Mapped[str]  # cut to a bound


class LabelChange(Base):
    """A label that an import found to be another than before, or, as a dry run, would change."""

    __tablename__ = "label_change"
    __table_args__ = (Index("ix_label_change_import_id", "import_id", "label_field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("dataset_import.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    label_field: Mapped[str]
    old_value: Mapped[str]  # canonical JSON, as in verdicts
    new_value: Mapped[str]
