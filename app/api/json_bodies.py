"""A body as strict JSON: one object, no name twice, nothing that is not JSON, no text that cannot be kept."""

import json
from collections.abc import Collection
from typing import Any, NoReturn

from fastapi import Request
from starlette.exceptions import HTTPException

from app.api.conditional import JSON
from app.errors import InvalidInput

Object = dict[str, Any]


async def read_object(request: Request) -> Object:
    """Raises InvalidInput; 415 for another media type, which pages elsewhere could send."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
        raise HTTPException(415, f"Send {JSON}.")
    try:
        text = (await request.body()).decode()
        found = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        raise InvalidInput("The body must be one JSON object in UTF-8.", "body") from None
    if not isinstance(found, dict):
        raise InvalidInput("The body must be a JSON object.", "body")
    return found


def check_names(found: Object, valid: Collection[str], where: str = "") -> None:
    for name in found:
        if name not in valid:
            there = ", ".join(valid)
            raise InvalidInput(f"{name[:60]!r} is no field {f'of {where}' if where else 'here'}. Valid are: {there}.",
                               f"{where}.{name[:60]}" if where else name[:60], list(valid))  # fmt: skip


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found: Object = {}
    for name, value in pairs:
        if name in found:
            raise InvalidInput(f"The field {name[:60]!r} is given twice.", "body")
        found[name] = value
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
