"""Who a request comes from: in local mode who somebody says they are, in a team who they have proved to be."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import Session

from app.accounts.permissions import PERMISSIONS, Action, permits
from app.errors import Forbidden
from app.models import ApiToken, Login, Membership, Reviewer
from app.models.base import now
from app.names import name_key
from app.terms.role import Role, Scope

_NOTED_EVERY = timedelta(minutes=5)  # when a login or token was last used: each note costs a write
# Put together once: every request asks for one of them.
_IS_TEAM = exists(select(Reviewer.id).where(Reviewer.is_account))
_TEAM = select(_IS_TEAM)
_LOCAL = select(Reviewer, _IS_TEAM).where(Reviewer.id == bindparam("id"))
_MAY_ENTER = (Reviewer.is_account, Reviewer.disabled_at.is_(None))
_LOGIN = (
    select(Reviewer, Login.id, Login.seen_at)
    .join(Login, Login.reviewer_id == Reviewer.id)
    .where(
        Login.token_hash == bindparam("hash"),
        Login.ended_at.is_(None),
        Login.expires_at > bindparam("now"),
        Login.seen_at > bindparam("idle_since"),
        *_MAY_ENTER,
    )
)
_TOKEN = (
    select(Reviewer, ApiToken.id, ApiToken.scopes, ApiToken.used_at)
    .join(ApiToken, ApiToken.reviewer_id == Reviewer.id)
    .where(
        ApiToken.token_hash == bindparam("hash"),
        ApiToken.revoked_at.is_(None),
        ApiToken.expires_at > bindparam("now"),
        *_MAY_ENTER,
    )
)
_NAMED = select(Reviewer).where(Reviewer.name_key == bindparam("key"), Reviewer.is_account)
_DATASETS = select(Membership.dataset_id).where(Membership.reviewer_id == bindparam("id"))


@dataclass(frozen=True)
class Visitor:
    is_team: bool = False
    reviewer: Reviewer | None = None
    datasets: frozenset[int] | None = None  # None: all
    login_id: int | None = None
    token_id: int | None = None
    scopes: frozenset[Scope] | None = None  # None: it is no token
    is_to_be_noted: bool = False  # that the login or token was used

    @property
    def role(self) -> Role | None:
        """Alone on one's machine one is everything; None for who has not signed in."""
        if not self.is_team:
            return Role.ADMIN
        return None if self.reviewer is None else Role(self.reviewer.role)

    @property
    def reviewer_id(self) -> int | None:
        return None if self.reviewer is None else self.reviewer.id

    def may(self, action: str) -> bool:
        permission = PERMISSIONS[Action(action)]
        if permission.only_local and self.is_team:
            return False
        if self.scopes is not None and permission.scope not in self.scopes:
            return False
        return permission.is_open or (self.role is not None and permits(self.role, Action(action)))

    def sees(self, dataset_id: int) -> bool:
        return self.datasets is None or dataset_id in self.datasets


def hash_of(secret: str) -> bytes:
    """Enough for 256 random bits; passwords need more."""
    return sha256(secret.encode()).digest()


def is_team(db: Session) -> bool:
    """From the first account on, and for good."""
    return bool(db.scalar(_TEAM))


def find_local(db: Session, reviewer_id: int | None) -> Visitor:
    """By the name that was chosen, which says nothing in a team; cookies outlive databases."""
    found = None if reviewer_id is None else db.execute(_LOCAL, {"id": reviewer_id}).one_or_none()
    if found is None:
        return Visitor(is_team(db))
    reviewer, in_team = found
    return Visitor(is_team=True) if in_team else Visitor(reviewer=reviewer)


def find_signed_in(db: Session, secret: str, idle: timedelta) -> Visitor | None:
    moment = now()
    about = {"hash": hash_of(secret), "now": moment, "idle_since": moment - idle}
    found = db.execute(_LOGIN, about).one_or_none()
    if found is None:
        return None
    reviewer, login_id, seen_at = found
    return Visitor(True, reviewer, _datasets(db, reviewer), login_id, is_to_be_noted=_is_long_ago(seen_at, moment))


def find_by_proxy(db: Session, name: str) -> Visitor | None:
    """Whom a proxy in front of us signed in, if it is an account's name; raises Forbidden for who is out."""
    reviewer = db.scalar(_NAMED, {"key": name_key(name)})
    if reviewer is None:
        return None
    if reviewer.disabled_at:
        raise Forbidden(f"The account {reviewer.name} is deactivated. Ask an admin.")
    return Visitor(True, reviewer, _datasets(db, reviewer))


def find_by_token(db: Session, secret: str) -> Visitor | None:
    moment = now()
    found = db.execute(_TOKEN, {"hash": hash_of(secret), "now": moment}).one_or_none()
    if found is None:
        return None
    reviewer, token_id, scopes, used_at = found
    return Visitor(
        True,
        reviewer,
        _datasets(db, reviewer),
        token_id=token_id,
        scopes=frozenset(map(Scope, scopes)),
        is_to_be_noted=_is_long_ago(used_at, moment),
    )


def note_use(db: Session, visitor: Visitor) -> None:
    if visitor.token_id is not None:
        db.execute(update(ApiToken).where(ApiToken.id == visitor.token_id).values(used_at=now()))
    else:
        db.execute(update(Login).where(Login.id == visitor.login_id).values(seen_at=now()))


def _datasets(db: Session, reviewer: Reviewer) -> frozenset[int] | None:
    return None if reviewer.sees_all_datasets else frozenset(db.scalars(_DATASETS, {"id": reviewer.id}))


def _is_long_ago(moment: datetime | None, present: datetime) -> bool:
    return moment is None or present - moment > _NOTED_EVERY
