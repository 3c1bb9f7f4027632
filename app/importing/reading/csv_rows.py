"""CSV and TSV as in RFC 4180: a header, cells in quotes that may hold line ends, a quote in a cell doubled.

A record is gathered line by line until its quotes are closed. When they never are, only the line that opens them is
bad, and reading goes on at the next one.
"""

import csv
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from app.errors import InvalidInput
from app.importing.reading.records import RAW_BYTES, Record
from app.importing.reading.rows_of_json import CUT_OFF
from app.importing.reading.text import TextFile, TextReader
from app.terms.exported import is_export, unguarded

_LONGEST_NAME = 100
_UNCLOSED = "opens a quote that is never closed"
_LOOKED_AT = 20


class _BadRecord(Exception):
    """Its message is the sentence."""


class _Lines:
    """The lines of a file, which can be given back: as bytes, for millions of short ones are large as objects."""

    def __init__(self, text: TextFile) -> None:
        self._fresh = text.lines()
        self._again = BytesIO()
        self._unended = b""  # a line given back that has no end, or was cut because it is too long
        self.number = 0  # of the line read last

    def read(self) -> bytes:
        """Empty at the end of the file."""
        raw = self._again.readline()
        if not raw:
            raw, self._unended = self._unended or next(self._fresh, (0, b""))[1], b""
        self.number += 1
        return raw

    def give_back(self, lines: bytes, last: bytes, number: int) -> None:
        """What was read after the line of that number."""
        if last.endswith(b"\n"):
            lines += last
        else:
            self._unended = last
        self._again = BytesIO(lines + self._again.read())
        self.number = number


class CsvRows(TextReader):
    is_typed = False

    def __init__(self, text: TextFile, delimiter: str) -> None:
        super().__init__(text)
        self._delimiter = delimiter
        self._lines = _Lines(text)
        self._names: list[str] = []
        csv.field_size_limit(text.limits.line_bytes)  # of the whole process; its own bound is 128 kB

    def __iter__(self) -> Iterator[Record]:
        while raw := self._lines.read():
            number = self._lines.number
            if not raw.strip(b" \r\n"):
                continue
            try:
                raw, cells = self._gather(raw)
                if self._names:
                    yield Record(number, raw, self._named(raw, cells))
                else:
                    self._names = _checked_header(self.text.path, cells, self.warnings)
            except _BadRecord as problem:
                if not self._names:
                    raise InvalidInput(f"{self.text.path}: its header {problem}.", "source") from None
                yield Record(number, raw[:RAW_BYTES], None, str(problem))

    def _gather(self, first: bytes) -> tuple[bytes, list[str]]:
        """The record that begins with this line, and its cells."""
        most, number = self.text.limits.line_bytes, self._lines.number
        if len(first) > most:
            raise _BadRecord(self.text.too_long)
        cells = self._parse(first)
        following = bytearray()
        while cells is None:
            line = self._lines.read()
            if not line or len(first) + len(following) + len(line) > most:
                if line and not self._holds_records(following):
                    self._skip_to_closing_quote(line)
                    raise _BadRecord(self.text.too_long)
                self._lines.give_back(bytes(following), line, number)
                raise _BadRecord(_UNCLOSED if following or line else CUT_OFF)
            following += line
            if line.count(b'"') % 2:
                try:
                    cells = self._parse(first + following)
                except _BadRecord:
                    self._lines.give_back(bytes(following), b"", number)
                    raise _BadRecord(_UNCLOSED) from None
        return first + following, cells

    def _holds_records(self, lines: bytearray) -> bool:
        """Whether these would be records, were it not for the open quote before them; else it is one endless cell."""
        looked_at = bytes(lines).split(b"\n", _LOOKED_AT)[:-1]
        return (
            sum(line.count(self._delimiter.encode()) >= len(self._names) - 1 for line in looked_at) > len(looked_at) / 2
        )

    def _skip_to_closing_quote(self, line: bytes) -> None:
        while line and line.count(b'"') % 2 == 0:
            line = self._lines.read()

    def _parse(self, raw: bytes) -> list[str] | None:
        """None when a quote is open at its end."""
        try:
            return next(csv.reader([raw.decode()], delimiter=self._delimiter, strict=True))
        except UnicodeDecodeError as error:
            raise _BadRecord(f"is not valid UTF-8 at byte {error.start + 1}") from None
        except csv.Error as error:
            message = str(error)
        if message == "unexpected end of data":
            return None
        if message.startswith("new-line character"):
            raise _BadRecord("has a line end outside of quotes")
        raise _BadRecord("has text after a closing quote; inside a cell a quote is written twice")

    def _named(self, raw: bytes, cells: list[str]) -> dict[str, object]:
        if len(cells) == len(self._names):
            if is_export(self._names):
                cells = list(map(unguarded, cells))
            return dict(zip(self._names, cells, strict=True))
        if len(cells) < len(self._names) and not raw.endswith(b"\n"):
            raise _BadRecord(CUT_OFF)
        counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        raise _BadRecord(f"has {counted}, the header has {len(self._names)}")


def _checked_header(path: Path, cells: list[str], warnings: list[str]) -> list[str]:
    """The names of the columns; raises InvalidInput when they are none."""
    names = [cell.strip() for cell in cells]
    if any(len(name) > _LONGEST_NAME or "\n" in name for name in names) or not any(names):
        raise InvalidInput(
            f"{path}: its first line holds texts, not the names of columns. Add a header line, such as "
            "prompt,response,is_safe.",
            "source",
        )
    if len(names) == 1 and (other := next((mark for mark in ",;\t|" if mark in names[0]), None)):
        raise InvalidInput(
            f"{path}: its cells are separated by {other!r}, it seems; needed are commas (csv) or tabs (tsv): "
            "--format says which.",
            "source",
        )
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise InvalidInput(f"{path}: its header names {', '.join(repeated)} twice; rename one of them.", "source")
    for position, name in enumerate(names, start=1):
        if not name:
            names[position - 1] = f"column_{position}"
            warnings.append(f"column {position} has no name in the header; it is called column_{position} here")
    return list(map(unguarded, names)) if is_export(names) else names
