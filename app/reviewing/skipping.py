"""Entries that a reviewer put off: they come again at the end of the queue."""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import DecisionKind, Entry, Reviewer, Skip, SkipKind
from app.models.base import now
from app.models.event import record_event
from app.reviewing.applying import Applied, record_decision
from app.reviewing.judging import LONGEST_REASON
from app.reviewing.queries import find_decision

_PUT_OFF = (
    select(Skip.entry_id)
    .join(Entry, Entry.id == Skip.entry_id)
    .where(
        Skip.reviewer_id == bindparam("reviewer_id"),
        Skip.kind == SkipKind.PUT_OFF,
        Entry.dataset_id == bindparam("dataset_id"),
    )
    .order_by(Skip.at, Skip.entry_id)
)


def read_reason(typed: str) -> str:
    """Raises InvalidInput for what cannot be kept."""
    reason = typed.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InvalidInput(f"A reason has at most {LONGEST_REASON:,} characters and no NUL.", "reason")
    return reason


def skip_entry(db: Session, reviewer: Reviewer, entry: Entry, reason: str, key: str | None) -> int:
    """Put off again, it stands behind all others; sent again it stays where it is. Returns the decision's id."""
    if (sent := find_decision(db, reviewer, key)) is not None:
        return sent
    reason = read_reason(reason)
    mine = {"reviewer_id": reviewer.id, "entry_id": entry.id}
    before = db.get(Skip, (reviewer.id, entry.id))
    said = {"kind": str(SkipKind.PUT_OFF), "reason": reason or None}
    was = {"kind": before.kind, "reason": before.reason} if before else None
    if before is None:
        db.execute(insert(Skip).values(**mine, **said, at=now()))
    else:
        db.execute(update(Skip).filter_by(**mine).values(**said, at=now()))
    event = record_event(db, "review.skipped", {"before": was, "after": said}, **mine, dataset_id=entry.dataset_id)
    return record_decision(db, reviewer.id, entry.dataset_id, DecisionKind.SKIP, Applied(event, event), entry.id, key)


def pass_over(db: Session, reviewer: Reviewer, entry_ids: Sequence[int]) -> None:
    """The queue went past these, which their reviewer does not want to see: in statistics they are non-response."""
    if not entry_ids:
        return
    known = set(db.scalars(select(Skip.entry_id).where(Skip.reviewer_id == reviewer.id, Skip.entry_id.in_(entry_ids))))
    rows = [
        {"reviewer_id": reviewer.id, "entry_id": entry_id, "kind": str(SkipKind.OPTED_OUT), "reason": None, "at": now()}
        for entry_id in entry_ids
        if entry_id not in known
    ]
    if rows:
        db.execute(insert(Skip), rows)


def find_put_off(db: Session, reviewer: Reviewer, dataset_id: int) -> Sequence[int]:
    """In the order in which they come again."""
    return db.scalars(_PUT_OFF, {"reviewer_id": reviewer.id, "dataset_id": dataset_id}).all()
