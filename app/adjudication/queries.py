"""The queue of a session's adjudicators, and what they have settled.

Of a session only the items of its sample count, once all their reviews are there or the session is closed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app.adjudication.conflicts import tally
from app.browsing.memories import Memory
from app.importing.chunks import CHUNK
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
from app.sessions.holding import get_session

Disputed = tuple[int, str]  # entry id, label field
# Going through 50,000 reviews takes a third of a second, and settling one label changes nothing of it.
_disputed_in: Memory[list[Disputed]] = Memory(16, without="adjudication.")
_waiting_in: Memory["Waiting"] = Memory(64)
_IN_ORDER = {name: place for place, name in enumerate(LABEL_FIELDS)}


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


def find_disputed(db: Session, session: ReviewSession, *of: ColumnElement[bool]) -> list[Disputed]:
    """In the order of the session's items, settled ones too; all, or `of` some items."""
    if of:
        return _disputed(db, session, of)
    key = session.id, session.state, session.adjudicates, tuple(session.label_fields)
    return _disputed_in.remember(db, session.dataset_id, key, lambda: _disputed(db, session))


def _disputed(db: Session, session: ReviewSession, of: Sequence[ColumnElement[bool]] = ()) -> list[Disputed]:
    adjudicates, asked = Adjudicates(session.adjudicates), set(session.label_fields)
    said: dict[tuple[int, int, int, str], list[tuple[str, str | None]]] = defaultdict(list)
    for position, entry_id, label_field, verdict, corrected in db.connection().execute(_said(session, of)):
        said[position, entry_id, _IN_ORDER[label_field], label_field].append((verdict, corrected))
    return [
        (entry_id, label_field)
        for (_, entry_id, _, label_field), verdicts in sorted(said.items(), key=itemgetter(0))
        if label_field in asked and tally(verdicts).is_disputed(adjudicates)
    ]


def _said(session: ReviewSession, of: Sequence[ColumnElement[bool]]) -> Select[int, int, str, str, str | None]:
    """Verdicts on the labels that somebody disagrees with: without that there is no dispute, and most have none.

    An entry is one item of a sample. Outdated verdicts speak of a value that is no longer there.
    """
    given = Review.state == ReviewState.SUBMITTED, Verdict.outdated.is_(False)
    contradicted = (
        select(SessionEntry.id, SessionEntry.position, SessionEntry.entry_id, Verdict.label_field)
        .join(Review, Review.item_id == SessionEntry.id)
        .join(Verdict, Verdict.review_id == Review.id)
        .where(*is_ready(session), *of, *given, Verdict.verdict == VerdictKind.DISAGREE)
        .distinct()
        .cte()
        .prefix_with("MATERIALIZED", dialect="sqlite")
    )
    label = contradicted.c
    return (
        select(label.position, label.entry_id, label.label_field, Verdict.verdict, Verdict.corrected_value)
        .select_from(contradicted)
        .join(Review, Review.item_id == label.id)
        .join(Verdict, and_(Verdict.review_id == Review.id, Verdict.label_field == label.label_field))
        .where(*given)
    )


def is_ready(session: ReviewSession) -> list[ColumnElement[bool]]:
    """Of items: nobody's review of them is to come."""
    wanted = [SessionEntry.session_id == session.id, SessionEntry.kind == ItemKind.SAMPLE]
    return wanted if session.state == SessionState.CLOSED else [*wanted, SessionEntry.done >= SessionEntry.wanted]


def find_settled(db: Session, session_id: int, *of: ColumnElement[bool]) -> dict[Disputed, Settled]:
    """Labels of the session's entries, wherever they were settled: an entry has one adjudicated label."""
    own = select(SessionEntry.entry_id).where(
        SessionEntry.session_id == session_id, SessionEntry.kind == ItemKind.SAMPLE, *of
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


def find_queue(db: Session, session: ReviewSession, *of: ColumnElement[bool]) -> list[Queued]:
    fields: dict[int, list[str]] = defaultdict(list)
    for entry_id, label_field in find_disputed(db, session, *of):
        fields[entry_id].append(label_field)
    settled = find_settled(db, session.id, *of) if fields else {}
    return [
        Queued(entry_id, tuple(names), frozenset(name for name in names if (entry_id, name) in settled))
        for entry_id, names in fields.items()
    ]


def find_queued(db: Session, session: ReviewSession, entry_id: int) -> Queued | None:
    return next(iter(find_queue(db, session, SessionEntry.entry_id == entry_id)), None)


def count_waiting(db: Session, session_id: int) -> Waiting:
    return _count(db, get_session(db, session_id))


def _count(db: Session, session: ReviewSession) -> Waiting:
    key = session.id, session.state, session.adjudicates
    return _waiting_in.remember(db, session.dataset_id, key, lambda: _counted(find_queue(db, session)))


def _counted(queue: Collection[Queued]) -> Waiting:
    settled = sum(1 for queued in queue if queued.is_settled)
    return Waiting(len(queue) - settled, settled)


def find_next(db: Session, session: ReviewSession, entry_id: int, reviewer_id: int) -> int | None:
    """The next entry in the queue that waits and that this person may settle; after the last comes the first."""
    place = db.scalar(
        select(func.min(SessionEntry.position)).where(*is_ready(session), SessionEntry.entry_id == entry_id)
    )
    for part in (SessionEntry.position > place, SessionEntry.position < place):
        for among in _positions(db, session, part):
            waiting = [queued.entry_id for queued in find_queue(db, session, among) if not queued.is_settled]
            owed = find_owed(db, reviewer_id, waiting) if waiting else set()
            for other in waiting:
                if other not in owed:
                    return other
    return None


def _positions(db: Session, session: ReviewSession, part: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    """Conditions for a chunk of items each, in their order."""
    positions = select(SessionEntry.position).where(*is_ready(session), part).order_by(SessionEntry.position)
    after = -1
    while found := db.scalars(positions.where(SessionEntry.position > after).limit(CHUNK)).all():
        after = found[-1]
        yield SessionEntry.position.between(found[0], after)


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
        count = _count(db, session)
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
