"""Every error as a person, htmx or a script reads it: page, fragment or JSON, decided in this one place."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from app.errors import InvalidInput, ReviewError
from app.web.rendering import render

_TITLES = {
    400: "This could not be read",
    403: "Not allowed",
    404: "Not found",
    405: "That cannot be done here",
    413: "Too large",
    422: "This could not be read",
}


def error_response(
    request: Request, status: int, title: str, message: str, *, error_id: str | None = None, field: str | None = None
) -> Response:
    if request.url.path.startswith("/api/"):
        return _problem(status, title, message, error_id, field)
    context = {"status": status, "title": title, "message": message, "error_id": error_id}
    return render(request, "error.html", context, partial="_error.html", status=status)


def _problem(status: int, title: str, message: str, error_id: str | None, field: str | None) -> JSONResponse:
    """RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": message}
    extra = {"error_id": error_id, "field": field}
    content = body | {name: value for name, value in extra.items() if value is not None}
    return JSONResponse(content, status_code=status, media_type="application/problem+json")


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ReviewError)  # noqa: S101 - registered for nothing else
    field = error.field if isinstance(error, InvalidInput) else None
    return error_response(request, error.status, error.title, error.message, field=field)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    message = "There is nothing at this address." if error.status_code == 404 else str(error.detail)
    return error_response(request, error.status_code, _TITLES.get(error.status_code, "Error"), message)


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "request"
    return error_response(request, 422, _TITLES[422], f"{field}: {first['msg']}.", field=field)


def install_error_handlers(app: FastAPI) -> None:
    app.add_exception_handler(ReviewError, _domain_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
