"""Rows to bytes, in pieces large enough to send."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from app.errors import InvalidInput
from app.exporting.kinds import Column
from app.terms.exported import guarded

Row = Mapping[str, Any]
Writer = Callable[[Iterable[Row], Sequence[Column]], Iterator[bytes]]
PIECE_BYTES = 64 * 1024
MEDIA_TYPES = {
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def jsonl(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[bytes]:
    """A column that a row lacks is left out of it."""
    names = [column.name for column in columns]
    piece = bytearray()
    for row in rows:
        piece += orjson.dumps({name: row[name] for name in names if name in row}, option=orjson.OPT_APPEND_NEWLINE)
        if len(piece) >= PIECE_BYTES:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def csv_lines(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[bytes]:
    """RFC 4180. Lists, objects and true/false are JSON; what could be a formula gets an apostrophe in front."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([guarded(column.name) for column in columns])
    for row in rows:
        writer.writerow([_cell(row.get(column.name)) for column in columns])
        if buffer.tell() >= PIECE_BYTES:
            yield _taken(buffer)
    yield _taken(buffer)


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, bool | list | dict):
        value = orjson.dumps(value).decode()
    return guarded(value) if isinstance(value, str) else value


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _parquet(rows: Iterable[Row], columns: Sequence[Column]) -> Iterator[bytes]:
    from app.exporting.parquet import parquet  # only a command pays for pyarrow

    return parquet(rows, columns)


_WRITERS: dict[str, Writer] = {"jsonl": jsonl, "csv": csv_lines, "parquet": _parquet}


def writer_of(format_name: str) -> Writer:
    if format_name not in _WRITERS:
        raise InvalidInput(f"{format_name[:60]!r} is no format; valid are {', '.join(_WRITERS)}.", "format")
    return _WRITERS[format_name]
