"""The password once more, before something is done that a session left open must not be enough for."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.attempts import count_attempt, forget_attempts
from app.accounts.passwords import is_password
from app.accounts.visitors import Visitor
from app.db import Database
from app.errors import InvalidInput
from app.models import Login, Reviewer
from app.models.base import now
from app.models.event import record_event

FIELD = "your_password"
FRESH = timedelta(minutes=10)


def has_password(db: Session, reviewer_id: int) -> bool:
    return db.scalar(select(Reviewer.password_hash).where(Reviewer.id == reviewer_id)) is not None


def confirm_password(database: Database, visitor: Visitor, typed: str) -> None:
    """Raises InvalidInput for the field `your_password`; it counts as a try. Call it before anything is written.

    Who has none, because another system signs them in, must have signed in within the last minutes.
    """
    reviewer = visitor.reviewer
    if not visitor.is_team or reviewer is None:  # alone on one's machine there is nothing to confirm
        return
    with database.read() as db:
        password_hash = db.scalar(select(Reviewer.password_hash).where(Reviewer.id == reviewer.id))
        login = db.get(Login, visitor.login_id or 0)
    if password_hash is None:
        if login is None or now() - login.created_at > FRESH:
            raise InvalidInput("Sign out and in again, and do this within ten minutes.", FIELD)
        return
    address = login.address if login else ""
    with database.write() as db:
        count_attempt(db, reviewer.name, address)
    if not is_password(password_hash, typed):
        with database.write() as db:
            record_event(db, "login.refused", {"method": "confirming", "address": address}, reviewer_id=reviewer.id)
        raise InvalidInput("This is not your password.", FIELD)
    with database.write() as db:
        forget_attempts(db, reviewer.name, address)
