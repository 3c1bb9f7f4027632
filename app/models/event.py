"""The append-only record, and the counters that give out numbers in commit order.

A counter row is incremented inside the writing transaction, so whoever follows `event.id > last` misses nothing. A
database sequence would not do: its numbers are given before the commit, and a follower can overtake a slow writer.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.models.base import Base, BigId, now

EVENT_ID = "event_id"
ENTRY_ID = "entry_id"
DATA_VERSION = "data_version"


class Counter(Base):
    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Event(Base):
    """Who changed what, when, before and after. References are plain numbers: the record outlives what it names."""

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    reviewer_id: Mapped[int | None]
    dataset_id: Mapped[int | None]
    entry_id: Mapped[int | None] = mapped_column(index=True)
    review_id: Mapped[int | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]]


# Put together once: every change asks for it.
_TAKE = (
    update(Counter)
    .where(Counter.name == bindparam("counter"))
    .values(value=Counter.value + bindparam("count"))
    .returning(Counter.value)
)


def take(db: Session, counter: str, count: int = 1) -> int:
    """The first of `count` fresh numbers; held until this transaction ends."""
    return db.connection().execute(_TAKE, {"counter": counter, "count": count}).scalar_one() - count + 1


def record_event(db: Session, kind: str, data: dict[str, Any], **about: int | None) -> int:
    """Writes the event in the caller's transaction and returns its id."""
    event = Event(id=take(db, EVENT_ID), kind=kind, data=data, **about)
    db.add(event)
    db.flush()
    return event.id
