"""Signing in with a password, and changing it."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from app.accounts.attempts import count_attempt, forget_attempts
from app.accounts.logins import Way, begin_login, end_login_of, end_logins
from app.accounts.passwords import check_password_rules, hash_password, is_outdated, is_password, store_password
from app.accounts.visitors import Visitor
from app.db import Database
from app.errors import InvalidInput
from app.models import Reviewer
from app.models.event import record_event
from app.names import name_key, readable_name

_LONGEST_NAME = 256
_REFUSED = "This name and password do not go together."


def sign_in(database: Database, typed_name: str, password: str, way: Way, lasts: timedelta, former: str = "") -> str:
    """The secret of the new login; `former` is the one that the browser had until now, which ends.

    Who has no account, no password or no access any more is answered like a wrong password, and as slowly.
    """
    name = readable_name(typed_name, _LONGEST_NAME) or ""
    with database.write() as db:
        count_attempt(db, name, way.address)
    with database.read() as db:
        account = _find_account(db, name)
    password_hash = account.password_hash if account else None
    is_right = is_password(password_hash, password)
    if account is None or password_hash is None or not is_right or account.disabled_at:
        _record_refusal(database, account, way)
        raise InvalidInput(_REFUSED, "password")
    renewed = hash_password(password) if is_outdated(password_hash) else None
    with database.write() as db:
        return _let_in(db, account.id, password_hash, renewed, name, way, lasts, former)


def _let_in(
    db: Session,
    reviewer_id: int,
    password_hash: str,
    renewed: str | None,
    name: str,
    way: Way,
    lasts: timedelta,
    former: str,
) -> str:
    account = db.get_one(Reviewer, reviewer_id)
    if account.disabled_at or account.password_hash != password_hash:  # while the password was being looked at
        raise InvalidInput(_REFUSED, "password")
    if renewed:
        account.password_hash = renewed
    forget_attempts(db, name, way.address)
    end_login_of(db, former, "new sign-in")
    return begin_login(db, reviewer_id, way, lasts)


def change_password(database: Database, visitor: Visitor, new: str) -> None:
    """Ends all other sign-ins; whether it is the owner who asks is for app.accounts.confirming."""
    reviewer = visitor.reviewer
    assert reviewer is not None  # noqa: S101 - the door lets nobody else in
    check_password_rules(new, reviewer.name, "new_password")
    password_hash = hash_password(new)
    with database.write() as db:
        store_password(db, reviewer.id, password_hash, reviewer.id, "change")
        end_logins(db, reviewer.id, "password", reviewer.id, but=visitor.login_id)


def _find_account(db: Session, name: str) -> Reviewer | None:
    of_name = select(Reviewer).where(Reviewer.name_key == name_key(name), Reviewer.is_account)
    return db.scalar(of_name.options(undefer(Reviewer.password_hash)))


def _record_refusal(database: Database, account: Reviewer | None, way: Way) -> None:
    """Without the name that was typed, which may be a password."""
    data = {"method": way.method, "address": way.address}
    with database.write() as db:
        record_event(db, "login.refused", data, reviewer_id=account.id if account else None)
