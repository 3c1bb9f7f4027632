"""Names of columns: what --map says, which name was probably meant, and how to show one that came with the data."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from app.errors import InvalidInput
from app.importing.schemas.known import SCHEMAS

OUR_NAMES = tuple(dict.fromkeys(name for schema in SCHEMAS.values() for name in schema.columns))
_ALSO_CALLED = {"category": "harm_category"}  # BeaverTails says it so


def parse_columns(texts: Sequence[str]) -> dict[str, str]:
    """`prompt=question,response_0=a` to our name -> the source's; raises InvalidInput."""
    columns: dict[str, str] = {}
    for part in (part.strip() for text in texts for part in text.split(",") if part.strip()):
        given, _, column = (half.strip() for half in part.partition("="))
        if not given or not column:
            raise InvalidInput(f"--map: {shown(part)} is not of the form prompt=COLUMN,response=COLUMN.", "map")
        name = _ALSO_CALLED.get(given, given)
        if name not in OUR_NAMES:
            raise InvalidInput(
                f"--map: {shown(given)} is no column that can be mapped{_meant(given, OUR_NAMES)} "
                f"There are {', '.join(OUR_NAMES)}.",
                "map",
            )
        if name in columns:
            raise InvalidInput(f"--map: {given} is given twice.", "map")
        columns[name] = column
    return columns


def check_mapped(columns: Mapping[str, str], found: Iterable[str]) -> None:
    """Raises InvalidInput when a column that --map names is in no row."""
    names = list(found)
    for name, column in columns.items():
        if column not in names:
            raise InvalidInput(
                f"--map {name}={column}: no row has a column {shown(column)}{_meant(column, names)} "
                f"Found: {listed(names)}.",
                "map",
            )


def _meant(name: str, names: Iterable[str]) -> str:
    near = nearest(name, names)
    return f"; did you mean {shown(near)}?" if near else "."


def nearest(name: str, names: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name, list(names), 1, 0.75)), None)


def missing(column: str, row: Mapping[str, Any], known: frozenset[str]) -> str:
    """Says that a row lacks a column, and which of its other keys may be meant."""
    near = nearest(column, [str(name)[:60] for name in row if name not in known])
    return f"{column}: is missing" + (f"; there is {shown(near)}" if near else "")


def shown(name: object) -> str:
    """For a sentence: bounded, and with whatever could disturb it escaped."""
    return repr(str(name)[:60])


def listed(names: Iterable[str], most: int = 20) -> str:
    """`a, b, c` of names that came with the data."""
    every = sorted(str(name)[:40] for name in names)
    bounded = [name if name.isprintable() else repr(name) for name in every[:most]]
    return ", ".join(bounded) + (f" and {len(every) - most} more" if len(every) > most else "")
