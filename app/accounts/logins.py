"""Sign-ins: each has a secret of its own, which only the browser keeps."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts.visitors import hash_of
from app.models import Login
from app.models.base import now
from app.models.event import record_event

_LONGEST_BROWSER = 200


@dataclass(frozen=True)
class Way:
    """How, from where and with what somebody signs in."""

    method: str
    address: str
    browser: str


def begin_login(db: Session, reviewer_id: int, way: Way, lasts: timedelta) -> str:
    """The secret for the browser's cookie: 256 random bits, new at every sign-in."""
    secret = secrets.token_urlsafe(32)
    login = Login(
        reviewer_id=reviewer_id,
        token_hash=hash_of(secret),
        method=way.method,
        address=way.address,
        browser=way.browser[:_LONGEST_BROWSER],
        expires_at=now() + lasts,
    )
    db.add(login)
    db.flush()
    data = {"login": login.id, "method": way.method, "address": way.address}
    record_event(db, "login.begun", data, reviewer_id=reviewer_id)
    return secret
