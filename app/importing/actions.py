"""Imports a source: batch by batch, each its own transaction, so that reviewers never wait and a kill loses nothing.

Identity: the n-th row with some texts in a split is the n-th entry with them there. `seen_import_id` says which
entries this import has met already, so importing again, whole or from the middle, adds nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.db import Database
from app.errors import InvalidInput, NotFound, ReviewError
from app.importing.contradictions import contradictions_across, contradictions_of
from app.importing.lines import Line, LineReader
from app.importing.mapping import BadRow, MappedRow, label_fields_of, map_row
from app.importing.queries import find_copies, find_existing, get_dataset
from app.importing.search_index import index_texts, prepare_index
from app.importing.sources import Source, SourceFile
from app.importing.taxonomies import PKU_SAFERLHF
from app.locks import file_lock
from app.models import (
    Contradiction,
    Dataset,
    DatasetImport,
    Entry,
    ImportState,
    RejectedRow,
    Taxonomy,
)
from app.models.base import now
from app.models.contradiction import ACROSS_ENTRIES
from app.models.event import DATA_VERSION, ENTRY_ID, record_event, take

# About 0.1 s of writing at most, for which a reviewer who saves meanwhile has to wait; 2,000 rows save 8 % of the time.
BATCH_ROWS = 1000
BATCH_CHARACTERS = 2_000_000
RAW_BOUND = 500
_ROWS_LOOKED_AT = 100  # to know the columns

# By place and straight to the driver: rows as dictionaries through SQLAlchemy take three times as long.
_ADD_ENTRY = """
INSERT INTO entry(
    id, dataset_id, import_id, seen_import_id, subset, split, row, prompt, prompt_source, better_response_id,
    safer_response_id, content_key, occurrence, contradictions, length, withdrawn
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_RESPONSE = """
INSERT INTO response(entry_id, position, text, source, is_safe, severity_level, harm_categories, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


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


@dataclass
class ImportProgress:
    """What has been committed so far."""

    bytes_total: int
    bytes_read: int = 0
    rows_read: int = 0
    rows_imported: int = 0
    rows_present: int = 0
    rows_rejected: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


Reporter = Callable[[ImportProgress], None]


def import_source(
    database: Database,
    source: Source,
    *,
    slug: str | None = None,
    limit: int | None = None,
    on_progress: Reporter = lambda _: None,
) -> int:
    """Returns the id of the finished import; raises Failed and keeps the batches before, marked as interrupted."""
    slug = slug or source.slug
    with _import_lock(database.path, slug):
        mark_interrupted(database, slug)
        label_fields = _label_fields(source)
        with database.write() as db:
            import_id, taxonomy = _begin(db, slug, source, label_fields)
        progress = ImportProgress(sum(file.path.stat().st_size for file in source.files))
        try:
            files = _read_in(database, import_id, _rows(source, taxonomy, progress, limit), progress, on_progress)
            with database.write() as db:
                _finish(db, import_id, progress, files, ImportState.COMPLETE)
        except BaseException as error:
            with database.write() as db:
                _finish(db, import_id, progress, [], ImportState.INTERRUPTED, error=_plain(error))
            raise
    return import_id


def _import_lock(database_path: Path, slug: str) -> AbstractContextManager[None]:
    return file_lock(database_path.with_name(f"import-{slug}.lock"), busy=f"An import into {slug} is running already.")


def _plain(error: BaseException) -> str:
    if isinstance(error, ReviewError):
        return error.message
    return "stopped by hand" if isinstance(error, KeyboardInterrupt) else type(error).__name__


def mark_interrupted(database: Database, slug: str | None = None) -> list[tuple[str, int]]:
    """Marks imports whose process is gone; returns (slug, rows read) of each, for the person who starts us."""
    found = []
    with database.write() as db:
        running = select(DatasetImport, Dataset.slug).join(Dataset, Dataset.id == DatasetImport.dataset_id)
        for record, its_slug in db.execute(running.where(DatasetImport.state == ImportState.RUNNING)):
            if its_slug != slug and _is_alive(database.path, its_slug):
                continue
            _close_import(db, record, ImportState.INTERRUPTED, error="the process ended before it was done")
            found.append((its_slug, record.rows_read))
    return found


def _is_alive(database_path: Path, slug: str) -> bool:
    try:
        with _import_lock(database_path, slug):
            return False
    except ReviewError:
        return True


def _label_fields(source: Source) -> list[str]:
    """Which labels the source has; raises InvalidInput when its rows are no pairs at all."""
    columns: set[str] = set()
    for file in source.files:
        reader = LineReader(file.path)
        for line in islice(reader, _ROWS_LOOKED_AT):
            columns.update(line.row or ())
    if columns and not {"prompt", "response_0", "response_1"} <= columns:
        found = ", ".join(sorted(name[:40] for name in columns)[:20])
        raise InvalidInput(
            f"{source.location}: these are no pairs of the PKU-SafeRLHF schema. "
            f"Needed are prompt, response_0 and response_1; found: {found}.",
            "source",
        )
    if not columns:
        raise InvalidInput(f"{source.location}: holds no row that can be read.", "source")
    return label_fields_of(columns)


def _begin(db: Session, slug: str, source: Source, label_fields: list[str]) -> tuple[int, Taxonomy]:
    try:
        dataset = get_dataset(db, slug)
        dataset.label_fields = [
            *dataset.label_fields,
            *(f for f in label_fields if f not in dataset.label_fields),
        ]
    except NotFound:
        dataset = Dataset(
            slug=slug,
            title=source.title_as(slug),
            source=source.location,
            unit="pair",
            licence=source.card.licence,
            card=source.card.text,
            taxonomy_data=PKU_SAFERLHF.to_json(),
            label_fields=label_fields,
        )
        db.add(dataset)
        db.flush()
    record = DatasetImport(
        dataset_id=dataset.id,
        source=source.location,
        requested_revision=source.requested_revision,
        revision=source.revision,
        subset=source.subset,
        splits=sorted({file.split for file in source.files}),
        files=[],
        warnings={},
    )
    db.add(record)
    db.flush()
    prepare_index(db)
    record_event(db, "import.started", {"import": record.id, "source": source.location}, dataset_id=dataset.id)
    return record.id, dataset.taxonomy


def _rows(source: Source, taxonomy: Taxonomy, progress: ImportProgress, limit: int | None) -> Iterator[Item]:
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


def _read_in(
    database: Database, import_id: int, items: Iterator[Item], progress: ImportProgress, on_progress: Reporter
) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    batch = _next_batch(items)
    with ThreadPoolExecutor(1) as reader:
        while len(batch):
            with database.write() as db:
                _write_batch(db, import_id, batch, progress)
                # Read while SQLite commits: that is half of the writing, and it leaves the interpreter free.
                following = reader.submit(_next_batch, items)
            on_progress(progress)
            files += batch.files
            batch = following.result()
    return files


def _next_batch(items: Iterator[Item]) -> Batch:
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


def _counts(progress: ImportProgress) -> dict[str, Any]:
    names = ("rows_read", "rows_imported", "rows_present", "rows_rejected")
    return {name: getattr(progress, name) for name in names}


def _write_batch(db: Session, import_id: int, batch: Batch, progress: ImportProgress) -> None:
    if batch.bad:
        db.execute(insert(RejectedRow), [_rejected(import_id, bad) for bad in batch.bad])
    dataset_id = db.execute(select(DatasetImport.dataset_id).where(DatasetImport.id == import_id)).scalar_one()
    fresh = _match_existing(db, dataset_id, import_id, batch.good)
    if fresh:
        _insert_entries(db, dataset_id, import_id, fresh)
    progress.rows_read += len(batch.good) + len(batch.bad)
    progress.rows_imported += len(fresh)
    progress.rows_present += len(batch.good) - len(fresh)
    progress.rows_rejected += len(batch.bad)
    for item in batch.good:
        if item.row.unknown:
            progress.warnings.update(f"{column} is not given" for column in item.row.unknown)
    db.execute(update(DatasetImport).where(DatasetImport.id == import_id).values(_counts(progress)))


def _rejected(import_id: int, bad: Bad) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "file": bad.file.name,
        "line": bad.number,
        "reason": bad.reason,
        "raw": bad.raw,
    }


def _match_existing(db: Session, dataset_id: int, import_id: int, good: Sequence[Good]) -> list[tuple[Good, int]]:
    """Rows that are new, each with its occurrence; entries met again are marked as seen by this import."""
    known = defaultdict(list)
    for existing in find_existing(db, dataset_id, [item.row.content_key for item in good]):
        known[existing.content_key].append(existing)
    occurrences = {key: len(entries) for key, entries in known.items()}
    fresh, seen = [], []
    for item in good:
        key = item.row.content_key
        unmet = [e for e in known[key] if e.seen_import_id != import_id and e.split == item.file.split]
        if unmet:
            match = next((e for e in unmet if e.subset == item.file.subset), unmet[0])
            known[key].remove(match)
            seen.append(match.id)
        else:
            fresh.append((item, occurrences.get(key, 0)))
            occurrences[key] = occurrences.get(key, 0) + 1
    if seen:
        db.execute(update(Entry).where(Entry.id.in_(seen)).values(seen_import_id=import_id))
    return fresh


def _insert_entries(db: Session, dataset_id: int, import_id: int, fresh: Sequence[tuple[Good, int]]) -> None:
    first_id = take(db, ENTRY_ID, len(fresh))
    entries, responses, texts = [], [], []
    for entry_id, (item, occurrence) in enumerate(fresh, start=first_id):
        row, found = item.row, int(item.contradictions)
        entries.append((
            entry_id, dataset_id, import_id, import_id, item.file.subset, item.file.split, item.number, row.prompt,
            row.prompt_source, row.better_response_id, row.safer_response_id, row.content_key, occurrence, found,
            row.length, False,
        ))  # fmt: skip
        for position, response in enumerate(row.responses):
            responses.append((
                entry_id, position, response.text, response.source, response.is_safe, response.severity_level,
                response.harm_categories, response.sha256,
            ))  # fmt: skip
        texts.append((entry_id, row.prompt, row.responses[0].text, row.responses[1].text))
    connection = db.connection()
    connection.exec_driver_sql(_ADD_ENTRY, entries)
    connection.exec_driver_sql(_ADD_RESPONSE, responses)
    index_texts(db, texts)


def _finish(
    db: Session,
    import_id: int,
    progress: ImportProgress,
    files: list[dict[str, Any]],
    state: ImportState,
    error: str | None = None,
) -> None:
    record = db.get_one(DatasetImport, import_id)
    record.files = files
    record.warnings = dict(progress.warnings)
    _mark_across_entries(db, record.dataset_id)
    _close_import(db, record, state, error)


def _close_import(db: Session, record: DatasetImport, state: ImportState, error: str | None) -> None:
    record.state = state
    record.error = error
    record.finished_at = now()
    data = {"import": record.id, "rows_imported": record.rows_imported, "rows_rejected": record.rows_rejected}
    record_event(db, f"import.{state}", data, dataset_id=record.dataset_id)
    db.get_one(Dataset, record.dataset_id).data_version = take(db, DATA_VERSION)


def _mark_across_entries(db: Session, dataset_id: int) -> None:
    found = contradictions_across(find_copies(db, dataset_id))
    has_some = Entry.contradictions.bitwise_and(int(ACROSS_ENTRIES)) != 0
    stale = select(Entry.id).where(Entry.dataset_id == dataset_id, has_some)
    for entry_id in {*db.scalars(stale), *found}:
        cleared = Entry.contradictions.bitwise_and(~int(ACROSS_ENTRIES))
        bits = int(found.get(entry_id, Contradiction(0)))
        db.execute(update(Entry).where(Entry.id == entry_id).values(contradictions=cleared.bitwise_or(bits)))
