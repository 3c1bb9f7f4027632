"""What reading a file gives, whatever its format: records, each a row or the sentence that says why it is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import orjson

_MIB = 1024 * 1024
RAW_BYTES = 4096  # of a bad row, more than anybody is shown


@dataclass(frozen=True)
class Limits:
    """How much of a hostile file is let in before it is refused."""

    line_bytes: int = 8 * _MIB
    unpacked_bytes: int = 64 * 1024 * _MIB


@dataclass(slots=True)
class Record:
    number: int  # the line on which it begins, or in Parquet and Arrow its row; from 1
    raw: bytes  # as in the file; of Parquet and Arrow nothing: see `raw_of`
    row: dict[str, object] | None  # None when it is bad
    problem: str | None = None
    warnings: tuple[str, ...] = ()


class Reader(Protocol):
    """Iterate it once; afterwards `warnings` speaks of the whole file."""

    is_typed: bool  # not in CSV and TSV, whose cells are texts
    warnings: list[str]

    @property
    def bytes_read(self) -> int:
        """Of the file as it lies on disk, for progress."""

    def __iter__(self) -> Iterator[Record]: ...

    def finish(self) -> str:
        """Closes it and returns the SHA-256 of the whole file, also when only its beginning was asked for."""

    def close(self) -> None: ...


def raw_of(record: Record) -> bytes:
    """What to show of a row that a later stage finds bad: as in the file, or as JSON where it stood as no text."""
    if record.raw or record.row is None:
        return record.raw[:RAW_BYTES]
    short = {name[:200]: _shortened(value) for name, value in record.row.items()}
    return orjson.dumps(short, default=lambda value: repr(value)[:RAW_BYTES], option=orjson.OPT_NON_STR_KEYS)[
        :RAW_BYTES
    ]


def _shortened(value: object) -> object:
    if isinstance(value, str):
        return value[:RAW_BYTES].encode(errors="replace").decode()
    return value
