"""JSON lines: a row a line."""

from collections.abc import Iterator

from app.importing.reading.records import RAW_BYTES, Record
from app.importing.reading.rows_of_json import read_row
from app.importing.reading.text import TextReader


class JsonLines(TextReader):
    def __iter__(self) -> Iterator[Record]:
        most = self.text.limits.line_bytes
        for number, raw in self.text.lines():
            if len(raw) > most:
                yield Record(number, raw[:RAW_BYTES], None, self.text.too_long)
            elif not raw.isspace():
                yield read_row(number, raw, is_last=not raw.endswith(b"\n"))
