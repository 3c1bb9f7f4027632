"""Local mode: names are chosen freely, and several people may share the machine."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Reviewer
from app.models.event import record_event
from app.names import name_key, readable_name

LONGEST_NAME = 60


def sign_in_as(db: Session, typed: str) -> Reviewer:
    """The reviewer of this name, made when new; "Alice" and "alice" are one person."""
    name = readable_name(typed, LONGEST_NAME)
    if name is None:
        raise InvalidInput(f"Type a name of 1 to {LONGEST_NAME} letters.", "name")
    reviewer = db.scalar(select(Reviewer).where(Reviewer.name_key == name_key(name)))
    if reviewer is None:
        reviewer = Reviewer(name=name, name_key=name_key(name))
        db.add(reviewer)
        db.flush()
        db.refresh(reviewer, ["owes_blind"])  # it outlives this transaction
        record_event(db, "reviewer.added", {"name": name}, reviewer_id=reviewer.id)
    return reviewer
