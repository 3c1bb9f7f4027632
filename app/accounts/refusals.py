"""Who was refused what, recorded at most once a minute for each person and route, so that nobody fills the disk."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.visitors import Visitor
from app.db import Database
from app.models import Event
from app.models.base import now
from app.models.event import record_event

KIND = "access.refused"
_APART = timedelta(minutes=1)


def note_refusal(database: Database, visitor: Visitor, method: str, route: str, action: str) -> None:
    """`route` is the template of the address: nothing that was typed gets into the record."""
    data = {"method": method, "route": route, "action": action, "token": visitor.token_id}
    with database.read() as db:
        if visitor.reviewer is None or _is_noted(db, visitor.reviewer.id, route):
            return
    with database.write() as db:
        if not _is_noted(db, visitor.reviewer.id, route):
            record_event(db, KIND, data, reviewer_id=visitor.reviewer.id)


def _is_noted(db: Session, reviewer_id: int, route: str) -> bool:
    lately = (Event.at > now() - _APART, Event.kind == KIND, Event.reviewer_id == reviewer_id)
    return any(data["route"] == route for data in db.scalars(select(Event.data).where(*lately)))
