"""A dataset's guideline: its versions, and what changed from one to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Guideline, Reviewer

# Put together once: every save asks for it.
_NEWEST_ID = (
    select(Guideline.id)
    .where(Guideline.dataset_id == bindparam("dataset_id"))
    .order_by(Guideline.version.desc())
    .limit(1)
)
_VERSION = select(Guideline.version).where(Guideline.id == bindparam("id"))


@dataclass(frozen=True)
class Written:
    """One version: who wrote it, and when."""

    id: int
    version: int
    author: str | None
    at: datetime


@dataclass(frozen=True)
class ShownGuideline:
    written: Written
    body: str  # Markdown


def newest_guideline_id(db: Session, dataset_id: int) -> int | None:
    """Of the version that whoever reviews now is shown."""
    found: int | None = db.connection().scalar(_NEWEST_ID, {"dataset_id": dataset_id})
    return found


def find_version(db: Session, guideline_id: int) -> int | None:
    """The number by which people know it."""
    found: int | None = db.connection().scalar(_VERSION, {"id": guideline_id})
    return found


def find_versions(db: Session, dataset_id: int) -> Sequence[Written]:
    """The newest first."""
    wanted = _written().where(Guideline.dataset_id == dataset_id).order_by(Guideline.version.desc())
    return [Written(*row) for row in db.execute(wanted)]


def find_newest(db: Session, dataset_id: int) -> ShownGuideline | None:
    wanted = _with_body().where(Guideline.dataset_id == dataset_id).order_by(Guideline.version.desc()).limit(1)
    row = db.execute(wanted).first()
    return ShownGuideline(Written(*row[:-1]), row[-1]) if row else None


def get_version(db: Session, dataset_id: int, version: int) -> ShownGuideline:
    row = db.execute(_with_body().where(Guideline.dataset_id == dataset_id, Guideline.version == version)).first()
    if row is None:
        raise NotFound(f"The guideline of this dataset has no version {version}.")
    return ShownGuideline(Written(*row[:-1]), row[-1])


def _written() -> Select[int, int, str | None, datetime]:
    columns = (Guideline.id, Guideline.version, Reviewer.name, Guideline.created_at)
    return select(*columns).outerjoin(Reviewer, Reviewer.id == Guideline.created_by)


def _with_body() -> Select[int, int, str | None, datetime, str]:
    return _written().add_columns(Guideline.body)
