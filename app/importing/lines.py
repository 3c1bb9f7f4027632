"""Reads JSON lines with exact line numbers, hashing the file as it goes by."""

import gzip
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from app.errors import Failed

MAX_LINE_BYTES = 32 * 1024 * 1024
SUFFIXES = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".ndjson")
_BOM = b"\xef\xbb\xbf"


class _HashingFile(RawIOBase):
    """The file's bytes as they lie on disk, counted and hashed while being read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.hash = sha256()
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = self._file.readinto(buffer) or 0
        self.hash.update(buffer[:size])
        self.bytes_read += size
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


@dataclass(slots=True)
class Line:
    number: int
    raw: bytes
    row: dict[str, object] | None
    problem: str | None = None


class LineReader:
    """Iterate it once; afterwards `sha256` and `bytes_read` speak of the whole file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._raw = _HashingFile(path)
        except OSError as error:
            raise Failed(f"{path}: {error.strerror}.") from None
        self._buffered = BufferedReader(self._raw, 1 << 18)  # kept: when it goes, it closes the file

    @property
    def bytes_read(self) -> int:
        return self._raw.bytes_read

    def finish(self) -> str:
        """The SHA-256 of the whole file, also when only its beginning was asked for."""
        while self._buffered.read(1 << 20):
            pass
        digest = self._raw.hash.hexdigest()
        self._buffered.close()
        return digest

    def __iter__(self) -> Iterator[Line]:
        try:
            for number, raw in enumerate(self._lines(), start=1):
                if raw.strip():
                    yield _parse(number, raw)
        except (EOFError, lzma.LZMAError, gzip.BadGzipFile, OSError) as error:
            raise Failed(f"{self.path}: cannot be read to its end: {error}.") from None

    def _lines(self) -> Iterator[bytes]:
        stream = self._unpacked()
        first = True
        while raw := stream.readline(MAX_LINE_BYTES + 1):
            yield raw.removeprefix(_BOM) if first else raw
            first = False
            while len(raw) > MAX_LINE_BYTES and not raw.endswith(b"\n"):
                raw = stream.readline(MAX_LINE_BYTES + 1)

    def _unpacked(self) -> BinaryIO:
        if self.path.name.endswith(".gz"):
            return cast(BinaryIO, gzip.GzipFile(fileobj=self._buffered))
        if self.path.name.endswith(".xz"):
            return cast(BinaryIO, lzma.LZMAFile(self._buffered))
        return cast(BinaryIO, self._buffered)


def _parse(number: int, raw: bytes) -> Line:
    if len(raw) > MAX_LINE_BYTES:
        return Line(number, raw, None, f"is longer than {MAX_LINE_BYTES // 1024 // 1024} MiB")
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Line(number, raw, None, _why_not_json(raw, error))
    if not isinstance(row, dict):
        return Line(number, raw, None, "is JSON, but not an object")
    return Line(number, raw, row)


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError as undecodable:
        return f"is not valid UTF-8 at byte {undecodable.start + 1}"
    return f"is not JSON: {error.msg} at column {error.colno}"
