"""The reader as `batches` and `actions` still call it; goes when they call `open_reader`."""

from pathlib import Path

from app.importing.reading import Limits, Record
from app.importing.reading.json_lines import JsonLines
from app.importing.reading.text import TextFile

Line = Record


class LineReader(JsonLines):
    def __init__(self, path: Path) -> None:
        super().__init__(TextFile(path, Limits()))
