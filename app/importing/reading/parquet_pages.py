"""How large the pages of a Parquet file are when unpacked, from their headers alone.

A page is unpacked whole, so one with a text of 100 MB in it would take several times that in memory; nothing else in
the file says so beforehand. Headers are Thrift structs in the compact protocol.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_CUR
from typing import BinaryIO

_TRUE, _FALSE, _BINARY, _STRUCT = 1, 2, 8, 12  # kinds of values
_INTEGERS = (4, 5, 6)
_FIXED = {3: 1, 7: 8}  # bytes: byte, double
# Fields of PageHeader, and of DataPageHeader and DataPageHeaderV2 in it.
_UNPACKED_SIZE, _PACKED_SIZE, _DATA_PAGES, _VALUES = 2, 3, (5, 8), 1
_DEEPEST = 8


@dataclass
class PageSizes:
    largest: int = 0
    per_value: int = 0  # in the page where values are longest


def page_sizes(file: BinaryIO, start: int, packed_size: int) -> PageSizes:
    """Unpacked, of the pages between; raises ValueError or EOFError when they are none."""
    found, end = PageSizes(), start + packed_size
    while start < end:
        file.seek(start)
        unpacked, packed, values = _header(file)
        found.largest = max(found.largest, unpacked)
        found.per_value = max(found.per_value, unpacked // values if values > 0 else 0)
        start = file.tell() + packed
    return found


def _header(file: BinaryIO) -> tuple[int, int, int]:
    """Unpacked and packed size without the header, which is consumed, and the values; a dictionary has none."""
    sizes: dict[int, int] = {}
    values = 0
    for field, kind in _fields(file):
        if field in (_UNPACKED_SIZE, _PACKED_SIZE):
            sizes[field] = _integer(file)
        elif field in _DATA_PAGES:
            for inner, its_kind in _fields(file):
                if inner == _VALUES:
                    values = _integer(file)
                else:
                    _skip(file, its_kind)
        else:
            _skip(file, kind)
    if len(sizes) < 2 or min(sizes.values()) < 0:
        raise ValueError("no page header where one should be")
    return sizes[_UNPACKED_SIZE], sizes[_PACKED_SIZE], values


def _fields(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """(number, kind) of each field of a struct; the caller consumes its value before the next."""
    field = 0
    while head := _byte(file):
        field = field + (head >> 4) if head >> 4 else _integer(file)
        yield field, head & 15


def _skip(file: BinaryIO, kind: int, depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise ValueError("a page header is nested too deeply")
    if kind in (_TRUE, _FALSE):
        return
    if kind == _STRUCT:
        for _, inner in _fields(file):
            _skip(file, inner, depth + 1)
    elif kind == _BINARY:
        file.seek(_varint(file), SEEK_CUR)
    elif kind in _FIXED:
        file.seek(_FIXED[kind], SEEK_CUR)
    elif kind in _INTEGERS:
        _varint(file)
    else:
        raise ValueError("a page header holds what none has")


def _integer(file: BinaryIO) -> int:
    coded = _varint(file)
    return (coded >> 1) ^ -(coded & 1)


def _varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = _byte(file)
        value |= (byte & 127) << shift
        if byte < 128:
            return value
    raise ValueError("a page header holds an endless number")


def _byte(file: BinaryIO) -> int:
    byte = file.read(1)
    if not byte:
        raise EOFError("it is cut off")
    return byte[0]
