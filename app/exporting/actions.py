"""What can be exported, as a stream or into a file that is whole or not there."""

import os
from collections.abc import Iterator
from pathlib import Path

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.errors import Failed, InvalidInput
from app.exporting.formats import FORMATS
from app.exporting.queries import REVIEW_COLUMNS, find_review_rows
from app.models import Dataset

WHATS = ("reviews",)


def export_stream(
    db: Session, dataset: Dataset, what: str, format_name: str, within: BitMap | None = None
) -> Iterator[bytes]:
    """Raises InvalidInput for a thing or format that there is not, before the first piece."""
    if what not in WHATS:
        raise InvalidInput(f"{what[:60]!r} cannot be exported; valid is {', '.join(WHATS)}.", "what")
    if format_name not in FORMATS:
        raise InvalidInput(f"{format_name[:60]!r} is no format; valid are {', '.join(FORMATS)}.", "format")
    return FORMATS[format_name](find_review_rows(db, dataset, within), REVIEW_COLUMNS)


def write_file(stream: Iterator[bytes], target: Path) -> int:
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
