"""Moves what an import wrote from the write-ahead log into the database, beside the import instead of within it.

SQLite does so by itself in the commit that makes the log too long, and whoever saves a review then waits for it, as the
commit keeps the others out. A passive checkpoint from another connection keeps nobody waiting.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from app.db import SQLITE, Database

_BATCHES = 8  # a batch adds about a megabyte to the log


class Checkpoints:
    def __init__(self, database: Database) -> None:
        self._path = database.path
        self._batches = 0
        self._thread = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def make(self) -> None:
        """After some batches, when the one before is done."""
        self._batches += 1
        is_busy = self._under_way is not None and not self._under_way.done()
        if self._batches % _BATCHES == 0 and not is_busy:
            self._under_way = self._thread.submit(_checkpoint, self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()


def _checkpoint(path: Path) -> None:
    with closing(SQLITE.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
