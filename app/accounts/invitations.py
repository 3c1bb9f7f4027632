"""Links by which people set the password of their account, made by an admin or at the command line; no mail is sent.

Each is good once and for three days. Who has the link is taken for the owner of the account.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.logins import Way, begin_login, end_logins
from app.accounts.passwords import check_password_rules, hash_password, store_password
from app.accounts.visitors import hash_of
from app.db import Database
from app.errors import NotFound
from app.models import Invitation, Reviewer
from app.models.base import now
from app.models.event import record_event

GOOD_FOR = timedelta(hours=72)
_GONE = "This link is not, or no longer, good: each can be used once, within three days. Ask who sent it for a new one."


@dataclass(frozen=True)
class Invited:
    reviewer_id: int
    name: str
    kind: str


def invite(db: Session, reviewer_id: int, kind: Literal["invitation", "reset"], created_by: int | None) -> str:
    """The secret of the link, to be shown once; links made before are no longer good."""
    revoke_unused(db, reviewer_id)
    secret = secrets.token_urlsafe(32)
    db.add(
        Invitation(
            reviewer_id=reviewer_id,
            token_hash=hash_of(secret),
            kind=kind,
            created_by=created_by,
            expires_at=now() + GOOD_FOR,
        )
    )
    record_event(db, "invitation.made", {"for": reviewer_id, "kind": kind}, reviewer_id=created_by)
    return secret


def invitation_path(secret: str) -> str:
    return f"/invitations/{secret}"


def find_invitation(db: Session, secret: str) -> Invited:
    """Raises NotFound with the same words for a link that was used, has expired, was revoked, or never was."""
    found = db.execute(
        select(Reviewer.id, Reviewer.name, Invitation.kind)
        .join(Invitation, Invitation.reviewer_id == Reviewer.id)
        .where(Invitation.token_hash == hash_of(secret), *_good(), Reviewer.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        raise NotFound(_GONE)
    return Invited(*found)


def accept_invitation(database: Database, secret: str, password: str, way: Way, lasts: timedelta) -> str:
    """Sets the password, ends every sign-in there was, and returns the secret of a new one."""
    with database.read() as db:
        invited = find_invitation(db, secret)
    check_password_rules(password, invited.name)
    password_hash = hash_password(password)
    with database.write() as db:
        _use(db, secret)
        store_password(db, invited.reviewer_id, password_hash, invited.reviewer_id, invited.kind)
        end_logins(db, invited.reviewer_id, "password", invited.reviewer_id)
        return begin_login(db, invited.reviewer_id, way, lasts)


def _use(db: Session, secret: str) -> None:
    """Of two at once, one gets through."""
    enabled = exists().where(Reviewer.id == Invitation.reviewer_id, Reviewer.disabled_at.is_(None))
    used = db.execute(
        update(Invitation)
        .where(Invitation.token_hash == hash_of(secret), *_good(), enabled)
        .values(used_at=now())
        .returning(Invitation.id, Invitation.reviewer_id, Invitation.kind)
    ).one_or_none()
    if used is None:
        raise NotFound(_GONE)
    record_event(db, "invitation.used", {"kind": used.kind}, reviewer_id=used.reviewer_id)


def _good() -> tuple[ColumnElement[bool], ...]:
    return Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now()


def revoke_unused(db: Session, reviewer_id: int) -> None:
    unused = (Invitation.reviewer_id == reviewer_id, Invitation.used_at.is_(None), Invitation.revoked_at.is_(None))
    db.execute(update(Invitation).where(*unused).values(revoked_at=now()))
