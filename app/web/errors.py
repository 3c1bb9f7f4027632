"""Every error as a person, htmx or a script reads it: page, fragment or JSON, decided in this one place."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from app.errors import HiddenWhileBlind, InvalidInput, InvalidToken, LacksScope, ReviewError, TooManyAttempts
from app.tracing import REQUEST_ID
from app.web.rendering import here, leave_page, render, wants_partial

_TITLES = {
    400: "This could not be read",
    403: "Not allowed",
    404: "Not found",
    405: "That cannot be done here",
    413: "Too large",
    415: "This could not be read",
    422: "This could not be read",
}
_MESSAGES = {
    404: "There is nothing at this address.",
    405: "What is at this address does not answer to such a request.",
}


def error_response(
    request: Request,
    status: int,
    title: str,
    message: str,
    *,
    headers: Mapping[str, str] | None = None,
    **extra: Any,
) -> Response:
    """`extra` are further members of the problem: error_id, field, errors."""
    is_api = request.url.path.startswith("/api/")
    if is_api or _brings_token(request) or (status == 401 and _is_script(request)):
        challenge = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
        return problem(status, title, message, {**challenge, **(headers or {})}, extra)
    if status == 401 and not _is_part_of_form(request):
        back = here(request) if request.method == "GET" and not wants_partial(request) else "/"
        return leave_page(request, f"/sign-in?{urlencode({'next': back})}")
    context = {"status": status, "title": title, "message": message, "request_id": REQUEST_ID.get()}
    context["is_for_blind"] = title == HiddenWhileBlind.title
    return render(request, "error.html", context, partial="_error.html", status=status, headers=headers)


def _is_script(request: Request) -> bool:
    """Such as the one that saves reviews: it follows no redirect to a page."""
    return "application/json" in request.headers.get("accept", "") or request.method == "PUT"


def _brings_token(request: Request) -> bool:
    """Such a script asks for an export, or has mistaken a page for one."""
    return request.headers.get("authorization", "").lower().startswith("bearer ")


def _is_part_of_form(request: Request) -> bool:
    """htmx sent it: leaving the page would lose what was typed there."""
    return request.method != "GET" and wants_partial(request)


def problem(
    status: int, title: str, message: str, headers: Mapping[str, str] | None, extra: Mapping[str, Any]
) -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": message}
    members = {**extra, "request_id": REQUEST_ID.get()}
    content = body | {name: value for name, value in members.items() if value}
    kept = {"Cache-Control": "private, no-cache", **(headers or {})}
    return JSONResponse(content, status_code=status, media_type="application/problem+json", headers=kept)


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ReviewError)  # noqa: S101 - registered for nothing else
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidInput) and error.field:
        mistake = {"field": error.field, "detail": error.message}
        extra = {"field": error.field, "errors": [mistake | ({"valid": error.valid} if error.valid else {})]}
    return error_response(request, error.status, error.title, error.message, headers=_headers(error), **extra)


def _headers(error: ReviewError) -> dict[str, str]:
    """RFC 6750, 3.1: why a token was refused, for the script that sent it."""
    if isinstance(error, TooManyAttempts):
        return {"Retry-After": str(error.retry_after)}
    if isinstance(error, InvalidToken):
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    if isinstance(error, LacksScope):
        return {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{error.scope}"'}
    return {}


def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    title = _TITLES.get(error.status_code, "Error")
    message = _MESSAGES.get(error.status_code, str(error.detail))
    headers = {"Allow": _allowed(request)} if error.status_code == 405 else error.headers
    return error_response(request, error.status_code, title, message, headers=headers)


def _allowed(request: Request) -> str:
    """By all routes at this address; the framework names those of the first."""
    matched = request.scope.get("fastapi", {}).get("effective_route_context") or request.scope.get("route")
    path = getattr(matched, "path", None)
    here = [route.methods or () for route in iter_route_contexts(request.app.routes) if route.path == path]
    return ", ".join(sorted({method for methods in here for method in methods}))


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    mistakes = [
        {"field": ".".join(str(part) for part in mistake["loc"][1:]) or "request", "detail": f"{mistake['msg']}."}
        for mistake in error.errors()
    ]
    field, detail = mistakes[0]["field"], mistakes[0]["detail"]
    return error_response(request, 422, _TITLES[422], f"{field}: {detail}", field=field, errors=mistakes)


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(ReviewError, _domain_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
