"""The rows of a source's files, mapped one by one and gathered into what one transaction writes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from app.importing.contradictions import contradictions_of
from app.importing.lines import Line, LineReader
from app.importing.mapping import BadRow, MappedRow, map_row
from app.importing.progress import ImportProgress
from app.importing.sources import Source, SourceFile
from app.models import Contradiction, Taxonomy

# About 0.1 s of writing at most, for which a reviewer who saves meanwhile has to wait; 2,000 rows save 8 % of the time.
BATCH_ROWS = 1000
BATCH_CHARACTERS = 2_000_000
RAW_BOUND = 500


@dataclass(slots=True)
class Good:
    file: SourceFile
    number: int
    row: MappedRow
    contradictions: Contradiction


@dataclass(slots=True)
class Bad:
    file: SourceFile
    number: int
    reason: str
    raw: str


Item = Good | Bad | dict[str, Any]  # a row, or what is remembered of a file after its last one


@dataclass
class Batch:
    """What one transaction writes."""

    good: list[Good] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    files: list[dict[str, Any]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.good) + len(self.bad) + len(self.files)


def read_rows(source: Source, taxonomy: Taxonomy, progress: ImportProgress, limit: int | None) -> Iterator[Item]:
    """Every row of every file, and after each file what is remembered of it."""
    left = limit
    for file in source.files:
        reader = LineReader(file.path)
        before, rows = progress.bytes_read, 0
        for line in islice(reader, left):
            rows += 1
            yield _map_line(file, line, taxonomy)
            progress.bytes_read = before + reader.bytes_read
        left = None if left is None else left - rows
        yield {"name": file.name, "sha256": reader.finish(), "rows": rows}


def _map_line(file: SourceFile, line: Line, taxonomy: Taxonomy) -> Good | Bad:
    if line.row is None:
        return Bad(file, line.number, line.problem or "", _bounded(line.raw))
    try:
        row = map_row(line.row, taxonomy)
    except BadRow as reason:
        return Bad(file, line.number, str(reason), _bounded(line.raw))
    return Good(file, line.number, row, contradictions_of(row))


def _bounded(raw: bytes) -> str:
    return raw[: RAW_BOUND * 4].decode(errors="replace").replace("\0", "\u2400").rstrip("\r\n")[:RAW_BOUND]


def next_batch(items: Iterator[Item]) -> Batch:
    """An empty one when there is no more."""
    batch, characters = Batch(), 0
    for item in items:
        if isinstance(item, Good):
            batch.good.append(item)
            characters += item.row.length
        elif isinstance(item, Bad):
            batch.bad.append(item)
        else:
            batch.files.append(item)
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            break
    return batch
