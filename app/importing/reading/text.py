"""What all formats have in common that are text: a file, unpacked, without its byte order mark, line by line."""

from collections.abc import Iterator
from pathlib import Path

from app.importing.reading.disk import DiskFile
from app.importing.reading.records import Limits
from app.importing.reading.unpacking import open_unpacked

_BOM = b"\xef\xbb\xbf"
_MIB = 1024 * 1024


class TextFile:
    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.disk = DiskFile(path)
        self.stream = open_unpacked(self.disk, limits)
        if self.stream.peek(3).startswith(_BOM):
            self.stream.read(3)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Numbered from 1. One that is too long comes cut, without an end of line; nobody reads the rest of it."""
        most = self.limits.line_bytes
        readline, number = self.stream.readline, 0
        while raw := readline(most + 1):
            number += 1
            yield number, raw
            while len(raw) > most and not raw.endswith(b"\n"):
                raw = readline(most + 1)

    @property
    def too_long(self) -> str:
        return f"is longer than {self.limits.line_bytes / _MIB:g} MiB"


class TextReader:
    """A Reader without the part that makes the records."""

    is_typed = True

    def __init__(self, text: TextFile) -> None:
        self.text = text
        self.warnings = text.disk.warnings

    @property
    def bytes_read(self) -> int:
        return self.text.disk.bytes_read

    def finish(self) -> str:
        return self.text.disk.finish()

    def close(self) -> None:
        self.text.disk.close()
