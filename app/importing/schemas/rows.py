"""What a row of any schema becomes before it is stored, and the error that says why it cannot."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any


class BadRow(Exception):
    """Says why, without any of the row's texts."""


@dataclass(slots=True)
class MappedResponse:
    text: str
    source: str | None
    is_safe: bool | None
    severity_level: int | None
    harm_categories: int | None
    sha256: str | None


@dataclass(slots=True)
class MappedRow:
    prompt: str
    prompt_source: str | None
    better_response_id: int | None
    safer_response_id: int | None
    responses: tuple[MappedResponse, ...]  # as many as the unit has
    content_key: bytes
    length: int  # characters of prompt and responses
    unknown: list[str]  # columns of the layout that are absent or null
    extra: dict[str, Any] | None  # columns that mean nothing here


def hash_matches(prompt: str, response: MappedResponse) -> bool:
    """True for an unknown hash: nothing is claimed. PKU's hash is SHA-256 of prompt + response, no separator."""
    return response.sha256 is None or response.sha256 == sha256((prompt + response.text).encode()).hexdigest()
