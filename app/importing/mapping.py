"""One row of a PKU-SafeRLHF file to what is stored, or the sentence that says why it cannot be.

A label, source or hash that is absent or null is unknown. A value that cannot be one makes the whole row bad: a
guess would be a label that nobody gave. Typed formats are read strictly (design section 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b, sha256
from typing import Any

from app.models.entry import PROMPT_KEY_BYTES
from app.models.taxonomy import Taxonomy

# Label field -> the column that holds it; {} is the response's position.
LABEL_COLUMNS = {
    "is_safe": "is_response_{}_safe",
    "harm_categories": "response_{}_harm_category",
    "severity_level": "response_{}_severity_level",
}
PREFERENCES = ("better_response_id", "safer_response_id")
COLUMNS = frozenset(
    {"prompt", "prompt_source", *PREFERENCES}
    | {
        column.format(position)
        for position in (0, 1)
        for column in ("response_{}", "response_{}_source", "response_{}_sha256", *LABEL_COLUMNS.values())
    }
)


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
    responses: tuple[MappedResponse, MappedResponse]
    content_key: bytes
    length: int  # characters of prompt and responses
    unknown: list[str]  # known columns that are absent or null


def label_fields_of(columns: set[str]) -> list[str]:
    """The label fields that a file with these columns can have values for."""
    of_responses = [
        f"response_{position}.{name}"
        for position in (0, 1)
        for name, column in LABEL_COLUMNS.items()
        if column.format(position) in columns
    ]
    return of_responses + [name for name in PREFERENCES if name in columns]


def map_row(row: Mapping[str, Any], taxonomy: Taxonomy) -> MappedRow:
    """Raises BadRow."""
    prompt = _text(row, "prompt")
    if not prompt:
        raise BadRow("prompt: is empty")
    first, second = _response(row, 0, taxonomy), _response(row, 1, taxonomy)
    return MappedRow(
        prompt=prompt,
        prompt_source=_optional_text(row, "prompt_source"),
        better_response_id=_integer(row, "better_response_id", 1),
        safer_response_id=_integer(row, "safer_response_id", 1),
        responses=(first, second),
        content_key=content_key(prompt, first.text, second.text),
        length=len(prompt) + len(first.text) + len(second.text),
        unknown=[column for column in COLUMNS if row.get(column) is None],
    )


def content_key(prompt: str, *responses: str) -> bytes:
    """20 bytes: 8 of the prompt alone, 12 of prompt and responses, each text with its length before it."""
    pair = blake2b(digest_size=12)
    encoded = [text.encode() for text in (prompt, *responses)]
    for text in encoded:
        pair.update(b"%d:" % len(text))
        pair.update(text)
    return blake2b(encoded[0], digest_size=PROMPT_KEY_BYTES).digest() + pair.digest()


def hash_matches(prompt: str, response: MappedResponse) -> bool:
    """True for an unknown hash: nothing is claimed. PKU's hash is SHA-256 of prompt + response, no separator."""
    return response.sha256 is None or response.sha256 == sha256((prompt + response.text).encode()).hexdigest()


def _response(row: Mapping[str, Any], position: int, taxonomy: Taxonomy) -> MappedResponse:
    name = f"response_{position}"
    return MappedResponse(
        text=_text(row, name),
        source=_optional_text(row, f"{name}_source"),
        is_safe=_boolean(row.get(f"is_{name}_safe"), f"is_{name}_safe"),
        severity_level=_integer(row, f"{name}_severity_level", 3),
        harm_categories=_categories(row, f"{name}_harm_category", taxonomy),
        sha256=_optional_text(row, f"{name}_sha256"),
    )


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    if isinstance(value, str):
        return _storable(value, column)
    if column not in row:
        raise BadRow(f"{column}: is missing")
    raise BadRow(f"{column}: must be a text, is {_kind(value)}")


def _optional_text(row: Mapping[str, Any], column: str) -> str | None:
    value = row.get(column)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadRow(f"{column}: must be a text, is {_kind(value)}")
    return _storable(value, column)


def _storable(text: str, column: str) -> str:
    if "\0" in text:
        raise BadRow(f"{column}: holds a NUL character, which databases cannot store")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise BadRow(f"{column}: holds half of a surrogate pair, which is no character") from None
    return text


def _boolean(value: Any, column: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    raise BadRow(f"{column}: must be true or false, is {_kind(value)}")


def _integer(row: Mapping[str, Any], column: str, most: int) -> int | None:
    value = row.get(column)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRow(f"{column}: must be a whole number from 0 to {most}, is {_kind(value)}")
    if not 0 <= value <= most:
        raise BadRow(f"{column}: must be from 0 to {most}, is {value if abs(value) < 10**9 else 'a huge number'}")
    return value


def _categories(row: Mapping[str, Any], column: str, taxonomy: Taxonomy) -> int | None:
    value = row.get(column)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise BadRow(f"{column}: must be an object of harm categories, is {_kind(value)}")
    bits, mask = taxonomy.bits_by_name, 0
    for name, holds in value.items():
        if holds is False and name in bits:  # first, because nearly all of them are
            continue
        if name not in bits:
            raise BadRow(f"{column}: {name[:60]!r} is not a harm category of this dataset")
        if _boolean(holds, f"{column}.{name}"):
            mask |= bits[name]
    return mask


def _kind(value: Any) -> str:
    kinds = {
        str: "a text",
        bool: "true or false",
        int: "a whole number",
        float: "a fraction",
        dict: "an object",
    }
    if value is None:
        return "null"
    return kinds.get(type(value), "a list")
