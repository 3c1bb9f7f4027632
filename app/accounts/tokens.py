"""API tokens: for a script, within what its owner may do and for some time. Of the secret only its hash is kept."""

import secrets
from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.permissions import PERMISSIONS
from app.accounts.visitors import hash_of
from app.errors import InvalidInput, NotFound
from app.models import ApiToken, Reviewer
from app.models.base import now
from app.models.event import record_event
from app.names import name_key, readable_name
from app.terms.role import Role, Scope

BEGINNING = "srr_"  # by which scanners know a token that was published by mistake
LONGEST_NAME, DEFAULT_DAYS, MOST_DAYS = 60, 90, 366


def scopes_of(role: Role) -> list[Scope]:
    """Those that are good for something with this role."""
    return [scope for scope in Scope if any(p.scope == scope and role in p.roles for p in PERMISSIONS.values())]


def words_of(scope: Scope) -> tuple[str, ...]:
    return tuple(p.words for p in PERMISSIONS.values() if p.scope == scope and not p.is_open)


def make_token(
    db: Session,
    reviewer: Reviewer,
    name: str,
    scopes: Collection[str],
    days: int = DEFAULT_DAYS,
    *,
    by: int | None = None,
) -> str:
    """The secret, which is told this once. `by` is who makes it; None: the command line."""
    _check_owner(reviewer)
    kept_name, kept_scopes = _read_name(db, reviewer, name), _read_scopes(Role(reviewer.role), scopes)
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"A token is good for 1 to {MOST_DAYS} days.", "days")
    secret = BEGINNING + secrets.token_urlsafe(32)
    token = ApiToken(
        reviewer_id=reviewer.id,
        name=kept_name,
        token_hash=hash_of(secret),
        scopes=kept_scopes,
        expires_at=now() + timedelta(days=days),
    )
    db.add(token)
    db.flush()
    said = {"scopes": kept_scopes, "expires_at": token.expires_at.isoformat()}
    record_event(db, "token.made", {**_named(token), **said}, reviewer_id=by)
    return secret


def find_tokens(db: Session, reviewer_id: int | None = None) -> Sequence[tuple[ApiToken, str]]:
    """Living ones, the newest first, each with its owner's name: of one person, or of all."""
    wanted = (
        select(ApiToken, Reviewer.name)
        .join(Reviewer, Reviewer.id == ApiToken.reviewer_id)
        .where(ApiToken.revoked_at.is_(None), ApiToken.expires_at > now())
        .order_by(ApiToken.id.desc())
    )
    if reviewer_id is not None:
        wanted = wanted.where(ApiToken.reviewer_id == reviewer_id)
    return [(token, owner) for token, owner in db.execute(wanted)]


def revoke_token(db: Session, token_id: int, *, of: int | None = None, by: int | None = None) -> ApiToken:
    """For good, and at once. `of`: whose it must be. Raises NotFound; of a revoked one nothing is recorded anew."""
    token = db.get(ApiToken, token_id)
    if token is None or of not in (None, token.reviewer_id):
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = now()
        record_event(db, "token.revoked", _named(token), reviewer_id=by)
    return token


def _named(token: ApiToken) -> dict[str, object]:
    return {"token": token.id, "of": token.reviewer_id, "name": token.name}


def _check_owner(reviewer: Reviewer) -> None:
    if not reviewer.is_account:
        raise InvalidInput("Only accounts have tokens; a name that was chosen in local mode needs none.", "name")
    if reviewer.disabled_at is not None:
        raise InvalidInput("This account is disabled, and so would its tokens be.", "name")


def _read_name(db: Session, reviewer: Reviewer, typed: str) -> str:
    name = readable_name(typed, LONGEST_NAME)
    if name is None:
        raise InvalidInput(f"Give the token a name of 1 to {LONGEST_NAME} characters, such as what it is for.", "name")
    if name_key(name) in {name_key(token.name) for token, _ in find_tokens(db, reviewer.id)}:
        raise InvalidInput("There is a token of this name already. Revoke it first, or choose another name.", "name")
    return name


def _read_scopes(role: Role, given: Collection[str]) -> list[str]:
    allowed = [str(scope) for scope in scopes_of(role)]
    if not given or not set(given) <= set(allowed):
        raise InvalidInput(
            f"Say what the token is for: a {role} can choose from {', '.join(allowed)}.", "scope", allowed
        )
    return [scope for scope in allowed if scope in given]
