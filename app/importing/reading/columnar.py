"""What Parquet and Arrow have in common: typed rows, in batches.

Only this module and those beside it that build on it import pyarrow, and only a command does: never the web process.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from app.errors import Failed, InvalidInput
from app.importing.reading.disk import DiskFile
from app.importing.reading.records import Limits, Record

_MIB = 1024 * 1024
ROWS = 128  # as fast as thousands, and 1 MB each is still no trouble
LARGEST_PIECE = 64 * _MIB  # of what can only be read at once: a page, a record batch
_DAMAGES = (pa.ArrowException, OSError, EOFError, ValueError, OverflowError)


class ColumnarReader(ABC):
    """A Reader without the part that makes the batches."""

    is_typed = True

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self.disk = DiskFile(path)
        self.warnings = self.disk.warnings
        self.rows_read = 0
        try:
            self._refuse_repeated(self.open().names)
        except _DAMAGES as error:
            self.close()
            raise InvalidInput(f"{path}: is damaged, or not what its name says ({_line(error)}).", "source") from None
        except BaseException:
            self.close()
            raise

    @property
    @abstractmethod
    def bytes_read(self) -> int: ...

    @abstractmethod
    def open(self) -> pa.Schema: ...

    @abstractmethod
    def batches(self) -> Iterable[pa.RecordBatch]: ...

    def __iter__(self) -> Iterator[Record]:
        try:
            for batch in self.batches():
                yield from self._records(batch)
                self.rows_read += batch.num_rows
        except _DAMAGES as error:
            raise Failed(f"{self.path}: cannot be read to its end: {_line(error)}.") from None

    def _records(self, batch: pa.RecordBatch, before: int = 0) -> Iterator[Record]:
        """A batch that is too large, or holds a bad value, is halved until the row is alone that makes it so."""
        number = self.rows_read + before + 1
        problem = f"is longer than {self.limits.line_bytes / _MIB:g} MiB"
        if batch.nbytes <= self.limits.line_bytes:
            try:
                rows = batch.to_pylist()
            except (UnicodeDecodeError, *_DAMAGES) as error:
                problem = _why_unreadable(error)
            else:
                for following, row in enumerate(rows, start=number):
                    yield Record(following, b"", row)
                return
        if batch.num_rows == 1:
            yield Record(number, b"", None, problem)
            return
        half = batch.num_rows // 2
        yield from self._records(batch.slice(0, half), before)
        yield from self._records(batch.slice(half), before + half)

    def _refuse_repeated(self, names: list[str]) -> None:
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidInput(f"{self.path}: has several columns called {', '.join(repeated)}; rename them.", "source")

    def finish(self) -> str:
        return self.disk.finish()

    def close(self) -> None:
        self.disk.close()


def refuse_large(path: Path, what: str, size: int) -> None:
    if size > LARGEST_PIECE:
        raise InvalidInput(
            f"{path}: holds {what} of {size / _MIB:,.0f} MiB, more than {LARGEST_PIECE / _MIB:g}: such a long text, or "
            "too many rows in one piece. Save it again in smaller pieces, or as JSON lines.",
            "source",
        )


def _why_unreadable(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"is not valid UTF-8 at byte {error.start + 1} of a text"
    return f"holds a value that cannot be read ({type(error).__name__})"


def _line(error: Exception) -> str:
    """Of messages that can be many lines long."""
    return str(error).strip().split("\n")[0][:200].rstrip(".")
