"""The rows of a source's files, mapped and gathered into what one transaction writes: the half without a database.

It may run in a process of its own (reading_process.py), so a batch is made of plain values only.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import orjson

from app.importing.contradictions import contradictions_of
from app.importing.facts import RawLabels
from app.importing.plans import ReadingPlan
from app.importing.reading import Reader, Record, open_reader, raw_of
from app.importing.schemas import BadRow, Layout, MappedRow
from app.importing.sources import SourceFile
from app.text import search_text

# A tenth of a second of writing, for which a reviewer who saves meanwhile has to wait; larger ones save no time, since
# the next batch is read while this one is written.
BATCH_ROWS = 500
BATCH_CHARACTERS = 2_000_000
RAW_BOUND = 500


# What is kept of a response: text, source, is_safe, severity_level, harm_categories, sha256.
ReadResponse = tuple[str, str | None, bool | None, int | None, int | None, str | None]


class ReadRow(NamedTuple):
    """A good row as it goes into the tables."""

    file: int  # place in the plan
    number: int
    content_key: bytes
    prompt: str
    prompt_source: str | None
    better_response_id: int | None
    safer_response_id: int | None
    contradictions: int
    length: int
    extra: str | None
    responses: tuple[ReadResponse, ...]
    searched: tuple[str | None, str | None, str | None]  # prompt and responses, as the full-text index takes them

    @property
    def labels(self) -> RawLabels:
        responses = tuple(response[2:5] for response in self.responses)
        return RawLabels(self.better_response_id, self.safer_response_id, responses)


class RejectedRead(NamedTuple):
    file: int
    number: int
    reason: str
    raw: str


@dataclass
class Batch:
    """What one transaction writes; `bytes_read` counts from the beginning of the first file."""

    rows: list[ReadRow] = field(default_factory=list)
    bad: list[RejectedRead] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)  # sentence -> rows
    files: list[dict[str, Any]] = field(default_factory=list)  # what is remembered of those that were read to the end
    bytes_read: int = 0

    def __len__(self) -> int:
        return len(self.rows) + len(self.bad)


def read_batches(plan: ReadingPlan) -> Iterator[Batch]:
    """Raises Failed, naming the file, where a file cannot be read on."""
    batch, characters, before, left = Batch(), 0, 0, plan.limit
    for place, file in enumerate(plan.files):
        reader = open_reader(file.path, file.format, plan.limits)
        layout = replace(plan.layout, is_typed=reader.is_typed)
        number_of_rows = 0
        for record in islice(reader, left):
            number_of_rows += 1
            characters += _take(batch, place, record, layout)
            if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
                batch.bytes_read = before + reader.bytes_read
                yield batch
                batch, characters = Batch(), 0
        left = None if left is None else left - number_of_rows
        batch.files.append(_remembered(file, reader, number_of_rows))
        batch.warnings.update(reader.warnings)
        before += reader.bytes_read
        batch.bytes_read = before
    yield batch


def _take(batch: Batch, place: int, record: Record, layout: Layout) -> int:
    """Returns how many characters the row adds to the batch."""
    batch.warnings.update(record.warnings)
    if record.row is None:
        batch.bad.append(RejectedRead(place, record.number, record.problem or "", _bounded(record)))
        return 0
    try:
        row = layout.map_row(record.row)
    except BadRow as reason:
        batch.bad.append(RejectedRead(place, record.number, str(reason), _bounded(record)))
        return 0
    if row.unknown:
        batch.warnings.update([f"{column} is not given" for column in row.unknown])
    batch.rows.append(_read_row(place, record.number, row))
    return row.length


def _read_row(place: int, number: int, row: MappedRow) -> ReadRow:
    texts = [search_text(response.text) for response in row.responses]
    first, second = (*texts, None, None)[:2]
    return ReadRow(
        place,
        number,
        row.content_key,
        row.prompt,
        row.prompt_source,
        row.better_response_id,
        row.safer_response_id,
        int(contradictions_of(row)),
        row.length,
        None if row.extra is None else orjson.dumps(row.extra, default=str).decode(),
        tuple((r.text, r.source, r.is_safe, r.severity_level, r.harm_categories, r.sha256) for r in row.responses),
        (search_text(row.prompt), first, second),
    )


def _bounded(record: Record) -> str:
    raw = raw_of(record)[: RAW_BOUND * 4]
    return raw.decode(errors="replace").replace("\0", "\u2400").rstrip("\r\n")[:RAW_BOUND]


def _remembered(file: SourceFile, reader: Reader, rows: int) -> dict[str, Any]:
    return {"name": file.name, "sha256": reader.finish(), "rows": rows}
