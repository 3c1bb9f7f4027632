"""Whose reviews are looked at, by whom, and what of them may be told."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import AliasedClass

from app.models import (
    Entry,
    ItemKind,
    Participant,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
    Verdict,
    VerdictKind,
)

SUBMITTED = Review.state == ReviewState.SUBMITTED
FIRST_TIME = or_(SessionEntry.kind.is_(None), SessionEntry.kind == ItemKind.SAMPLE)  # no practice, no repeats


def value_of(verdict: type[Verdict] | AliasedClass[Verdict]) -> ColumnElement[str]:
    """What a reviewer holds to be right; none where they are unsure."""
    return case(
        (verdict.verdict == VerdictKind.AGREE, verdict.stored_value),
        (verdict.verdict == VerdictKind.DISAGREE, verdict.corrected_value),
    )


def untold_of(
    review: type[Review] | AliasedClass[Review], verdict: type[Verdict] | AliasedClass[Verdict]
) -> ColumnElement[str]:
    """What they said without being told: of a blind review the first answer."""
    return case((review.blind, verdict.first_value), else_=value_of(verdict))


VALUE, UNTOLD = value_of(Verdict), untold_of(Review, Verdict)


@dataclass(frozen=True)
class Look:
    """At what one reviewer did in one dataset, or in one of its sessions."""

    reviewer_id: int
    dataset_id: int
    session_id: int | None
    is_own: bool  # by the reviewer themself
    sessions: frozenset[int]  # of which everybody's verdicts may be told
    only_judged_by: int | None  # who judges blind: of free reviews, those of entries that they have judged too

    @property
    def key(self) -> tuple[object, ...]:
        return self.reviewer_id, self.session_id, self.is_own, self.sessions, self.only_judged_by

    @property
    def is_here(self) -> ColumnElement[bool]:
        """Reviews joined with their entry and, where they have one, their item."""
        if self.session_id is not None:
            return SessionEntry.session_id == self.session_id
        return and_(Entry.dataset_id == self.dataset_id, Entry.withdrawn.is_(False))

    @property
    def is_told(self) -> ColumnElement[bool]:
        """What others said, and what was settled."""
        free: ColumnElement[bool] = SessionEntry.id.is_(None)
        if self.only_judged_by is not None:
            judged = select(Review.entry_id).where(
                Review.reviewer_id == self.only_judged_by, Review.item_id == 0, SUBMITTED
            )
            free = and_(free, Entry.id.in_(judged))
        return or_(free, SessionEntry.session_id.in_(self.sessions))

    def mine(self, *columns: Any, is_told: bool) -> Select[*tuple[Any, ...]]:
        """Of verdicts of the reviewer, `is_told`: such as others may know of."""
        found = with_entries(select(*columns).select_from(Review)).join(Verdict, Verdict.review_id == Review.id)
        found = found.where(Review.reviewer_id == self.reviewer_id, SUBMITTED, self.is_here)
        return found.where(self.is_told) if is_told or not self.is_own else found

    def reviews(self, *columns: Any) -> Select[*tuple[Any, ...]]:
        """Of reviews of the reviewer, whatever they say."""
        found = with_entries(select(*columns).select_from(Review))
        practice = SessionEntry.kind == ItemKind.PRACTICE
        real = or_(SessionEntry.id.is_(None), practice.is_(False))
        return found.where(Review.reviewer_id == self.reviewer_id, SUBMITTED, self.is_here, real)


def with_entries(found: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return found.join(Entry, Entry.id == Review.entry_id).outerjoin(SessionEntry, SessionEntry.id == Review.item_id)


def find_told_sessions(db: Session, dataset_id: int, viewer: Reviewer | None, *, leads: bool) -> frozenset[int]:
    """Those that are over; of others only who leads and has no part in them, nor judges blind, may know anything."""
    over = ReviewSession.state == SessionState.CLOSED
    if leads and not (viewer is not None and viewer.is_blind):
        part = select(Participant.session_id).where(
            Participant.reviewer_id == (viewer.id if viewer else 0), Participant.left_at.is_(None)
        )
        over = or_(over, ReviewSession.id.not_in(part))
    return frozenset(db.scalars(select(ReviewSession.id).where(ReviewSession.dataset_id == dataset_id, over)))


def look(
    db: Session, reviewer_id: int, dataset_id: int, session_id: int | None, viewer: Reviewer | None, *, leads: bool
) -> Look:
    is_own = viewer is not None and viewer.id == reviewer_id
    return Look(
        reviewer_id,
        dataset_id,
        session_id,
        is_own,
        find_told_sessions(db, dataset_id, viewer, leads=leads),
        viewer.id if viewer is not None and viewer.is_blind and not is_own else None,
    )
