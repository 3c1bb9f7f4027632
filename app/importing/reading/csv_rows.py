"""CSV and TSV as in RFC 4180: a header, cells in quotes that may hold line ends, a quote in a cell doubled.

A record is gathered line by line until its quotes are closed. When they never are, only the line that opens them is
bad, and reading goes on at the next one.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from app.errors import InvalidInput
from app.importing.reading.records import RAW_BYTES, Record
from app.importing.reading.rows_of_json import CUT_OFF
from app.importing.reading.text import TextFile, TextReader

_LONGEST_NAME = 100
_UNCLOSED = "opens a quote that is never closed"
_Line = tuple[int, bytes]


class _BadRecord(Exception):
    """Its message is the sentence."""


class CsvRows(TextReader):
    is_typed = False

    def __init__(self, text: TextFile, delimiter: str) -> None:
        super().__init__(text)
        self._delimiter = delimiter
        self._lines = text.lines()
        self._again: list[_Line] = []  # lines to be read once more, the next one last
        csv.field_size_limit(text.limits.line_bytes)  # of the whole process; its own bound is 128 kB

    def __iter__(self) -> Iterator[Record]:
        names: list[str] | None = None
        while line := self._next_line():
            number, raw = line
            if not raw.strip(b" \r\n"):
                continue
            try:
                raw, cells = self._gather(raw)
                if names is None:
                    names = _checked_header(self.text.path, cells, self.warnings)
                    continue
                record = Record(number, raw, _named(raw, cells, names))
            except _BadRecord as problem:
                if names is None:
                    raise InvalidInput(f"{self.text.path}: its header {problem}.", "source") from None
                record = Record(number, raw[:RAW_BYTES], None, str(problem))
            yield record

    def _gather(self, raw: bytes) -> tuple[bytes, list[str]]:
        """The record that begins with this line, and its cells."""
        most = self.text.limits.line_bytes
        if len(raw) > most:
            raise _BadRecord(self.text.too_long)
        cells = self._parse(raw)
        following: list[_Line] = []
        size = len(raw)
        while cells is None:
            line = self._next_line()
            if line is None or size + len(line[1]) > most:
                self._again += [*([line] if line else []), *reversed(following)]
                raise _BadRecord(_UNCLOSED if line or following else CUT_OFF)
            following.append(line)
            size += len(line[1])
            if line[1].count(b'"') % 2:
                whole = b"".join([raw, *(each for _, each in following)])
                try:
                    cells = self._parse(whole)
                except _BadRecord:
                    self._again += reversed(following)
                    raise _BadRecord(_UNCLOSED) from None
                raw = whole if cells else raw
        return raw, cells

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

    def _next_line(self) -> _Line | None:
        return self._again.pop() if self._again else next(self._lines, None)


def _named(raw: bytes, cells: list[str], names: list[str]) -> dict[str, object]:
    if len(cells) == len(names):
        return dict(zip(names, cells, strict=True))
    if len(cells) < len(names) and not raw.endswith(b"\n"):
        raise _BadRecord(CUT_OFF)
    counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    raise _BadRecord(f"has {counted}, the header has {len(names)}")


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
    return names
