"""The append-only record, and the counters that give out numbers in commit order.

A counter row is incremented inside the writing transaction, so whoever follows `event.id > last` misses nothing. A
database sequence would not do: its numbers are given before the commit, and a follower can overtake a slow writer.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Index, bindparam, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.models.base import Base, BigId, now
from app.tracing import REQUEST_ID

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
    # All that the record is filtered by: any list of it is read here. It grows at its end, which costs a save least.
    __table_args__ = (Index("ix_event_listed", "at", "kind", "reviewer_id", "dataset_id", "entry_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(default=now)
    kind: Mapped[str]
    reviewer_id: Mapped[int | None]
    dataset_id: Mapped[int | None]
    entry_id: Mapped[int | None] = mapped_column(index=True)
    review_id: Mapped[int | None] = mapped_column(index=True)
    request_id: Mapped[str | None]
    data: Mapped[dict[str, Any]]
    hash: Mapped[bytes]  # chained_hash


# Put together once: every change asks for it.
_TAKE = (
    update(Counter)
    .where(Counter.name == bindparam("counter"))
    .values(value=Counter.value + bindparam("count"))
    .returning(Counter.value)
)
_LAST_HASH = select(Event.hash).order_by(Event.id.desc()).limit(1).scalar_subquery()
_TAKE_EVENTS = _TAKE.returning(_LAST_HASH)
NOTHING_BEFORE = bytes(32)
ABOUT = ("reviewer_id", "dataset_id", "entry_id", "review_id")


def take(db: Session, counter: str, count: int = 1) -> int:
    """The first of `count` fresh numbers; held until this transaction ends."""
    return db.connection().execute(_TAKE, {"counter": counter, "count": count}).scalar_one() - count + 1


def record_event(db: Session, kind: str, data: dict[str, Any], **about: int | None) -> int:
    """Writes the event in the caller's transaction and returns its id."""
    return record_events(db, [{"kind": kind, "data": data, **about}])


def record_events(db: Session, events: Sequence[Mapping[str, Any]]) -> int:
    """Writes them in the caller's transaction, one after the other, and returns the id of the first."""
    last: int
    last, previous = db.connection().execute(_TAKE_EVENTS, {"counter": EVENT_ID, "count": len(events)}).one()
    first, moment, request_id = last - len(events) + 1, now(), REQUEST_ID.get()
    rows = []
    for place, event in enumerate(events):
        row = dict.fromkeys(ABOUT) | {"at": moment, "request_id": request_id} | dict(event)
        row["id"] = first + place
        row["hash"] = previous = chained_hash(previous or NOTHING_BEFORE, row)
        rows.append(row)
    db.connection().execute(insert(Event), rows)
    return first


def chained_hash(previous: bytes, event: Mapping[str, Any]) -> bytes:
    """SHA-256 over the hash of the event before and all that this one says: who changes one breaks all after it."""
    names = ("id", "kind", *ABOUT, "request_id", "data")
    said = [event["at"].astimezone(UTC).isoformat(), *(event[name] for name in names)]
    return sha256(previous + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()
