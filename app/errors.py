"""What can go wrong for a person, each with the HTTP status it means.

ReviewError
├── NotSignedIn 401      nobody knows who asks
│   └── InvalidToken      the token of a script is good no more
├── Forbidden 403        not for this person, or not from that page
│   ├── LacksScope        the token is not for this
│   └── HiddenWhileBlind  would tell a blind reviewer what the labels are
├── NotFound 404         nothing is there
├── NotAcceptable 406    there is no such form of it
├── Conflict 409         somebody, or another tab, was there first
├── TooLarge 413         more than one request may bring
├── InvalidInput 422     what came in cannot be read; names the field and what to do
├── TooManyAttempts 429  somebody may be guessing passwords; says when to try again
├── ProviderFailed 502   single sign-on asked another system in vain
├── Busy 503             another process holds what this one needs
└── Failed 500           it was tried and did not work; the message says why

The command line prints the message and exits 1; pages and JSON answer with the status.
"""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil


class ReviewError(Exception):
    status = 500
    title = "Something went wrong"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotSignedIn(ReviewError):
    status = 401
    title = "Sign in first"


class InvalidToken(NotSignedIn):
    """RFC 6750 asks for words of its own for this."""


class Forbidden(ReviewError):
    status = 403
    title = "Not allowed"


class LacksScope(Forbidden):
    def __init__(self, message: str, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class HiddenWhileBlind(Forbidden):
    title = "You review blind"


class NotFound(ReviewError):
    status = 404
    title = "Not found"


class NotAcceptable(ReviewError):
    status = 406
    title = "Not available in that form"


class Conflict(ReviewError):
    status = 409
    title = "Changed in the meantime"


class TooLarge(ReviewError):
    status = 413
    title = "Too large"


class InvalidInput(ReviewError):
    status = 422
    title = "This could not be read"

    def __init__(self, message: str, field: str | None = None, valid: Sequence[str] = ()) -> None:
        """`valid` are the values or names that the field takes, for scripts; the message says them too."""
        super().__init__(message)
        self.field = field
        self.valid = tuple(valid)


class TooManyAttempts(ReviewError):
    status = 429
    title = "Too many tries"

    def __init__(self, wait: timedelta) -> None:
        self.retry_after = max(1, ceil(wait.total_seconds()))  # seconds
        minutes = ceil(self.retry_after / 60)
        super().__init__(
            f"There were too many tries to sign in. Wait {minutes} minute{'s' if minutes > 1 else ''} and try again."
        )


class ProviderFailed(ReviewError):
    status = 502
    title = "Single sign-on did not work"


class Busy(ReviewError):
    status = 503
    title = "Busy"


class Failed(ReviewError):
    title = "That did not work"
