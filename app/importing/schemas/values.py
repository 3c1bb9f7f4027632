"""One value of a row, read strictly: a guess would be a label that nobody gave (design section 3).

None is unknown. Whatever cannot be a value raises BadRow, naming the column and the kind of what is there.
"""

from collections.abc import Mapping
from itertools import compress
from math import isnan
from typing import Any

from app.importing.schemas.columns import shown
from app.importing.schemas.rows import BadRow
from app.models.taxonomy import Taxonomy

_KINDS = {
    type(None): "null",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "an object",
    list: "a list",
    tuple: "a list",
}
_ALL_BOOLEANS = {bool}


def text(value: Any, column: str) -> str:
    if not isinstance(value, str):
        raise BadRow(f"{column}: must be a text, is {kind(value)}")
    if "\0" in value:
        raise BadRow(f"{column}: holds a NUL character, which databases cannot store")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadRow(f"{column}: holds half of a surrogate pair, which is no character") from None
    return value


def optional_text(row: Mapping[str, Any], column: str | None) -> str | None:
    value = None if column is None else row.get(column)
    return None if value is None else text(value, column or "")


def boolean(row: Mapping[str, Any], column: str | None) -> bool | None:
    return None if column is None else as_boolean(row.get(column), column)


def as_boolean(value: Any, column: str) -> bool | None:
    if value is None or value is True or value is False:
        return value
    value = _of_python(value)
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    raise BadRow(f"{column}: must be true or false, is {kind(value)}")


def integer(row: Mapping[str, Any], column: str | None, most: int) -> int | None:
    value = None if column is None else row.get(column)
    if value is None:
        return None
    if type(value) is not int:
        value = _of_python(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRow(f"{column}: must be a whole number from 0 to {most}, is {kind(value)}")
    if not 0 <= value <= most:
        raise BadRow(f"{column}: must be from 0 to {most}, is {value if abs(value) < 10**9 else 'a huge number'}")
    return value


class CategoryReader:
    """Reads an object of category names and booleans to a mask over the taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._bit_of = taxonomy.bits_by_name
        self._names = tuple(self._bit_of)
        self._bits = tuple(self._bit_of.values())

    def __call__(self, row: Mapping[str, Any], column: str | None) -> int | None:
        value = None if column is None else row.get(column)
        if value is None or column is None:
            return None
        if not isinstance(value, dict):
            raise BadRow(f"{column}: must be an object of harm categories, is {kind(value)}")
        flags = value.values()
        if tuple(value) == self._names and {*map(type, flags)} == _ALL_BOOLEANS:  # as nearly every row is
            return sum(compress(self._bits, flags)) if True in flags else 0
        return self._one_by_one(value, column)

    def _one_by_one(self, value: dict[Any, Any], column: str) -> int:
        mask = 0
        for name, holds in value.items():
            if name not in self._bit_of:
                raise BadRow(f"{column}: {shown(name)} is not a harm category of this dataset")
            if as_boolean(holds, f"{column}.{name}"):
                mask |= self._bit_of[name]
        return mask


def kind(value: Any) -> str:
    if isinstance(value, float):
        return "NaN, which is no number" if isnan(value) else "a fraction"
    return _KINDS.get(type(value), "of another kind")


def _of_python(value: Any) -> Any:
    """NumPy's numbers and booleans to Python's own."""
    return value.item() if getattr(value, "shape", None) == () else value
