"""What a reviewer has of an entry, what others have, and which reviews are the latest."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, func, select
from sqlalchemy.orm import Session, selectinload

from app.models import (
    Comment,
    Dataset,
    Decision,
    Draft,
    Entry,
    Flag,
    Review,
    Reviewer,
    ReviewState,
    Skip,
    SkipKind,
    Verdict,
)

_REVIEW = (
    select(Review)
    .where(
        Review.reviewer_id == bindparam("reviewer_id"),
        Review.entry_id == bindparam("entry_id"),
        Review.item_id == bindparam("item_id"),
    )
    .options(selectinload(Review.verdicts))
)


_SEEN = select(func.count()).where(
    Review.reviewer_id == bindparam("reviewer_id"),
    Review.entry_id == bindparam("entry_id"),
    Review.labels_seen_at.is_not(None),
)


def has_seen_labels(db: Session, reviewer_id: int, entry_id: int) -> bool:
    """In whatever review of theirs."""
    return bool(db.scalar(_SEEN, {"reviewer_id": reviewer_id, "entry_id": entry_id}))


def find_review(db: Session, reviewer_id: int, entry_id: int, item_id: int = 0) -> Review | None:
    """Outside of sessions, or for an item of one."""
    return db.scalar(_REVIEW, {"reviewer_id": reviewer_id, "entry_id": entry_id, "item_id": item_id})


def _mine(
    table: type[Comment] | type[Draft] | type[Flag] | type[Review] | type[Skip],
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.reviewer_id == bindparam("reviewer_id"), table.entry_id == bindparam("entry_id")


_ITEM: BindParameter[int] = bindparam("item_id")
_COMMENT = select(Comment.body).where(*_mine(Comment), Comment.item_id == _ITEM, Comment.of_review).scalar_subquery()
_FLAG = select(Flag.kind).where(*_mine(Flag), Flag.item_id == _ITEM).scalar_subquery()
_REMARKS = select(_COMMENT, _FLAG)
LATEST_DECISION = (
    select(Decision.id)
    .where(Decision.reviewer_id == bindparam("reviewer_id"), Decision.undone_at.is_(None))
    .order_by(Decision.id.desc())
    .limit(1)
    .scalar_subquery()
)
_STATE = select(
    _COMMENT,
    _FLAG,
    select(Review.id).where(*_mine(Review), Review.item_id == _ITEM).scalar_subquery(),
    select(Draft.updated_at).where(*_mine(Draft), Draft.item_id == _ITEM).scalar_subquery(),
    select(Skip.kind).where(*_mine(Skip)).scalar_subquery(),
    LATEST_DECISION,
)


def find_remarks(db: Session, reviewer_id: int, entry_id: int, item_id: int = 0) -> tuple[str, str]:
    """The comment of a reviewer's review and the kind of its flag, "" for none."""
    of = {"reviewer_id": reviewer_id, "entry_id": entry_id, "item_id": item_id}
    comment, flag = db.connection().execute(_REMARKS, of).one()
    return comment or "", flag or ""


class State(NamedTuple):
    """What a reviewer has of an entry."""

    comment: str
    flag: str
    review: Review | None
    draft: Draft | None
    is_put_off: bool
    decision: int | None  # the latest one, of any entry


def find_state(db: Session, reviewer: Reviewer, entry_id: int, item_id: int = 0) -> State:
    whose = {"reviewer_id": reviewer.id, "entry_id": entry_id, "item_id": item_id}
    comment, flag, review_id, drafted, skip, decision = db.connection().execute(_STATE, whose).one()
    # Most entries have neither yet.
    review = find_review(db, reviewer.id, entry_id, item_id) if review_id else None
    draft = db.get(Draft, (reviewer.id, entry_id, item_id)) if drafted else None
    return State(comment or "", flag or "", review, draft, not item_id and skip == SkipKind.PUT_OFF, decision)


_OTHERS = select(func.count()).where(
    Review.entry_id == bindparam("entry_id"),
    Review.state == ReviewState.SUBMITTED,
    Review.reviewer_id != bindparam("reviewer_id"),
)


def count_other_reviews(db: Session, entry_id: int, reviewer: Reviewer | None) -> int:
    about = {"entry_id": entry_id, "reviewer_id": reviewer.id if reviewer else 0}
    return db.connection().scalar(_OTHERS, about) or 0


@dataclass(frozen=True)
class LatestReview:
    entry_id: int
    dataset: str
    reviewer: str
    at: datetime
    agree: int
    disagree: int
    unsure: int


def find_latest_reviews(db: Session, within: Collection[int] | None = None, limit: int = 10) -> list[LatestReview]:
    """In all datasets, or in those of these ids."""
    wanted = (
        select(Review.id, Review.entry_id, Review.reviewer_id, Review.updated_at)
        .where(Review.state == ReviewState.SUBMITTED)
        .order_by(Review.updated_at.desc(), Review.id.desc())
        .limit(limit)
    )
    if within is not None:
        wanted = wanted.join(Entry, Entry.id == Review.entry_id).where(Entry.dataset_id.in_(within))
    latest = wanted.subquery()

    counts = [func.count(case((Verdict.verdict == verdict, 1))) for verdict in ("agree", "disagree", "unsure")]

    rows = db.execute(
        select(
            latest.c.entry_id,
            Dataset.title,
            Reviewer.name,
            latest.c.updated_at,
            *counts,
        )
        .join(Reviewer, Reviewer.id == latest.c.reviewer_id)
        .join(Entry, Entry.id == latest.c.entry_id)
        .join(Dataset, Dataset.id == Entry.dataset_id)
        .join(Verdict, Verdict.review_id == latest.c.id)
        .group_by(latest.c.id, latest.c.entry_id, Dataset.title, Reviewer.name, latest.c.updated_at)
        .order_by(latest.c.updated_at.desc(), latest.c.id.desc())
    )
    return [LatestReview(*row) for row in rows]


_DECISION = select(Decision.id).where(
    Decision.reviewer_id == bindparam("reviewer_id"), Decision.key == bindparam("key")
)


def find_decision(db: Session, reviewer: Reviewer, key: str | None) -> int | None:
    """Which the form with this key led to, if it has come before."""
    return None if key is None else db.scalar(_DECISION, {"reviewer_id": reviewer.id, "key": key})


@dataclass(frozen=True)
class Done:
    """What a reviewer has just done."""

    entry_id: int
    kind: str


_DONE = select(Decision.entry_id, Decision.kind).where(Decision.id == bindparam("id"))


def find_done(db: Session, decision: int | None, entry_id: str) -> Done | None:
    """None unless the decision is of that entry; `entry_id` is as it stands in the URL."""
    if decision is None or not entry_id:
        return None
    row = db.connection().execute(_DONE, {"id": decision}).first()
    return Done(int(entry_id), row[1]) if row and str(row[0]) == entry_id else None


@dataclass(frozen=True)
class LatestDecision:
    """One that its reviewer may still undo."""

    id: int
    kind: str
    entry_id: int | None  # None when it is about many
    entries: int
    slug: str
    dataset: str
    at: datetime


def find_latest_decisions(
    db: Session, reviewer: Reviewer, within: Collection[int] | None = None, limit: int = 5
) -> list[LatestDecision]:
    """In all datasets, or in those of these ids."""
    entries = Decision.last_event - Decision.id + 1
    columns = (Decision.id, Decision.kind, Decision.entry_id, entries, Dataset.slug, Dataset.title, Decision.at)
    wanted = (
        select(*columns)
        .join(Dataset, Dataset.id == Decision.dataset_id)
        .where(Decision.reviewer_id == reviewer.id, Decision.undone_at.is_(None))
        .order_by(Decision.id.desc())
        .limit(limit)
    )
    if within is not None:
        wanted = wanted.where(Dataset.id.in_(within))
    return [LatestDecision(*row) for row in db.execute(wanted)]
