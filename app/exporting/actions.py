"""An export as a stream of bytes, or as a file that is whole or not there."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from app.errors import Failed
from app.exporting.exports import Export
from app.exporting.formats import writer_of

_ROWS_BETWEEN_REPORTS = 1000
T = TypeVar("T")


def export_stream(export: Export, format_name: str, on_rows: Callable[[int], None] = lambda _: None) -> Iterator[bytes]:
    """Raises InvalidInput for a format that there is not, before the first piece; `on_rows` hears of progress."""
    return writer_of(format_name)(_counted(export.rows(), on_rows), export.columns)


def _counted(rows: Iterable[T], on_rows: Callable[[int], None]) -> Iterator[T]:
    count = 0
    for row in rows:
        yield row
        count += 1
        if count % _ROWS_BETWEEN_REPORTS == 0:
            on_rows(count)
    on_rows(count)


def write_file(stream: Iterable[bytes], target: Path) -> int:
    """Bytes written. A temporary name beside the target is renamed when the file is whole and on the disk."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            size = sum(file.write(piece) for piece in stream)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise Failed(f"{target}: {error.strerror}. Nothing was written.") from None
    finally:
        part.unlink(missing_ok=True)
    return size
