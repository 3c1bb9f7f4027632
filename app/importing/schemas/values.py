"""One value of a row, read strictly: a guess would be a label that nobody gave (design section 3).

None is unknown. Whatever cannot be a value raises BadRow, naming the column and the kind of what is there.
"""

from math import isnan
from typing import Any

from app.importing.schemas.columns import shown
from app.importing.schemas.rows import BadRow
from app.terms.taxonomy import Taxonomy

_KINDS = {
    type(None): "null",
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    dict: "an object",
    list: "a list",
    tuple: "a list",
}
_MASKS_REMEMBERED = 10_000


def text(value: Any, column: str | None) -> str:
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


def optional_text(value: Any, column: str | None) -> str | None:
    return None if value is None else text(value, column)


def boolean(value: Any, column: str | None) -> bool | None:
    if value is True or value is False or value is None:
        return value
    value = _of_python(value)
    if isinstance(value, int) and value in (0, 1):
        return value == 1
    raise BadRow(f"{column}: must be true or false, is {kind(value)}")


def integer(value: Any, column: str | None, most: int) -> int | None:
    if value is None or (type(value) is int and 0 <= value <= most):
        return value
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
        self._masks: dict[bytes, int] = {}  # of objects with all names in order, as nearly every row has them

    def __call__(self, value: Any, column: str | None) -> int | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise BadRow(f"{column}: must be an object of harm categories, is {kind(value)}")
        try:
            flags = bytes(value.values())  # takes booleans and small integers only
        except (TypeError, ValueError):
            return self._mask(value, column)
        mask = self._masks.get(flags)
        if mask is None or tuple(value) != self._names:
            mask = self._mask(value, column)
            if tuple(value) == self._names and len(self._masks) < _MASKS_REMEMBERED:
                self._masks[flags] = mask
        return mask

    def _mask(self, value: dict[Any, Any], column: str | None) -> int:
        mask = 0
        for name, holds in value.items():
            if name not in self._bit_of:
                raise BadRow(f"{column}: {shown(name)} is not a harm category of this dataset")
            if boolean(holds, f"{column}.{name}"):
                mask |= self._bit_of[name]
        return mask


def kind(value: Any) -> str:
    if isinstance(value, float):
        return "NaN, which is no number" if isnan(value) else "a fraction"
    return _KINDS.get(type(value), "of another kind")


def _of_python(value: Any) -> Any:
    """NumPy's numbers and booleans to Python's own."""
    return value.item() if getattr(value, "shape", None) == () else value
