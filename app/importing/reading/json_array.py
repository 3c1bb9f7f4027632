"""A JSON array of rows, sliced into its elements without ever holding much more than one of them.

An element is skipped over bracket by bracket, whole strings at once, and then parsed like a line of JSON lines. A
damaged one ends where the next begins that starts with the same key, so that a lost quote costs one row.
"""

import re
from collections.abc import Iterator

from app.importing.reading.records import RAW_BYTES, Record
from app.importing.reading.rows_of_json import CUT_OFF, read_row
from app.importing.reading.text import TextFile, TextReader

_BLOCK = 1 << 18
_AT_TOP, _INSIDE = re.compile(rb'["{}\[\],]'), re.compile(rb'["{}\[\]]')
_LINE_BREAK = re.compile(rb"[\r\n]")
_QUOTE, _BACKSLASH = b'"', ord("\\")
_BEGINNING = re.compile(rb"\s*+\[?+")
_BETWEEN = re.compile(rb"[\s,]*+")
_BLANK = re.compile(rb"\s*+")
_FIRST_KEY = re.compile(rb'\{\s*+("[^"\\\r\n]{1,200}")')
_OVERLAP = 1024  # of two searches for the next element


class JsonArray(TextReader):
    def __init__(self, text: TextFile) -> None:
        super().__init__(text)
        self._buffer = b""
        self._start = 0  # of what is not consumed yet
        self._line = 1

    def __iter__(self) -> Iterator[Record]:
        self._skip(_BEGINNING)
        while self._skip(_BETWEEN):
            if self._buffer[self._start] == ord("]"):
                self._consume(self._start + 1)
                if self._skip(_BLANK):
                    self.warnings.append("goes on after the end of its array; what stands there was not read")
                return
            yield self._element()
        self.warnings.append("ends without closing its array")

    def _element(self) -> Record:
        number, most = self._line, self.text.limits.line_bytes
        end = self._end_of_element()
        raw = self._buffer[self._start : end]
        if end is not None and len(raw) <= most:
            record = read_row(number, raw, is_last=False)
            if record.row is not None or not (next_one := self._next_like_this().search(raw, 1)):
                self._consume(end)
                return record
            self._consume(self._start + next_one.start())
            return record
        problem = self.text.too_long if len(raw) > most else "is not JSON: it has no end"
        goes_on = self._go_to(self._next_like_this())
        return Record(number, raw[:RAW_BYTES], None, problem if goes_on or len(raw) > most else CUT_OFF)

    def _end_of_element(self) -> int | None:
        """Its index in the buffer; None when the file or our patience ends before it, or it is damaged."""
        at, depth = 0, 0  # counted from where it begins, since more may move the buffer
        while True:
            found = (_INSIDE if depth else _AT_TOP).search(self._buffer, self._start + at)
            if found is None:
                at = len(self._buffer) - self._start
                if not self._more():
                    return None
            elif found[0] == _QUOTE:
                at = found.start() - self._start
                end = self._end_of_string(found.end())
                if end is not None:
                    at = end - self._start
                elif _LINE_BREAK.search(self._buffer, found.end()) or not self._more():
                    return None
            elif not depth and found[0] in b",]":
                return found.start()
            else:
                depth += 1 if found[0] in b"{[" else -1
                at = found.end() - self._start
                if depth <= 0:
                    return found.end()

    def _end_of_string(self, begin: int) -> int | None:
        """Behind its closing quote; None when that is not in the buffer, or comes after a line break."""
        quote = self._buffer.find(_QUOTE, begin)
        while quote >= 0 and self._is_escaped(quote, begin):
            quote = self._buffer.find(_QUOTE, quote + 1)
        return None if quote < 0 or _LINE_BREAK.search(self._buffer, begin, quote) else quote + 1

    def _is_escaped(self, quote: int, begin: int) -> bool:
        before = quote
        while before > begin and self._buffer[before - 1] == _BACKSLASH:
            before -= 1
        return (quote - before) % 2 == 1

    def _more(self) -> bool:
        return len(self._buffer) - self._start <= self.text.limits.line_bytes and self._fill()

    def _next_like_this(self) -> re.Pattern[bytes]:
        key = _FIRST_KEY.match(self._buffer, self._start)
        return re.compile(rb"(?<=\})\s*+,\s*+(?=\{\s*+" + (re.escape(key[1]) if key else b"") + rb")")

    def _go_to(self, pattern: re.Pattern[bytes]) -> bool:
        """Consumes up to where it matches, or everything."""
        self._consume(self._start + 1)
        while True:
            if found := pattern.search(self._buffer, self._start):
                self._consume(found.start())
                return True
            self._consume(max(self._start, len(self._buffer) - _OVERLAP))
            if not self._fill():
                self._consume(len(self._buffer))
                return False

    def _skip(self, pattern: re.Pattern[bytes]) -> bool:
        """Consumes what matches; returns whether anything is left."""
        while True:
            match = pattern.match(self._buffer, self._start)
            self._consume(match.end() if match else self._start)
            if self._start < len(self._buffer):
                return True
            if not self._fill():
                return False

    def _consume(self, end: int) -> None:
        self._line += self._buffer.count(b"\n", self._start, end)
        self._start = end

    def _fill(self) -> bool:
        """More each time, so that an element is not copied too often; False at the end of the file."""
        pending = self._buffer[self._start :]
        block = self.text.stream.read(max(_BLOCK, len(pending)))
        self._buffer, self._start = pending + block, 0
        return bool(block)
