"""Moves what an import wrote from the write-ahead log into the database, beside the import instead of within it.

SQLite does so by itself in the commit that makes the log too long, and whoever saves a review then waits for it, as the
commit keeps the others out. A passive checkpoint from another connection keeps nobody waiting.

The log begins anew only when all of it has been moved, and a large import writes faster than that: before the log fills
the disk, the import itself waits between two batches.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from app.db import SQLITE, Database

_BATCHES = 8  # a batch adds some megabytes to the log, the more the larger the database is
_LONGEST_LOG = 512 * 1024 * 1024  # bytes


class Checkpoints:
    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._log = self._path.with_name(self._path.name + "-wal")
        self._batches = 0
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def make(self) -> None:
        """After some batches, when the one before is done; between two transactions."""
        self._batches += 1
        if self._batches % _BATCHES:
            return
        if self._under_way is None or self._under_way.done():
            self._under_way = self._thread.submit(_checkpoint, self._path)
        if self._log.stat().st_size > _LONGEST_LOG:
            self._under_way.result()
            _checkpoint(self._path)  # what was written meanwhile

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()


def _checkpoint(path: Path) -> None:
    with closing(SQLITE.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
