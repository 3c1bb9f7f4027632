from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now
from app.models.taxonomy import Taxonomy


class Dataset(Base):
    __tablename__ = "dataset"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    source: Mapped[str]  # Hub name, or the path it was first imported from
    unit: Mapped[str]  # pair; single and prompt come with their schemas
    licence: Mapped[str | None]
    citation: Mapped[str | None]
    card: Mapped[str | None]  # Markdown, as it came
    taxonomy_data: Mapped[dict[str, Any]] = mapped_column("taxonomy")
    label_fields: Mapped[list[str]]
    data_version: Mapped[int] = mapped_column(default=0)  # of its latest change by an import
    created_at: Mapped[datetime] = mapped_column(default=now)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        return Taxonomy.from_json(self.taxonomy_data)


class ImportState(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class DatasetImport(Base):
    __tablename__ = "dataset_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    source: Mapped[str]
    requested_revision: Mapped[str | None]
    revision: Mapped[str | None]  # the commit it resolved to; only real Hub loads have one
    subset: Mapped[str | None]
    splits: Mapped[list[str]]
    files: Mapped[list[dict[str, Any]]]  # name, sha256, rows
    state: Mapped[str] = mapped_column(default=ImportState.RUNNING)
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_imported: Mapped[int] = mapped_column(default=0)
    rows_present: Mapped[int] = mapped_column(default=0)
    rows_rejected: Mapped[int] = mapped_column(default=0)
    warnings: Mapped[dict[str, Any]]  # sentence -> how many rows
    error: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=now)
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
