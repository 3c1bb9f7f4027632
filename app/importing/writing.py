"""Writes one batch in the caller's transaction: what is new goes in, what is there already is marked as seen."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.importing.batches import Bad, Batch, Good
from app.importing.progress import ImportProgress
from app.importing.queries import find_existing
from app.importing.search_index import index_texts
from app.models import DatasetImport, Entry, RejectedRow
from app.models.event import ENTRY_ID, take

# By place and straight to the driver: rows as dictionaries through SQLAlchemy take three times as long.
_ADD_ENTRY = """
INSERT INTO entry(
    id, dataset_id, import_id, seen_import_id, subset, split, row, prompt, prompt_source, better_response_id,
    safer_response_id, content_key, occurrence, contradictions, length, withdrawn, extra
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_RESPONSE = """
INSERT INTO response(entry_id, position, text, source, is_safe, severity_level, harm_categories, sha256)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""


def _counts(progress: ImportProgress) -> dict[str, Any]:
    names = ("rows_read", "rows_imported", "rows_present", "rows_rejected")
    return {name: getattr(progress, name) for name in names}


def write_batch(db: Session, import_id: int, batch: Batch, progress: ImportProgress) -> None:
    if batch.bad:
        db.execute(insert(RejectedRow), [_rejected(import_id, bad) for bad in batch.bad])
    dataset_id = db.execute(select(DatasetImport.dataset_id).where(DatasetImport.id == import_id)).scalar_one()
    assert dataset_id is not None  # noqa: S101 - a running import has one
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
        unmet = [e for e in known.get(key, ()) if e.seen_import_id != import_id and e.split == item.file.split]
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
            row.length, False, None,
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
