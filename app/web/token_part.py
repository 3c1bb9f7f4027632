"""The part of the page Account that lists one's API tokens, and where one makes another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.accounts.tokens import DEFAULT_DAYS, LONGEST_NAME, MOST_DAYS, find_tokens, scopes_of, words_of
from app.errors import InvalidInput
from app.models import ApiToken, Reviewer
from app.terms.role import Role
from app.web.dependencies import ReadDb

_DAYS = (7, 30, DEFAULT_DAYS, 180, MOST_DAYS)


@dataclass(frozen=True)
class TypedToken:
    name: str = ""
    scopes: Sequence[str] = ("read",)
    days: str = str(DEFAULT_DAYS)


@dataclass(frozen=True)
class TokenPart:
    tokens: Sequence[ApiToken]
    scopes: Mapping[str, Sequence[str]]  # that one may choose from, with what each is good for
    typed: TypedToken = field(default_factory=TypedToken)
    secret: str = ""  # of the token just made: shown this once
    error: InvalidInput | None = None
    days: Sequence[int] = _DAYS
    longest_name: int = LONGEST_NAME


def token_part(
    db: ReadDb,
    reviewer: Reviewer,
    *,
    typed: TypedToken | None = None,
    secret: str = "",
    error: InvalidInput | None = None,
) -> TokenPart:
    tokens = [token for token, _ in find_tokens(db, reviewer.id)]
    scopes = {str(scope): words_of(scope) for scope in scopes_of(Role(reviewer.role))}
    return TokenPart(tokens, scopes, typed or TypedToken(), secret, error)
