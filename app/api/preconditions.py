"""What a save must say about what it replaces: `If-Match` with a revision, or `If-None-Match: *` (RFC 9110, 13.1)."""

import re
from dataclasses import dataclass

from fastapi import Request

from app.errors import InvalidInput, ReviewError

# Proxies that compress make tags weak; they stand for the same revision.
_TAGS = re.compile(r'(W/)?"[0-9]{1,9}"(\s*,\s*(W/)?"[0-9]{1,9}")*')
_ANY = "*"
NO_REVISION = -1  # that nothing has


class PreconditionRequired(ReviewError):
    status = 428
    title = "Say what this replaces"


@dataclass(frozen=True)
class Precondition:
    revisions: frozenset[int] = frozenset()
    any_revision: bool = False
    nothing_there: bool = False

    def seen(self, revision: int | None) -> int:
        """The revision that the save is based on, where there is this one; None: there is nothing."""
        if revision is None:
            return 0 if self.nothing_there else NO_REVISION
        return revision if self.any_revision or revision in self.revisions else NO_REVISION


def etag(revision: int) -> str:
    return f'"{revision}"'


def read_precondition(request: Request) -> Precondition:
    if_match, if_none_match = (request.headers.get(name) for name in ("if-match", "if-none-match"))
    if if_match is None and if_none_match is None:
        raise PreconditionRequired('Send If-Match: "REVISION", or If-None-Match: * for a first review.')
    if if_match is not None and if_none_match is not None:
        raise InvalidInput("Send If-Match or If-None-Match, not both.", "If-Match")
    if if_match is None:
        if if_none_match.strip() != _ANY:  # type: ignore[union-attr]
            raise InvalidInput("If-None-Match can only be *: there is no review yet.", "If-None-Match", [_ANY])
        return Precondition(nothing_there=True)
    if if_match.strip() == _ANY:
        return Precondition(any_revision=True)
    if not _TAGS.fullmatch(if_match.strip()):
        raise InvalidInput('If-Match must be the ETag of your review, such as "3", or *.', "If-Match")
    return Precondition(frozenset(map(int, re.findall(r"[0-9]+", if_match))))
