"""Hands out the items of a session: to nobody twice, to no more people than it says, and to somebody in the end.

An item is handed out by a reservation that runs out unless its reviewer goes on. What ran out is in nobody's way.
"""

from datetime import datetime, timedelta

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session, aliased

from app.errors import Conflict, Forbidden
from app.models import (
    ItemKind,
    Participant,
    Reservation,
    Review,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
)
from app.models.base import UtcDateTime, now

RESERVED_FOR = timedelta(minutes=30)
APART = 10  # items that a reviewer judges between an entry and its repetition, where there are so many

_ME: BindParameter[int] = bindparam("me", type_=BigInteger)
_NOW: BindParameter[datetime] = bindparam("now", type_=UtcDateTime)
_SESSION: BindParameter[int] = bindparam("session", type_=BigInteger)
_APART: BindParameter[int] = bindparam("apart", type_=BigInteger)
_TAKES_PART = select(func.count()).where(
    Participant.session_id == _SESSION, Participant.reviewer_id == _ME, Participant.left_at.is_(None)
)
_I_SUBMITTED = exists().where(
    Review.item_id == SessionEntry.id, Review.reviewer_id == _ME, Review.state == ReviewState.SUBMITTED
)
_MINE = (
    select(SessionEntry)
    .join(Reservation, Reservation.item_id == SessionEntry.id)
    .where(Reservation.session_id == _SESSION, Reservation.reviewer_id == _ME, Reservation.skipped_at.is_(None))
    .where(Reservation.until > _NOW, ~_I_SUBMITTED)
    .order_by(SessionEntry.position)
    .limit(1)
)
_HELD = (
    select(func.count())
    .where(Reservation.item_id == SessionEntry.id, Reservation.reviewer_id != _ME)
    .where(Reservation.until > _NOW, Reservation.skipped_at.is_(None))
    .correlate(SessionEntry)
    .scalar_subquery()
)
_I_PUT_OFF = exists().where(
    Reservation.item_id == SessionEntry.id, Reservation.reviewer_id == _ME, Reservation.skipped_at.is_not(None)
)
_FREE = (
    SessionEntry.session_id == _SESSION,
    SessionEntry.done < SessionEntry.wanted,
    or_(SessionEntry.only_reviewer_id.is_(None), SessionEntry.only_reviewer_id == _ME),
    ~_I_SUBMITTED,
    SessionEntry.done + _HELD < SessionEntry.wanted,
)
_FIRST = SessionEntry.kind == ItemKind.PRACTICE
_ORIGINAL = aliased(Review)
_SINCE = aliased(Review)
_DONE_SINCE = (
    select(func.count())
    .select_from(_ORIGINAL)
    .join(_SINCE, and_(_SINCE.reviewer_id == _ME, _SINCE.id > _ORIGINAL.id, _SINCE.item_id > 0))
    .where(_ORIGINAL.item_id == SessionEntry.repeat_of, _ORIGINAL.reviewer_id == _ME)
    .where(_ORIGINAL.state == ReviewState.SUBMITTED, _SINCE.state == ReviewState.SUBMITTED)
    .correlate(SessionEntry)
    .scalar_subquery()
)
_ORIGINAL_DONE = exists().where(
    Review.item_id == SessionEntry.repeat_of, Review.reviewer_id == _ME, Review.state == ReviewState.SUBMITTED
)
_IN_ORDER = (_FIRST.desc(), SessionEntry.position)
_PRACTICE = select(SessionEntry).where(*_FREE, _FIRST, ~_I_PUT_OFF).order_by(SessionEntry.position).limit(1)
_REPEAT = (
    select(SessionEntry)
    .where(*_FREE, SessionEntry.kind == ItemKind.REPEAT, _DONE_SINCE >= _APART, ~_I_PUT_OFF, _ORIGINAL_DONE)
    .order_by(SessionEntry.position)
    .limit(1)
)
_SAMPLE = (
    select(SessionEntry)
    .where(*_FREE, SessionEntry.kind == ItemKind.SAMPLE, ~_I_PUT_OFF)
    .order_by(SessionEntry.position)
    .limit(1)
)
_PUT_OFF = (
    select(SessionEntry)
    .join(Reservation, and_(Reservation.item_id == SessionEntry.id, Reservation.reviewer_id == _ME))
    .where(*_FREE, Reservation.skipped_at.is_not(None))
    .order_by(Reservation.skipped_at)
    .limit(1)
)


def hand_out(db: Session, session: ReviewSession, reviewer_id: int) -> SessionEntry | None:
    """The item that the reviewer has, or the next one, reserved for them; None when nothing is left for them now.

    In the caller's writing transaction. Raises Forbidden for who takes no part, Conflict while the session is not open.
    """
    about = {"session": session.id, "me": reviewer_id, "now": now()}
    if not db.scalar(_TAKES_PART, about):
        raise Forbidden(f"You do not take part in the review session “{session.name}”.")
    if session.state != SessionState.OPEN:
        raise Conflict(f"The review session “{session.name}” is {session.state}; nothing is handed out now.")
    item = _find(db, about)
    if item is not None:
        _reserve(db, item, reviewer_id)
    return item


def find_held(db: Session, session: ReviewSession, reviewer_id: int) -> SessionEntry | None:
    """The item that the reviewer has before them."""
    return db.scalars(_MINE, {"session": session.id, "me": reviewer_id, "now": now()}).first()


def _find(db: Session, about: dict[str, object]) -> SessionEntry | None:
    """Practice first, then repetitions that are due, then the sample, then what is left."""
    for wanted, apart in ((_MINE, 0), (_PRACTICE, 0), (_REPEAT, APART), (_SAMPLE, 0), (_REPEAT, 0), (_PUT_OFF, 0)):
        asked = {**about, "apart": apart} if wanted is _REPEAT else about
        item = db.scalars(wanted, asked).first()
        if item is not None:
            return item
    return None


def _reserve(db: Session, item: SessionEntry, reviewer_id: int) -> None:
    moment = now()
    kept = {"until": moment + RESERVED_FOR, "skipped_at": None, "reason": None}
    mine = {"item_id": item.id, "reviewer_id": reviewer_id, "session_id": item.session_id}
    new = insert(Reservation).values(**mine, given_at=moment, **kept)
    db.execute(new.on_conflict_do_update(index_elements=["item_id", "reviewer_id"], set_=kept))


def extend(db: Session, item_id: int, reviewer_id: int) -> None:
    """Who types, or saves, is there."""
    db.execute(update(Reservation).where(*_of(item_id, reviewer_id)).values(until=now() + RESERVED_FOR))


def put_off(db: Session, item_id: int, reviewer_id: int, reason: str) -> None:
    """It comes again when nothing else is left; others may have it meanwhile."""
    moment = now()
    said = {"until": moment, "skipped_at": moment, "reason": reason or None}
    db.execute(update(Reservation).where(*_of(item_id, reviewer_id)).values(**said))


def release(db: Session, item_id: int, reviewer_id: int) -> None:
    db.execute(delete(Reservation).where(*_of(item_id, reviewer_id)))


def _of(item_id: int, reviewer_id: int) -> tuple[ColumnElement[bool], ...]:
    return Reservation.item_id == item_id, Reservation.reviewer_id == reviewer_id
