"""Rows against rows: responses against the unit of their dataset, reviews against the event log."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.models import (
    Comment,
    Counter,
    Dataset,
    Entry,
    Event,
    Flag,
    Response,
    Review,
    ReviewState,
    SessionEntry,
    Verdict,
)
from app.models.event import ABOUT, DATA_VERSION, ENTRY_ID, EVENT_ID, NOTHING_BEFORE, chained_hash
from app.terms.unit import Unit

_BATCH = 1000
_VERDICT = ("label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason")


def check_responses(db: Session) -> Iterator[str]:
    for unit in Unit:
        weight = case((Response.position == 0, 1), (Response.position == 1, 2), else_=4)
        found = func.coalesce(func.sum(weight), 0)
        wrong = (
            select(Entry.id)
            .join(Dataset, Dataset.id == Entry.dataset_id)
            .outerjoin(Response, Response.entry_id == Entry.id)
            .where(Dataset.unit == unit)
            .group_by(Entry.id)
            .having(found != sum(1 << position for position in unit.positions))
            .order_by(Entry.id)
        )
        expected = " and ".join(f"response_{position}" for position in unit.positions) or "no response"
        for entry_id in db.scalars(wrong):
            yield f"Entry {entry_id} must have {expected}, no fewer and no more."


def check_event_log(db: Session) -> Iterator[str]:
    before = func.lag(Event.id, 1, 0).over(order_by=Event.id).label("before")
    numbered = select(Event.id, before).subquery()
    for event_id, previous in db.execute(select(numbered).where(numbered.c.id - numbered.c.before > 1)):
        yield _missing_events(previous + 1, event_id - 1)
    last, counter = db.scalar(select(func.max(Event.id))) or 0, _counters(db).get(EVENT_ID, 0)
    if last < counter:
        yield _missing_events(last + 1, counter)


def check_chain(db: Session) -> Iterator[str]:
    """What was changed behind our back breaks the chain where it stands, or right behind it."""
    columns = (Event.id, Event.at, Event.kind, *(getattr(Event, name) for name in ABOUT), Event.request_id, Event.data)
    previous = NOTHING_BEFORE
    for row in db.execute(select(*columns, Event.hash).order_by(Event.id).execution_options(yield_per=1000)):
        if chained_hash(previous, row._asdict()) != row.hash:
            yield f"Event {row.id} is not what was recorded, or the one before it was changed or taken away."
        previous = row.hash


def end_of_chain(db: Session) -> str:
    """Whoever notes it elsewhere can tell later whether the record was written anew, or cut off."""
    last = db.execute(select(Event.id, Event.hash).order_by(Event.id.desc()).limit(1)).one_or_none()
    return "no event yet" if last is None else f"last event {last.id}, its hash {last.hash.hex()}"


def _missing_events(first: int, last: int) -> str:
    return f"Event {first} is missing." if first == last else f"Events {first} to {last} are missing."


def check_reviews(db: Session) -> Iterator[str]:
    """Each review is what its last event says, and none is gone while its entry is there."""
    last_id = 0
    while True:
        wanted = select(Review).where(Review.id > last_id).order_by(Review.id).limit(_BATCH)
        reviews = db.scalars(wanted).all()
        if not reviews:
            break
        last_id = reviews[-1].id
        ids = [review.id for review in reviews]
        events, rows = _last_events(db, ids), _rows(db, reviews)
        for review in reviews:
            event = events.get(review.id)
            if event is None:
                yield f"Review {review.id} has no event."
            elif differences := _differences(rows[review.id], event.data.get("after")):
                yield f"Review {review.id} is not what event {event.id} says: {', '.join(differences)}."
        db.expunge_all()
    yield from _vanished(db)


def _last_events(db: Session, review_ids: list[int]) -> dict[int, Event]:
    last = select(func.max(Event.id)).where(Event.review_id.in_(review_ids), Event.kind.startswith("review."))
    events = db.scalars(select(Event).where(Event.id.in_(last.group_by(Event.review_id))))
    return {event.review_id: event for event in events if event.review_id is not None}


def _rows(db: Session, reviews: Sequence[Review]) -> dict[int, dict[str, Any]]:
    """What the tables say of each review, in the shape of an event's `after`."""
    ids, entry_ids = [review.id for review in reviews], [review.entry_id for review in reviews]
    verdicts = defaultdict(list)
    for verdict in db.scalars(select(Verdict).where(Verdict.review_id.in_(ids))):
        verdicts[verdict.review_id].append({name: getattr(verdict, name) for name in _VERDICT})
    comments = db.scalars(select(Comment).where(Comment.of_review, Comment.entry_id.in_(entry_ids)))
    bodies = {(comment.reviewer_id, comment.entry_id, comment.item_id): comment.body for comment in comments}
    flags = db.scalars(select(Flag).where(Flag.entry_id.in_(entry_ids)))
    kinds = {(flag.reviewer_id, flag.entry_id, flag.item_id): flag.kind for flag in flags}
    return {
        review.id: {
            "revision": review.revision,
            "state": review.state,
            "blind": review.blind,
            "shuffled": review.shuffled,
            "left_position": review.left_position,
            "first_answers": review.first_answers,
            "guideline_id": review.guideline_id,
            "seconds": review.active_seconds,
            "verdicts": verdicts[review.id],
            "comment": bodies.get((review.reviewer_id, review.entry_id, review.item_id), ""),
            "flagged": (review.reviewer_id, review.entry_id, review.item_id) in kinds,
            "flag": kinds.get((review.reviewer_id, review.entry_id, review.item_id), ""),
        }
        for review in reviews
    }


def _differences(rows: dict[str, Any], after: dict[str, Any] | None) -> list[str]:
    """Names of what differs; what an event does not mention cannot."""
    if after is None:
        return [] if rows["state"] == ReviewState.WITHDRAWN else ["it was withdrawn"]
    different = [name for name in rows if name != "verdicts" and after.get(name, rows[name]) != rows[name]]
    there, said = ({v["label_field"]: v for v in verdicts} for verdicts in (rows["verdicts"], after["verdicts"]))
    fields = sorted(there.keys() | said.keys())
    return different + [f"verdict on {field}" for field in fields if there.get(field) != said.get(field)]


def _vanished(db: Session) -> Iterator[str]:
    last = (
        select(func.max(Event.id))
        .join(Entry, Entry.id == Event.entry_id)  # a deleted dataset takes its reviews with it
        .where(
            Event.kind.startswith("review."), Event.review_id.is_not(None), Event.review_id.not_in(select(Review.id))
        )
        .group_by(Event.review_id)
    )
    for event in db.scalars(select(Event).where(Event.id.in_(last)).order_by(Event.id)):
        if event.data.get("after") is not None:
            yield f"Review {event.review_id} is gone; event {event.id} says it is there."


def check_sessions(db: Session) -> Iterator[str]:
    """Queues hand out by how many reviews an item has."""
    given = func.count(Review.id)
    submitted = (Review.item_id == SessionEntry.id) & (Review.state == ReviewState.SUBMITTED)
    wrong = (
        select(SessionEntry.id, SessionEntry.session_id, SessionEntry.done, given)
        .outerjoin(Review, submitted)
        .group_by(SessionEntry.id)
        .having(given != SessionEntry.done)
        .order_by(SessionEntry.id)
    )
    for item, session, done, there in db.execute(wrong):
        yield f"Item {item} of review session {session} counts {done} reviews, and has {there}."


def check_counters(db: Session) -> Iterator[str]:
    counters = _counters(db)
    for name in sorted({DATA_VERSION, ENTRY_ID, EVENT_ID} - counters.keys()):
        yield f"Counter {name} is missing."
    for name, id_column in ((ENTRY_ID, Entry.id), (EVENT_ID, Event.id)):
        last = db.scalar(select(func.max(id_column))) or 0
        if name in counters and counters[name] < last:
            yield f"Counter {name} stands at {counters[name]}, behind {last}, which was given out already."


def _counters(db: Session) -> dict[str, int]:
    return {counter.name: counter.value for counter in db.scalars(select(Counter))}
