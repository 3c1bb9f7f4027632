"""The queue of a session's adjudicators, and what they have settled.

Of a session only the items of its sample count, once all their reviews are there or the session is closed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.adjudication.conflicts import Tally
from app.errors import NotFound
from app.models import (
    Adjudicates,
    Adjudication,
    Dataset,
    ItemKind,
    Participant,
    Review,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
    Verdict,
    VerdictKind,
)
from app.models.label_field import LABEL_FIELDS

_IN_ORDER = {name: place for place, name in enumerate(LABEL_FIELDS)}
_LOOKED_AT = 500  # of what waits: so many parameters every database takes
Disputed = tuple[int, str]  # entry id, label field


class Settled(NamedTuple):
    value: str  # canonical JSON
    error_kind: str
    reason: str | None


@dataclass(frozen=True)
class Waiting:
    """Entries of a queue. One is settled once all its disputed labels are."""

    waiting: int
    settled: int


@dataclass(frozen=True)
class Queued:
    entry_id: int
    disputed: tuple[str, ...]  # label fields, in their order
    settled: frozenset[str]  # of them

    @property
    def is_settled(self) -> bool:
        return self.settled.issuperset(self.disputed)


def get_session(db: Session, session_id: int) -> ReviewSession:
    session = db.get(ReviewSession, session_id)
    if session is None:
        raise NotFound(f"There is no review session {session_id}.")
    return session


def find_disputed(db: Session, session: ReviewSession) -> list[Disputed]:
    """In the order of the session's items; settled ones too."""
    adjudicates = Adjudicates(session.adjudicates)
    found = [
        (position, _IN_ORDER[label_field], entry_id, label_field)
        for position, entry_id, label_field, *counts in db.execute(_tallies(session))
        if Tally(*counts).is_disputed(adjudicates)
    ]
    return [(entry_id, label_field) for _, _, entry_id, label_field in sorted(found)]


def _tallies(session: ReviewSession) -> Select[int, int, str, int, int, int]:
    """Of labels that somebody disagrees with: without that there is no dispute."""
    disagrees = Verdict.verdict == VerdictKind.DISAGREE
    correction = func.coalesce(Verdict.corrected_value, "")
    return (
        select(
            func.min(SessionEntry.position),
            SessionEntry.entry_id,
            Verdict.label_field,
            func.count().filter(Verdict.verdict == VerdictKind.AGREE),
            func.count().filter(disagrees),
            func.count(correction.distinct()).filter(disagrees),
        )
        .join(Review, Review.item_id == SessionEntry.id)
        .join(Verdict, Verdict.review_id == Review.id)
        .where(
            *is_ready(session),
            Review.state == ReviewState.SUBMITTED,
            Verdict.outdated.is_(False),  # those speak of a value that is no longer there
            Verdict.label_field.in_(session.label_fields),
        )
        .group_by(SessionEntry.entry_id, Verdict.label_field)
        .having(func.count().filter(disagrees) > 0)
    )


def is_ready(session: ReviewSession) -> list[ColumnElement[bool]]:
    """Of items: nobody's review of them is to come."""
    wanted = [SessionEntry.session_id == session.id, SessionEntry.kind == ItemKind.SAMPLE]
    return wanted if session.state == SessionState.CLOSED else [*wanted, SessionEntry.done >= SessionEntry.wanted]


def find_settled(db: Session, session_id: int) -> dict[Disputed, Settled]:
    """Labels of the session's entries, wherever they were settled: an entry has one adjudicated label."""
    own = select(SessionEntry.entry_id).where(
        SessionEntry.session_id == session_id, SessionEntry.kind == ItemKind.SAMPLE
    )
    rows = db.execute(
        select(
            Adjudication.entry_id,
            Adjudication.label_field,
            Adjudication.value,
            Adjudication.error_kind,
            Adjudication.reason,
        ).where(Adjudication.entry_id.in_(own), Adjudication.reopened_at.is_(None))
    )
    return {
        (entry_id, label_field): Settled(value, error_kind, reason)
        for entry_id, label_field, value, error_kind, reason in rows
    }


def find_queue(db: Session, session: ReviewSession) -> list[Queued]:
    fields: dict[int, list[str]] = defaultdict(list)
    for entry_id, label_field in find_disputed(db, session):
        fields[entry_id].append(label_field)
    settled = find_settled(db, session.id) if fields else {}
    return [
        Queued(entry_id, tuple(names), frozenset(name for name in names if (entry_id, name) in settled))
        for entry_id, names in fields.items()
    ]


def count_waiting(db: Session, session_id: int) -> Waiting:
    return _counted(find_queue(db, get_session(db, session_id)))


def _counted(queue: Collection[Queued]) -> Waiting:
    settled = sum(1 for queued in queue if queued.is_settled)
    return Waiting(len(queue) - settled, settled)


def find_next(db: Session, session: ReviewSession, entry_id: int, reviewer_id: int) -> int | None:
    """The entry itself while labels of it wait, else the one after it that waits and that this person may settle."""
    queue = find_queue(db, session)
    place = next((place for place, queued in enumerate(queue) if queued.entry_id == entry_id), 0)
    waiting = [queued.entry_id for queued in [*queue[place:], *queue[:place]] if not queued.is_settled]
    owed = find_owed(db, reviewer_id, waiting[:_LOOKED_AT])
    return next((other for other in waiting if other not in owed), None)


def find_done(db: Session, reviewer_id: int, entry_id: int | None) -> int | None:
    """The entry, if this person has settled something of it and nobody has reopened that."""
    own = select(Adjudication.entry_id).where(
        Adjudication.entry_id == entry_id, Adjudication.reviewer_id == reviewer_id, Adjudication.reopened_at.is_(None)
    )
    return None if entry_id is None else db.scalar(own.limit(1))


@dataclass(frozen=True)
class SessionQueue:
    session: ReviewSession
    dataset: Dataset
    waiting: int
    settled: int


def find_queues(db: Session, within: Collection[int] | None = None) -> list[SessionQueue]:
    """Of all sessions that have begun, or of those of these datasets; the newest first."""
    wanted = (
        select(ReviewSession, Dataset)
        .join(Dataset, Dataset.id == ReviewSession.dataset_id)
        .where(ReviewSession.state != SessionState.DRAFT)
        .order_by(ReviewSession.id.desc())
    )
    if within is not None:
        wanted = wanted.where(ReviewSession.dataset_id.in_(within))
    found = []
    for session, dataset in db.execute(wanted):
        count = _counted(find_queue(db, session))
        found.append(SessionQueue(session, dataset, count.waiting, count.settled))
    return found


def find_owed(db: Session, reviewer_id: int, entry_ids: Iterable[int]) -> set[int]:
    """Entries of which somebody is still to give a review in a session that is not over."""
    own = and_(Review.item_id == SessionEntry.id, Review.reviewer_id == reviewer_id)
    return set(
        db.scalars(
            select(SessionEntry.entry_id)
            .join(ReviewSession, ReviewSession.id == SessionEntry.session_id)
            .join(Participant, Participant.session_id == ReviewSession.id)
            .where(
                SessionEntry.entry_id.in_(list(entry_ids)),
                SessionEntry.done < SessionEntry.wanted,
                or_(SessionEntry.only_reviewer_id.is_(None), SessionEntry.only_reviewer_id == reviewer_id),
                ReviewSession.state.in_([SessionState.OPEN, SessionState.PAUSED]),
                Participant.reviewer_id == reviewer_id,
                Participant.left_at.is_(None),
                ~select(Review.id).where(own, Review.state == ReviewState.SUBMITTED).exists(),
            )
        )
    )
