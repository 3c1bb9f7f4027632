"""Answers that a client may keep: each has an ETag, made from what it depends on before any work is done for it."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import orjson
from fastapi import Request
from fastapi.responses import Response

from app.accounts.visitors import Visitor

JSON, NDJSON = "application/json", "application/x-ndjson"


def _product_version() -> str:
    try:
        return version("saferlhf-review")
    except PackageNotFoundError:  # pragma: no cover - a checkout that was not installed
        return "0"


PRODUCT_VERSION = _product_version()


def json_response(document: Any, headers: dict[str, str] | None = None) -> Response:
    """Written out at once: nothing checks here what the tests hold against the schema."""
    return Response(orjson.dumps(document), headers=headers, media_type=JSON)


def answer(
    request: Request, depends_on: Iterable[object], make: Callable[[], Response], *, form: str | None = None
) -> Response:
    """304 when the client has it already. `form` is the media type, where there are several to choose from."""
    tag = _tag(request.url.path, request.url.query, form, _asker(request), *depends_on)
    varies = "Cookie, Authorization" if form is None else "Accept, Cookie, Authorization"
    kept = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": varies}
    if _opaque(tag) in map(_opaque, request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=kept)
    made = make()
    made.headers.update(kept)
    return made


def _asker(request: Request) -> object:
    """In a team each sees what they may: one browser may be used by several people, one after the other."""
    visitor: Visitor = request.state.visitor
    seen = None if visitor.datasets is None else sorted(visitor.datasets)
    return (visitor.reviewer_id, visitor.role, seen) if visitor.is_team else None


def _tag(*parts: object) -> str:
    """A weak one: the same answer may be compressed or not."""
    digest = blake2b(repr((PRODUCT_VERSION, *parts)).encode(), digest_size=12)
    return f'W/"{digest.hexdigest()}"'


def _opaque(tag: str) -> str:
    """If-None-Match compares weakly (RFC 9110, 13.1.2)."""
    return tag.strip().removeprefix("W/")
