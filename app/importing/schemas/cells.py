"""Cells of CSV and TSV, which are all texts, to what a typed format would have said.

What cannot be read stays a text, and the strict reader then says what it should have been.
"""

import re
from ast import literal_eval
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import orjson

_BOOLEANS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_INTEGER = re.compile(r"[+-]?\d{1,18}(\.0*)?", re.ASCII)
_OBJECT_BOUND = 4000  # characters; 19 categories take 700
_LITERAL_BOUND = 1_000_000
_AS_THEY_ARE = ("response", "response_0", "response_1")


class CellParser:
    def __init__(self, columns: Mapping[str, str]) -> None:
        self._parsers = [(column, parser_of(name)) for name, column in columns.items() if name not in _AS_THEY_ARE]

    def __call__(self, row: Mapping[str, Any]) -> dict[str, Any]:
        parsed = dict(row)
        for column, parse in self._parsers:
            cell = parsed.get(column)
            if isinstance(cell, str):
                parsed[column] = parse(cell)
        return parsed


def parser_of(name: str) -> Callable[[str], Any]:
    """What a column of ours holds is said by its name."""
    if name.endswith("harm_category"):
        return parse_object
    if name.startswith("is_"):
        return _parse_boolean
    if name.endswith(("_id", "severity_level")):
        return _parse_integer
    return parse_messages if name in ("prompt", "chosen", "rejected") else _parse_name


def _parse_boolean(cell: str) -> bool | str | None:
    word = cell.strip().lower()
    return _BOOLEANS.get(word, cell) if word else None


def _parse_integer(cell: str) -> int | str | None:
    word = cell.strip()
    if not word:
        return None
    return int(word.partition(".")[0]) if _INTEGER.fullmatch(word) else cell


def _parse_name(cell: str) -> str | None:
    """Of a source, or a hash."""
    return cell or None


def parse_object(cell: str) -> Any:
    """JSON, or a Python literal such as {'self_harm': False}."""
    word = cell.strip()
    if not word:
        return None
    value = _short_literal(word) if word.startswith("{") and len(word) <= _OBJECT_BOUND else None
    return value if isinstance(value, dict) else cell


def parse_messages(cell: str) -> Any:
    """A text that only looks like a list of messages stays one."""
    value = _literal(cell) if cell.startswith("[{") and cell.endswith("}]") else None
    is_messages = isinstance(value, list) and all(
        isinstance(m, dict) and {"role", "content"} <= m.keys() for m in value
    )
    return value if is_messages else cell


def _literal(word: str) -> Any:
    try:
        return orjson.loads(word)
    except orjson.JSONDecodeError:
        pass
    try:
        return literal_eval(word) if len(word) <= _LITERAL_BOUND else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


# A dataset has few different objects of categories, and to read one takes longer than the rest of the row.
_short_literal = lru_cache(maxsize=4096)(_literal)
