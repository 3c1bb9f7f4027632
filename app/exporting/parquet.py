"""Parquet, one row group after the other. It imports pyarrow, so only a command comes here: never the web process."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from app.exporting.kinds import Column, Kind, ListOf, ObjectOf, Plain

_ROWS_AT_ONCE = 200
_GROUP_ROWS, _GROUP_BYTES = 10_000, 16 * 1024 * 1024
_TYPES = {
    Plain.INTEGER: pa.int64(),
    Plain.NUMBER: pa.float64(),
    Plain.BOOLEAN: pa.bool_(),
    Plain.TEXT: pa.large_string(),
    Plain.NOTHING: pa.large_string(),
    Plain.ANY: pa.large_string(),
}


class _Pieces:
    """A file that hands on what is written to it, and keeps nothing."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(self._pieces[-1])

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def parquet(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> Iterator[bytes]:
    """Without its end it cannot be opened, so a file that broke off is not taken for a whole one."""
    schema = pa.schema([(column.name, _type(column.kind)) for column in columns])
    pieces = _Pieces()
    with pq.ParquetWriter(pieces, schema, compression="zstd") as writer:
        for group in _groups(rows, columns, schema):
            writer.write_table(group, row_group_size=len(group))
            yield pieces.taken()
    yield pieces.taken()


def _groups(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column], schema: pa.Schema) -> Iterator[pa.Table]:
    remaining, batches, size, count = iter(rows), [], 0, 0
    as_text = {column.name for column in columns if column.kind is Plain.ANY}
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        batches.append(pa.RecordBatch.from_pylist([_fitting(row, as_text) for row in some], schema))
        size, count = size + batches[-1].nbytes, count + len(some)
        if count >= _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.Table.from_batches(batches)
            batches, size, count = [], 0, 0
    if batches:
        yield pa.Table.from_batches(batches)


def _fitting(row: Mapping[str, Any], as_text: set[str]) -> Mapping[str, Any]:
    """Values that have no one type in their column become JSON."""
    return {**row, **{name: _json(row[name]) for name in as_text & row.keys()}} if as_text else row


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _type(kind: Kind) -> pa.DataType:
    if isinstance(kind, ListOf):
        return pa.list_(_type(kind.items))
    if isinstance(kind, ObjectOf):
        return pa.struct([(name, _type(field)) for name, field in kind.fields.items()])
    return _TYPES[kind]
