"""What holds on every answer: headers, an id that the log and the record know, and errors that tell nothing."""

import logging
import re
import secrets
import time
import traceback
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import app
from app.errors import ReviewError
from app.tracing import REQUEST_ID
from app.web.errors import error_response, http_error
from app.web.headers import raw_headers

log = logging.getLogger(__name__)

_PACKAGE = str(Path(app.__file__).parent)
_WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Guard:
    """The outermost layer: names the request, adds the headers, logs, and answers for refusals and bugs."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.headers = raw_headers(is_https=is_https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), [0]
        request_id = _request_id(scope)
        named = (b"x-request-id", request_id.encode())
        token = REQUEST_ID.set(request_id)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = [*message.get("headers", ()), *self.headers, named]
            await send(message)

        try:
            await self.app(scope, receive, send_guarded)
        except Exception as error:  # noqa: BLE001 - the last place where a bug can become an answer
            if status[0]:
                log.error("the answer broke off: %s at %s", type(error).__name__, _where(error))
                raise ConnectionError("the answer broke off") from None
            await _answer_for(error, Request(scope))(scope, receive, send_guarded)
        finally:
            _log_request(scope, status[0], time.perf_counter() - started)
            REQUEST_ID.reset(token)


def _request_id(scope: Scope) -> str:
    """A proxy of ours may have named the request in its own log; whoever else sends an id is not asked."""
    if scope.setdefault("state", {}).setdefault("from_trusted_proxy", False):
        given = Headers(scope=scope).get("x-request-id", "")
        if _WELL_FORMED.fullmatch(given):
            return given
    return secrets.token_hex(8)


def _answer_for(error: Exception, request: Request) -> Response:
    if isinstance(error, ReviewError):
        return error_response(request, error.status, error.title, error.message)
    if isinstance(error, HTTPException):
        return http_error(request, error)
    request_id = REQUEST_ID.get()
    log.error("error: %s at %s", type(error).__name__, _where(error))
    try:
        return error_response(request, 500, "Something went wrong", "This is a fault of ours.", error_id=request_id)
    except Exception as second:  # noqa: BLE001 - the error page itself is broken
        log.error("no page for this error: %s at %s", type(second).__name__, _where(second))
        return PlainTextResponse(f"Something went wrong. In the log it is request {request_id}.", status_code=500)


def _where(error: Exception) -> str:
    """Where in our code it happened, never what it said: a message may quote a text of the dataset."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{f.filename.removeprefix(_PACKAGE)}:{f.lineno}" for f in frames if f.filename.startswith(_PACKAGE)]
    return " > ".join(ours)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    """The route that matched, never the path or the query: they hold what people search for, and invitations."""
    method, route, user_id = scope["method"], route_template(scope), scope["state"].get("reviewer_id")
    fields = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 1), "user_id": user_id}
    log.info(
        "%s %s %d %.1f ms, user %s", method, route, status, 1000 * seconds, user_id or "-", extra={"fields": fields}
    )


def route_template(scope: Scope) -> str:
    """With the prefix of the router it is in, which the route itself does not know."""
    matched = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    mounted: str = scope.get("root_path") or "-"
    return getattr(matched, "path", mounted)
