"""Which sessions there are, who owes what in them, and how far they are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from app.browsing.memories import Memory
from app.models import (
    Dataset,
    ItemKind,
    Participant,
    Reservation,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
)
from app.models.base import now

_done_in: Memory[dict[int, int]] = Memory(64)
_strata_in: Memory[tuple["StratumProgress", ...]] = Memory(64)


@dataclass(frozen=True)
class SessionRow:
    session: ReviewSession
    dataset: str
    done: int  # reviews
    wanted: int

    @property
    def share(self) -> float:
        return self.done / self.wanted if self.wanted else 1.0


def find_sessions(db: Session, within: Collection[int] | None, of_reviewer: int | None = None) -> Sequence[SessionRow]:
    """The newest first; of the datasets of these ids, and of one reviewer, where that is asked for."""
    done, wanted = func.sum(SessionEntry.done), func.sum(SessionEntry.wanted)
    rows = (
        select(ReviewSession, Dataset.title, func.coalesce(done, 0), func.coalesce(wanted, 0))
        .join(Dataset, Dataset.id == ReviewSession.dataset_id)
        .outerjoin(SessionEntry, SessionEntry.session_id == ReviewSession.id)
        .group_by(ReviewSession.id, Dataset.title)
        .order_by(ReviewSession.id.desc())
    )
    if within is not None:
        rows = rows.where(ReviewSession.dataset_id.in_(within))
    if of_reviewer is not None:
        mine = exists().where(Participant.session_id == ReviewSession.id, Participant.reviewer_id == of_reviewer)
        rows = rows.where(mine)
    return [SessionRow(*row) for row in db.execute(rows)]


@dataclass(frozen=True)
class Owed:
    session_id: int
    name: str
    due_on: date | None
    mine: int  # reviews submitted
    left: int  # that are theirs to give at most: others may come first


def find_owed(db: Session, reviewer_id: int) -> list[Owed]:
    """In open sessions that the reviewer takes part in."""
    submitted = exists().where(
        Review.item_id == SessionEntry.id, Review.reviewer_id == reviewer_id, Review.state == ReviewState.SUBMITTED
    )
    is_open = and_(
        SessionEntry.done < SessionEntry.wanted,
        or_(SessionEntry.only_reviewer_id.is_(None), SessionEntry.only_reviewer_id == reviewer_id),
    )
    rows = (
        select(
            ReviewSession.id,
            ReviewSession.name,
            ReviewSession.due_on,
            func.sum(case((submitted, 1), else_=0)),
            func.sum(case((and_(is_open, ~submitted), 1), else_=0)),
        )
        .join(Participant, Participant.session_id == ReviewSession.id)
        .join(SessionEntry, SessionEntry.session_id == ReviewSession.id)
        .where(
            Participant.reviewer_id == reviewer_id,
            Participant.left_at.is_(None),
            ReviewSession.state == SessionState.OPEN,
        )
        .group_by(ReviewSession.id)
        .order_by(ReviewSession.due_on.is_(None), ReviewSession.due_on, ReviewSession.id)
    )
    return [Owed(*row) for row in db.execute(rows)]


@dataclass(frozen=True)
class PersonProgress:
    id: int
    name: str
    has_left: bool
    done: int
    reserved: int
    put_off: int


@dataclass(frozen=True)
class StratumProgress:
    name: str
    entries: int
    finished: int  # entries with all their reviews
    done: int
    wanted: int


@dataclass(frozen=True)
class Progress:
    people: tuple[PersonProgress, ...]
    strata: tuple[StratumProgress, ...]

    @property
    def done(self) -> int:
        return sum(stratum.done for stratum in self.strata)

    @property
    def wanted(self) -> int:
        return sum(stratum.wanted for stratum in self.strata)

    @property
    def is_finished(self) -> bool:
        return self.done >= self.wanted


_KINDS = {ItemKind.REPEAT: "second time", ItemKind.PRACTICE: "practice"}


def find_progress(db: Session, session: ReviewSession) -> Progress:
    """How much, and nothing of what was said."""
    strata = _strata_in.remember(db, session.dataset_id, (session.id,), lambda: tuple(_strata(db, session)))
    return Progress(tuple(_people(db, session)), strata)


def _people(db: Session, session: ReviewSession) -> list[PersonProgress]:
    done = _done_in.remember(db, session.dataset_id, (session.id,), lambda: _count_done(db, session))
    held = select(func.count()).where(Reservation.session_id == session.id, Reservation.reviewer_id == Reviewer.id)
    live = held.where(Reservation.skipped_at.is_(None), Reservation.until > now()).correlate(Reviewer)
    put_off = held.where(Reservation.skipped_at.is_not(None)).correlate(Reviewer)
    rows = (
        select(
            Reviewer.id,
            Reviewer.name,
            Participant.left_at.is_not(None),
            live.scalar_subquery(),
            put_off.scalar_subquery(),
        )
        .join(Participant, Participant.reviewer_id == Reviewer.id)
        .where(Participant.session_id == session.id)
        .order_by(Reviewer.name_key)
    )
    return [
        PersonProgress(reviewer_id, name, has_left, done.get(reviewer_id, 0), reserved, skipped)
        for reviewer_id, name, has_left, reserved, skipped in db.execute(rows)
    ]


def _count_done(db: Session, session: ReviewSession) -> dict[int, int]:
    """Reviews by their reviewer."""
    counts = (
        select(Review.reviewer_id, func.count())
        .join(SessionEntry, SessionEntry.id == Review.item_id)
        .where(SessionEntry.session_id == session.id, Review.state == ReviewState.SUBMITTED)
        .group_by(Review.reviewer_id)
    )
    return dict(db.execute(counts).all())


def _strata(db: Session, session: ReviewSession) -> list[StratumProgress]:
    finished = func.sum(case((SessionEntry.done >= SessionEntry.wanted, 1), else_=0))
    counts = (func.count(), finished, func.sum(SessionEntry.done), func.sum(SessionEntry.wanted))
    rows = (
        select(SessionEntry.kind, SessionEntry.stratum, *counts)
        .where(SessionEntry.session_id == session.id)
        .group_by(SessionEntry.kind, SessionEntry.stratum)
        .order_by(SessionEntry.kind.desc(), SessionEntry.stratum)
    )
    merged: dict[str, StratumProgress] = {}
    for kind, stratum, *numbers in db.execute(rows):
        name = _KINDS.get(kind, stratum or "all")
        found = merged.get(name, StratumProgress(name, 0, 0, 0, 0))
        old = (found.entries, found.finished, found.done, found.wanted)
        merged[name] = StratumProgress(name, *(one + more for one, more in zip(old, numbers, strict=True)))
    return list(merged.values())


@dataclass(frozen=True)
class OpenItem:
    """One that waits for a review."""

    id: int
    entry_id: int
    kind: str
    done: int
    wanted: int
    only: str | None  # the name of who alone may review it


def find_open_items(db: Session, session: ReviewSession, limit: int = 50) -> list[OpenItem]:
    """Those that lack most first."""
    lacks = SessionEntry.wanted - SessionEntry.done
    columns = (SessionEntry.id, SessionEntry.entry_id, SessionEntry.kind, SessionEntry.done, SessionEntry.wanted)
    rows = (
        select(*columns, Reviewer.name)
        .outerjoin(Reviewer, Reviewer.id == SessionEntry.only_reviewer_id)
        .where(SessionEntry.session_id == session.id, lacks > 0)
        .order_by(lacks.desc(), SessionEntry.position)
        .limit(limit)
    )
    return [OpenItem(*row) for row in db.execute(rows)]
