"""How much may be sent: a page for people when it says so itself, a plain cut when it does not."""

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import TooLarge
from app.web.origins import SAFE_METHODS

MOST_BODY_BYTES = 1024 * 1024
UPLOAD_PATH = "/imports"


class BodyLimit:
    """Only the form with a file may bring more than a form needs, and nothing comes compressed."""

    def __init__(self, app: ASGIApp, most_upload_bytes: int) -> None:
        self.app = app
        self.most_upload_bytes = most_upload_bytes
        self.forms = RequestBodyLimitMiddleware(app, MOST_BODY_BYTES)
        self.uploads = RequestBodyLimitMiddleware(app, most_upload_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_upload, headers = (scope["method"], scope["path"]) == ("POST", UPLOAD_PATH), Headers(scope=scope)
        _refuse_compressed(headers)
        _refuse_too_large(headers, self.most_upload_bytes if is_upload else MOST_BODY_BYTES)
        if scope["method"] in SAFE_METHODS:  # nobody reads their body
            await self.app(scope, receive, send)
        else:
            await (self.uploads if is_upload else self.forms)(scope, receive, send)


def _refuse_compressed(headers: Headers) -> None:
    """A few kilobytes could become gigabytes."""
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise HTTPException(415, "Send it without a Content-Encoding; nothing was changed.", {"Accept-Encoding": ""})


def _refuse_too_large(headers: Headers, most_bytes: int) -> None:
    length = headers.get("content-length", "0")
    if not length.isdecimal() or len(length) > 18 or int(length) > most_bytes:
        raise TooLarge(f"What was sent is larger than {most_bytes // 1024:,} KiB, so nothing was changed.")
