"""Which request something is done for: its id is in the log, in the record of changes, and on an error's page."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
