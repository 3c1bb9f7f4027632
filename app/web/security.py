"""What holds on every answer and every request: headers, the same-origin rule, and errors that tell nothing.

A page elsewhere can make a browser send a form here, but it cannot forge `Sec-Fetch-Site` or `Origin`. A request
with neither comes from no browser (curl, a script), which no foreign page can steer.
"""

import logging
import secrets
import time
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app
from app.errors import Forbidden, ReviewError, TooLarge
from app.web.errors import error_response

log = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
MOST_BODY_BYTES = 1024 * 1024
UPLOAD_PATH = "/imports"
_PACKAGE = str(Path(app.__file__).parent)
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """The outermost layer: refuses what came from another site, adds the headers, logs, and answers for bugs."""

    def __init__(self, app: ASGIApp, most_upload_bytes: int) -> None:
        self.app = app
        self.most_upload_bytes = most_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), [0]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = [*message.get("headers", ()), *_RAW_HEADERS]
            await send(message)

        try:
            _refuse_other_sites(scope["method"], Headers(scope=scope))
            _refuse_too_large(Headers(scope=scope), self.most_upload_bytes if _is_upload(scope) else MOST_BODY_BYTES)
            await self.app(scope, receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - the last place where a bug can become an answer
            if status[0]:
                log.error("the answer broke off: %s at %s", type(error).__name__, _where(error))
                raise ConnectionError("the answer broke off") from None
            await _answer_for(error, Request(scope))(scope, receive, send_guarded)
        finally:
            _log_request(scope, status[0], time.perf_counter() - started)


def _refuse_other_sites(method: str, headers: Headers) -> None:
    if method in _SAFE_METHODS:
        return
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        same = origin is None or urlsplit(origin).netloc == headers.get("host")
    if not same:
        raise Forbidden("This request came from another site, so nothing was changed.")


class BodyLimit:
    """Cuts off what is too large and did not say so; only the form with a file may bring more than a form needs."""

    def __init__(self, app: ASGIApp, most_upload_bytes: int) -> None:
        self.app = app
        self.forms = RequestBodyLimitMiddleware(app, MOST_BODY_BYTES)
        self.uploads = RequestBodyLimitMiddleware(app, most_upload_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("method") in _SAFE_METHODS:  # nobody reads their body
            await self.app(scope, receive, send)
        else:
            await (self.uploads if _is_upload(scope) else self.forms)(scope, receive, send)


def _is_upload(scope: Scope) -> bool:
    return (scope["type"], scope.get("method"), scope.get("path")) == ("http", "POST", UPLOAD_PATH)


def _refuse_too_large(headers: Headers, most_bytes: int) -> None:
    """With a page for people; a body that does not say its length is cut off by the layer below."""
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most_bytes:
        raise TooLarge(f"What was sent is larger than {most_bytes // 1024:,} KiB, so nothing was changed.")


def _answer_for(error: Exception, request: Request) -> Response:
    if isinstance(error, ReviewError):
        return error_response(request, error.status, error.title, error.message)
    error_id = secrets.token_hex(4)
    log.error("error %s: %s at %s", error_id, type(error).__name__, _where(error))
    try:
        return error_response(request, 500, "Something went wrong", "This is a fault of ours.", error_id=error_id)
    except Exception as second:  # noqa: BLE001 - the error page itself is broken
        log.error("error %s: no page for it: %s at %s", error_id, type(second).__name__, _where(second))
        return PlainTextResponse(f"Something went wrong. In the log it is error {error_id}.", status_code=500)


def _where(error: Exception) -> str:
    """Where in our code it happened, never what it said: a message may quote a text of the dataset."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{f.filename.removeprefix(_PACKAGE)}:{f.lineno}" for f in frames if f.filename.startswith(_PACKAGE)]
    return " > ".join(ours)


def _log_request(scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
    """The path without its query: what people search for is theirs."""
    log.info("%s %s %d %.1f ms", scope["method"], scope["path"], status, 1000 * seconds)
