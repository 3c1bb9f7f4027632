"""What is told of imports: how far they are, what came of them, and what they changed."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.importing.queries import count_rejected_reasons, find_dataset, find_rejected, get_import
from app.importing.queue import RESUMABLE, request_of
from app.importing.requests import ImportRequest
from app.importing.writing import WITHDRAWN
from app.models import Dataset, DatasetImport, ImportState, LabelChange, RejectedRow, Review, Reviewer, Verdict
from app.models.base import now
from app.models.label_field import fields_of
from app.models.review import ReviewState

_UNFINISHED = (ImportState.QUEUED, ImportState.RUNNING)
_SECONDS_TO_JUDGE_BY = 0.5  # before, a rate says nothing


@dataclass(frozen=True)
class ListedImport:
    record: DatasetImport
    dataset: str | None  # its title; None while there is no dataset of this name
    requester: str | None

    @property
    def is_over(self) -> bool:
        return ImportState(self.record.state).is_over

    @cached_property
    def request(self) -> ImportRequest:
        return request_of(self.record)

    @property
    def name(self) -> str:
        """Of what is imported: an uploaded file lies here under another name than it had."""
        return self.request.title or self.record.source

    @property
    def error(self) -> str | None:
        """Where an uploaded file lies here says nothing to whom it belongs."""
        error = self.record.error
        return error and error.replace(self.request.sources[0], self.name)

    @property
    def share(self) -> float | None:
        """Of its bytes that were read; None until their number is known."""
        total = self.record.bytes_total
        return min(self.record.bytes_read / total, 1.0) if total else None

    @property
    def rows_per_second(self) -> int | None:
        seconds = self._seconds()
        return round(self.record.rows_read / seconds) if seconds else None

    @property
    def seconds_left(self) -> int | None:
        seconds, share = self._seconds(), self.share
        return ceil(seconds * (1 - share) / share) if seconds and share else None

    def _seconds(self) -> float:
        """That it took to come this far."""
        started = self.record.started_at or self.record.requested_at
        seconds = ((self.record.finished_at or now()) - started).total_seconds()
        return seconds if seconds >= _SECONDS_TO_JUDGE_BY else 0.0


@dataclass(frozen=True)
class FieldChanges:
    name: str  # of a label field, or WITHDRAWN
    title: str
    count: int


@dataclass(frozen=True)
class ImportPage:
    """One import with everything that its page shows."""

    listed: ListedImport
    rejected: list[RejectedRow]
    reasons: dict[str, int]
    changes: list[FieldChanges]

    @property
    def record(self) -> DatasetImport:
        return self.listed.record

    @property
    def may_cancel(self) -> bool:
        return not self.listed.is_over

    @property
    def may_resume(self) -> bool:
        return self.record.state in RESUMABLE and not self.misses_upload

    @property
    def may_import_now(self) -> bool:
        return self.record.is_dry_run and self.record.state == ImportState.COMPLETE and not self.misses_upload

    @property
    def misses_upload(self) -> bool:
        """An uploaded file is kept for a while only."""
        request = self.listed.request
        return request.title is not None and not all(Path(source).exists() for source in request.sources)


@dataclass(frozen=True)
class ChangedLabel:
    id: int
    entry_id: int
    old_value: str
    new_value: str
    reviews: int  # that judged another value than the new one


def _listed(within: Collection[int] | None = None) -> Select[DatasetImport, str | None, str | None]:
    wanted = (
        select(DatasetImport, Dataset.title, Reviewer.name)
        .outerjoin(Dataset, Dataset.slug == DatasetImport.slug)
        .outerjoin(Reviewer, Reviewer.id == DatasetImport.requested_by)
    )
    return wanted if within is None else wanted.where(Dataset.id.in_(within))


def find_all_imports(
    db: Session, before: int | None, limit: int, within: Collection[int] | None = None
) -> list[ListedImport]:
    """The newest first; into all datasets, or into those of these ids."""
    wanted = _listed(within).order_by(DatasetImport.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(DatasetImport.id < before)
    return [ListedImport(*row) for row in db.execute(wanted)]


def find_unfinished_imports(db: Session, within: Collection[int] | None = None) -> list[ListedImport]:
    """In the order in which they have their turn."""
    wanted = _listed(within).where(DatasetImport.state.in_(_UNFINISHED)).order_by(DatasetImport.id)
    return [ListedImport(*row) for row in db.execute(wanted)]


def get_listed_import(db: Session, import_id: int) -> ListedImport:
    record = get_import(db, import_id)
    return ListedImport(*db.execute(_listed().where(DatasetImport.id == record.id)).one())


def get_import_page(db: Session, import_id: int) -> ImportPage:
    listed = get_listed_import(db, import_id)
    return ImportPage(
        listed,
        list(find_rejected(db, import_id)),
        count_rejected_reasons(db, import_id),
        _changes_of(listed.record, find_dataset(db, listed.record.slug)),
    )


def _changes_of(record: DatasetImport, dataset: Dataset | None) -> list[FieldChanges]:
    fields = fields_of(dataset) if dataset else ()
    changes = [FieldChanges(f.name, f.full_title, record.changes[f.name]) for f in fields if f.name in record.changes]
    gone_or_back = record.rows_withdrawn + record.rows_restored
    return [*changes, FieldChanges(WITHDRAWN, "Withdrawn or restored", gone_or_back)] if gone_or_back else changes


def count_before(db: Session, record: DatasetImport) -> int:
    wanted = select(func.count()).where(DatasetImport.state.in_(_UNFINISHED), DatasetImport.id < record.id)
    return db.scalar(wanted) or 0


def find_changes(db: Session, import_id: int, field: str, after: int, limit: int) -> list[ChangedLabel]:
    """In the order in which they were found, from the one that follows `after`."""
    judged = (
        select(func.count())
        .select_from(Verdict)
        .join(Review, Review.id == Verdict.review_id)
        .where(
            Review.entry_id == LabelChange.entry_id,
            Review.state == ReviewState.SUBMITTED,
            Verdict.label_field == LabelChange.label_field,
            Verdict.stored_value != LabelChange.new_value,
        )
        .scalar_subquery()
    )
    columns = (LabelChange.id, LabelChange.entry_id, LabelChange.old_value, LabelChange.new_value, judged)
    wanted = select(*columns).where(LabelChange.import_id == import_id, LabelChange.label_field == field)
    rows = db.execute(wanted.where(LabelChange.id > after).order_by(LabelChange.id).limit(limit))
    return [ChangedLabel(*row) for row in rows]
