"""Sign-ins: each has a secret of its own, which only the browser keeps."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.visitors import hash_of
from app.errors import NotFound
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


def find_logins(db: Session, reviewer_id: int, idle: timedelta) -> Sequence[Login]:
    """Those that have not ended, the one used last first."""
    moment = now()
    going_on = (Login.ended_at.is_(None), Login.expires_at > moment, Login.seen_at > moment - idle)
    return db.scalars(
        select(Login).where(Login.reviewer_id == reviewer_id, *going_on).order_by(Login.seen_at.desc(), Login.id.desc())
    ).all()


def end_login(db: Session, reviewer_id: int, login_id: int, why: str, by: int | None) -> None:
    """`why`: sign-out, ended (from the list), new sign-in; raises NotFound for a login of somebody else."""
    login = db.get(Login, login_id)
    if login is None or login.reviewer_id != reviewer_id:
        raise NotFound("There is no such sign-in of yours.")
    _end(db, [login], why, by)


def end_logins(db: Session, reviewer_id: int, why: str, by: int | None, but: int | None = None) -> int:
    """All of them, or all others; how many went on until now."""
    going_on = db.scalars(select(Login).where(Login.reviewer_id == reviewer_id, Login.ended_at.is_(None)))
    return _end(db, [login for login in going_on if login.id != but], why, by)


def end_login_of(db: Session, secret: str, why: str) -> None:
    """Of a browser in which somebody signs in anew."""
    login = db.scalar(select(Login).where(Login.token_hash == hash_of(secret)))
    if login is not None:
        _end(db, [login], why, login.reviewer_id)


def _end(db: Session, logins: Sequence[Login], why: str, by: int | None) -> int:
    going_on = [login for login in logins if login.ended_at is None]
    for login in going_on:
        login.ended_at = now()
        record_event(db, "login.ended", {"login": login.id, "of": login.reviewer_id, "why": why}, reviewer_id=by)
    return len(going_on)
