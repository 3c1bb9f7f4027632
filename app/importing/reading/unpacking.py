"""Unpacks gzip, xz and Zstandard as a stream, and stops when a small file turns out to hold far too much."""

import gzip
import lzma
import sys
import zlib
from collections.abc import Callable
from io import BufferedReader, RawIOBase
from typing import Protocol, cast

if sys.version_info >= (3, 14):  # pragma: no cover - the tests run on one version
    from compression.zstd import DecompressionParameter, ZstdDecompressor, ZstdError
else:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

from app.errors import Failed
from app.importing.reading.disk import DiskFile
from app.importing.reading.records import Limits

BUFFER = 1 << 18
_GIB = 1024**3
# Beyond what texts can be packed to; a file that is small when unpacked may be what it likes.
_MOST_TIMES = 200
_INNOCENT_BYTES = _GIB
# What unpacking itself may hold in memory; the highest settings of `xz` and `zstd` need 65 and 128 MiB.
_XZ_MEMORY = 80 * 1024**2
_ZSTD_WINDOW_BITS = 27

_DAMAGES = (EOFError, OSError, lzma.LZMAError, zlib.error, ZstdError)


class _Decompressor(Protocol):
    """Of one stream; a file may hold several, one after the other."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Streams(RawIOBase):
    """All the streams of a packed file, as one."""

    def __init__(self, packed: BufferedReader, start: Callable[[], _Decompressor]) -> None:
        self._packed = packed
        self._start = start
        self._stream = start()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = b""
        while not data:
            waiting = b""
            if self._stream.eof:
                waiting = (self._stream.unused_data or self._packed.read1(BUFFER)).lstrip(b"\0")  # padding
                if not waiting:
                    return 0
                self._stream = self._start()
            elif self._stream.needs_input:
                waiting = self._packed.read1(BUFFER)
                if not waiting:
                    raise EOFError("it is cut off")
            data = self._stream.decompress(waiting, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _gzip(packed: BufferedReader) -> RawIOBase:
    return cast(RawIOBase, gzip.GzipFile(fileobj=packed))


def _xz(packed: BufferedReader) -> RawIOBase:
    return _Streams(packed, lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY))


def _zstandard(packed: BufferedReader) -> RawIOBase:
    options = {int(DecompressionParameter.window_log_max): _ZSTD_WINDOW_BITS}
    return _Streams(packed, lambda: ZstdDecompressor(options=options))


# What a file is packed with is in its first bytes: a name says it less surely, and one in a cache not at all.
_BY_FIRST_BYTES = {b"\x1f\x8b": _gzip, b"\xfd7zXZ\0": _xz, b"\x28\xb5\x2f\xfd": _zstandard}


class _Bounded(RawIOBase):
    """What an unpacking stream gives, until it is too much or damaged: then Failed says so."""

    def __init__(self, inner: RawIOBase, disk: DiskFile, limits: Limits) -> None:
        self._inner = inner
        self._disk = disk
        self._limits = limits
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            size = self._inner.readinto(buffer) or 0
        except _DAMAGES as error:
            raise Failed(f"{self._disk.path}: cannot be read to its end: {error}.") from None
        self._unpacked += size
        if self._unpacked > self._limits.unpacked_bytes:
            self._refuse(f"holds more than {self._limits.unpacked_bytes / _GIB:g} GiB when unpacked")
        if self._unpacked > max(_INNOCENT_BYTES, _MOST_TIMES * self._disk.bytes_read):
            self._refuse(f"unpacks to more than {_MOST_TIMES} times its size")
        return size

    def _refuse(self, what: str) -> None:
        raise Failed(
            f"{self._disk.path}: {what}. If that is right, unpack it yourself and import the result, "
            "or raise SAFERLHF_REVIEW_MAX_UNPACKED_GB."
        )


def open_unpacked(disk: DiskFile, limits: Limits) -> BufferedReader:
    """The file's bytes, unpacked when they are packed."""
    packed: BufferedReader = BufferedReader(disk, BUFFER)
    first = packed.peek(8)
    for start, unpack in _BY_FIRST_BYTES.items():
        if first.startswith(start):
            return BufferedReader(_Bounded(unpack(packed), disk, limits), BUFFER)
    return packed
