"""Local mode: names are chosen freely, and several people may share the machine."""

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Reviewer
from app.models.event import record_event

LONGEST_NAME = 60


def sign_in_as(db: Session, typed: str) -> Reviewer:
    """The reviewer of this name, made when new; "Alice" and "alice" are one person."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(f"Type a name of 1 to {LONGEST_NAME} letters.", "name")
    reviewer = db.scalar(select(Reviewer).where(Reviewer.name_key == name.casefold()))
    if reviewer is None:
        reviewer = Reviewer(name=name, name_key=name.casefold())
        db.add(reviewer)
        db.flush()
        record_event(db, "reviewer.added", {"name": name}, reviewer_id=reviewer.id)
    return reviewer
