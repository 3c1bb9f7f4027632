"""A file as it was when it was opened: its bytes in order, counted and hashed as they go by."""

import os
from hashlib import sha256
from io import RawIOBase
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from app.errors import Failed, InvalidInput


class DiskFile(RawIOBase):
    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes_read = 0
        self.warnings: list[str] = []
        self._hash = sha256()
        try:
            _refuse_special(path, path.stat().st_mode)  # first: opening a pipe would wait for its other end
            self._file = path.open("rb", buffering=0)
        except OSError as error:
            raise Failed(f"{path}: {error.strerror}.") from None
        self.size = os.fstat(self.fileno()).st_size
        if not self.size:
            self._file.close()
            raise InvalidInput(f"{path}: is empty.", "source")

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self.size - self.bytes_read)
        try:
            size = self._file.readinto(memoryview(buffer)[:wanted]) or 0
        except OSError as error:
            raise Failed(f"{self.path}: cannot be read to its end: {error.strerror}.") from None
        if size == 0 < wanted:
            raise Failed(f"{self.path}: became shorter while it was read. Import it again when nothing writes to it.")
        self._hash.update(buffer[:size])
        self.bytes_read += size
        return size

    def finish(self) -> str:
        """Closes it; returns the SHA-256 of all of it."""
        while self.read(1 << 20):
            pass
        if os.fstat(self.fileno()).st_size > self.size:
            self.warnings.append(
                "grew while it was read: only what it held at the start was imported. Import it again for the rest"
            )
        self.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()


def _refuse_special(path: Path, mode: int) -> None:
    if S_ISDIR(mode):
        raise InvalidInput(f"{path}: is a folder, not a file.", "source")
    if not S_ISREG(mode):
        raise InvalidInput(f"{path}: is no regular file; save what it gives to a file first.", "source")
