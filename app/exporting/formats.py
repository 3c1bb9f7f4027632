"""Rows to bytes, piece by piece."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

Row = Mapping[str, Any]
# A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def jsonl(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    for row in rows:
        yield orjson.dumps({column: row[column] for column in columns}, option=orjson.OPT_APPEND_NEWLINE)


def csv_lines(rows: Iterable[Row], columns: Sequence[str]) -> Iterator[bytes]:
    """RFC 4180. Lists and true/false are JSON; what could be a formula gets an apostrophe in front."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row[column]) for column in columns])
        yield _taken(buffer)
    yield _taken(buffer)


def _cell(value: Any) -> str | int | None:
    if isinstance(value, bool | list):
        return json.dumps(value)
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value  # type: ignore[no-any-return]


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


Writer = Callable[[Iterable[Row], Sequence[str]], Iterator[bytes]]
FORMATS: dict[str, Writer] = {"jsonl": jsonl, "csv": csv_lines}
MEDIA_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}
