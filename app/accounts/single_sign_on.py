"""Whom another system signs in: an OpenID provider, or a proxy in front of us. Neither begins team mode.

An account is known by the provider's own id of a person. By name it is found once, and only while nobody could have
used it: an admin added it, and it has neither a password nor such an id. A name that somebody took in local mode is
nobody's here until an admin makes an account of it, so that no stranger gets its reviews.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.confirming import has_password
from app.accounts.invitations import revoke_unused
from app.accounts.logins import Way, begin_login, end_login_of
from app.accounts.managing import add_account, change_role, find_named
from app.db import Database
from app.errors import Conflict, Forbidden, InvalidInput
from app.models import Reviewer
from app.models.event import record_event
from app.settings import Settings
from app.terms.role import Role

CALLBACK = "/sign-in/oidc/callback"


@dataclass(frozen=True)
class Handshake:
    """What ties the answer of the provider to the browser that went there."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def made_from(cls, seed: str, key: bytes) -> "Handshake":
        """The browser keeps the seed alone; who reads an address of the sign-in learns nothing of the rest."""
        return cls(*(_derived(key, f"{name} {seed}") for name in ("state", "nonce", "verifier")))


def _derived(key: bytes, text: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, text.encode(), "sha256")).decode().rstrip("=")


@dataclass(frozen=True)
class Person:
    """As the provider tells."""

    external_id: str
    name: str
    role: Role | None


def wanted_claims(role_claim: str) -> tuple[str, ...]:
    """Those that some providers keep for their user info."""
    return ("preferred_username", *([role_claim] if role_claim else []))


def person_of(claims: Mapping[str, Any], role_claim: str) -> Person:
    return Person(f"{claims['iss']} {claims['sub']}", _name(claims), _highest_role(claims, role_claim))


def _name(claims: Mapping[str, Any]) -> str:
    """The user name, else a verified address: whatever else there is, people write it themselves."""
    name, email, is_verified = claims.get("preferred_username"), claims.get("email"), claims.get("email_verified")
    if isinstance(name, str) and name and not ("@" in name and is_verified is False):
        return name
    return email if isinstance(email, str) and is_verified is True else ""


def _highest_role(claims: Mapping[str, Any], role_claim: str) -> Role | None:
    told = _at(claims, role_claim)
    values = told if isinstance(told, list) else [told]
    known = [role for role in Role if role in values]
    return known[-1] if known else None


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """`realm_access.roles` is within `realm_access`, unless a claim has all of it as its name."""
    found: Any = claims
    for name in [path] if path in claims else path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def sign_in_person(
    database: Database, settings: Settings, person: Person, way: Way, lasts: timedelta, former: str
) -> str:
    """The secret of the new login; `former` is the one that the browser had until now, which ends."""
    try:
        with database.write() as db:
            account = _account_of(db, settings, person)
            end_login_of(db, former, "new sign-in")
            return begin_login(db, account.id, way, lasts)
    except Forbidden as refusal:
        data = {"method": way.method, "address": way.address, "why": refusal.message}
        with database.write() as db:
            known = db.scalar(select(Reviewer.id).where(Reviewer.external_id == person.external_id))
            record_event(db, "login.refused", data, reviewer_id=known)
        raise


def add_named(database: Database, settings: Settings, name: str) -> None:
    """An account for whom a proxy signed in for the first time; raises Forbidden for who must not get one."""
    with database.write() as db:
        found = find_named(db, name)
        if found is None or not found.is_account:  # else another request of theirs was first
            _add(db, name, settings.sso_default_role)


def _account_of(db: Session, settings: Settings, person: Person) -> Reviewer:
    is_told = bool(settings.oidc_role_claim)
    role = (person.role if is_told else None) or settings.sso_default_role
    account = db.scalar(select(Reviewer).where(Reviewer.external_id == person.external_id)) or _linked(db, person)
    if account is None:
        account = _add(db, person.name, role if settings.sso_default_role else "")
        account.external_id = person.external_id
    if account.disabled_at:
        raise Forbidden(f"The account {account.name} is deactivated. Ask an admin.")
    if is_told:
        _follow(db, account, role)
    return account


def _linked(db: Session, person: Person) -> Reviewer | None:
    """The account that an admin added for somebody of this name, who comes for the first time."""
    found = find_named(db, person.name)
    if found is None or not found.is_account or found.external_id is not None or has_password(db, found.id):
        return None
    found.external_id = person.external_id
    revoke_unused(db, found.id)
    record_event(db, "account.linked", {"of": found.id, "name": found.name}, reviewer_id=found.id)
    return found


def _add(db: Session, name: str, role: str) -> Reviewer:
    taken = find_named(db, name)
    if taken is not None and taken.is_account:
        raise Forbidden(f"The account {taken.name} is somebody's who signs in in another way. Ask an admin.")
    if taken is not None:
        raise Forbidden(f"{taken.name} is a name of before there were accounts. Ask an admin to make an account of it.")
    if not role:
        raise Forbidden("You have no account here. Ask an admin to add one with your name.")
    try:
        return add_account(db, name, role, None)
    except InvalidInput:
        raise Forbidden("Single sign-on told no name of yours that can be used here. Ask an admin.") from None


def _follow(db: Session, account: Reviewer, role: str) -> None:
    """The provider says who may do what, except that it leaves nobody who lets people in."""
    if not role:
        raise Forbidden("Single sign-on gives you no role here. Ask an admin.")
    with suppress(Conflict):
        change_role(db, account.id, account.role, role, None)
