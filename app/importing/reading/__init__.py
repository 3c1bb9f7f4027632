"""Files of any format to records. Knows nothing of datasets, schemas or the database."""

from pathlib import Path

from app.importing.reading.formats import format_of, known_format
from app.importing.reading.json_lines import JsonLines
from app.importing.reading.records import Limits, Reader, Record, raw_of
from app.importing.reading.text import TextFile

__all__ = ["Limits", "Reader", "Record", "format_of", "open_reader", "raw_of"]


def open_reader(path: Path, file_format: str, limits: Limits) -> Reader:
    """Raises Failed or InvalidInput naming the file when it is not of this format, or not to be read at all."""
    known_format(file_format)
    return JsonLines(TextFile(path, limits))
