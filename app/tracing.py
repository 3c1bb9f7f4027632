"""Which request something is done for: its id is in the log, in the record of changes, and on an error's page."""

from contextvars import ContextVar
from secrets import token_hex

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
_COMMAND = "command:"  # begins the ids of what did not come over the network; no request is called so


def begin_command() -> None:
    """From here on everything belongs to one call of the command, until a request says otherwise."""
    REQUEST_ID.set(_COMMAND + token_hex(8))


def is_of_command(request_id: str) -> bool:
    return request_id.startswith(_COMMAND)
