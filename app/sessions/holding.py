"""Whose an item of a session is, and under which conditions it is judged."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Forbidden, NotFound
from app.models import (
    Dataset,
    ItemKind,
    Participant,
    Reservation,
    Review,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
)
from app.models.base import now
from app.models.label_field import decode_value, fields_of
from app.reviewing.tasks import Task
from app.sessions.queue import extend

_ITEM = (
    select(SessionEntry, ReviewSession)
    .join(ReviewSession, ReviewSession.id == SessionEntry.session_id)
    .where(SessionEntry.id == bindparam("item"))
)
_MINE = select(
    select(func.count())
    .where(Reservation.item_id == bindparam("item"), Reservation.reviewer_id == bindparam("reviewer"))
    .scalar_subquery(),
    select(func.count())
    .where(
        Review.item_id == bindparam("item"),
        Review.reviewer_id == bindparam("reviewer"),
    )
    .scalar_subquery(),
    select(func.count())
    .where(
        Participant.session_id == bindparam("session"),
        Participant.reviewer_id == bindparam("reviewer"),
        Participant.left_at.is_(None),
    )
    .scalar_subquery(),
)
_OTHERS = select(
    select(func.count())
    .where(
        Reservation.item_id == bindparam("item"),
        Reservation.reviewer_id != bindparam("reviewer"),
        Reservation.until > bindparam("now"),
        Reservation.skipped_at.is_(None),
    )
    .scalar_subquery(),
    select(func.count())
    .where(
        Review.item_id == bindparam("item"),
        Review.reviewer_id != bindparam("reviewer"),
        Review.state == ReviewState.SUBMITTED,
    )
    .scalar_subquery(),
    select(func.count())
    .where(
        Review.item_id == bindparam("item"),
        Review.reviewer_id == bindparam("reviewer"),
        Review.state == ReviewState.SUBMITTED,
    )
    .scalar_subquery(),
    select(func.count())
    .where(
        Reservation.item_id == bindparam("item"),
        Reservation.reviewer_id == bindparam("reviewer"),
        Reservation.until > bindparam("now"),
    )
    .scalar_subquery(),
)


def get_session(db: Session, session_id: int) -> ReviewSession:
    session = db.get(ReviewSession, session_id)
    if session is None:
        raise NotFound(f"There is no review session {session_id}.")
    return session


def find_task(db: Session, reviewer_id: int, entry_id: int, item_id: int) -> Task:
    """Raises NotFound, Forbidden or Conflict where the item is not the reviewer's to judge now."""
    found = db.execute(_ITEM, {"item": item_id}).one_or_none()
    if found is None or found[0].entry_id != entry_id:
        raise NotFound(f"Entry {entry_id} is no item {item_id} of a review session.")
    item, session = found
    about = {"item": item_id, "reviewer": reviewer_id, "session": session.id}
    reserved, reviewed, takes_part = db.execute(_MINE, about).one()
    if not takes_part:
        raise Forbidden(f"You do not take part in the review session “{session.name}”.")
    if session.state != SessionState.OPEN:
        raise Conflict(f"The review session “{session.name}” is {session.state}; nothing can be reviewed in it now.")
    if not (reserved or reviewed):
        raise Forbidden("This item was not handed out to you. Go on with “Review” on the page of the session.")
    return Task(
        item_id=item_id,
        session_id=session.id,
        session=session.name,
        is_blind=session.is_blind,
        shuffles=session.shuffles,
        label_fields=frozenset(session.label_fields),
        guideline_id=session.guideline_id,
        is_practice=item.kind == ItemKind.PRACTICE,
    )


def hold(db: Session, item_id: int, reviewer_id: int) -> None:
    """Before a save: raises Conflict when the reservation ran out and others have the item by now."""
    about = {"item": item_id, "reviewer": reviewer_id, "now": now()}
    held, submitted, is_mine, is_held = db.execute(_OTHERS, about).one()
    if is_mine or is_held:
        extend(db, item_id, reviewer_id)
        return
    item = db.get_one(SessionEntry, item_id)
    if held + submitted >= item.wanted:
        raise Conflict(
            "You were away for long, and this entry was given to somebody else meanwhile. What you typed is kept as a "
            "draft; go on with the next entry of the session."
        )
    extend(db, item_id, reviewer_id)


@dataclass(frozen=True)
class Lesson:
    """What there is to learn from a practice item, once it is answered."""

    explanation: str
    answers: tuple[tuple[str, str], ...]  # titles of labels, and the values in words


def find_lesson(db: Session, task: Task) -> Lesson:
    item = db.get_one(SessionEntry, task.item_id)
    dataset = db.get_one(Dataset, get_session(db, item.session_id).dataset_id)
    values = item.explained_values or {}
    answers = tuple(
        (field.full_title, field.words(decode_value(values[field.name]), dataset.taxonomy))
        for field in fields_of(dataset)
        if field.name in values
    )
    return Lesson(item.explanation or "", answers)
