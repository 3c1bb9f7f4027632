"""Compares a batch with what is here, and writes it: new entries go in, those here already are brought up to date."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pyroaring import BitMap
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app.importing.batches import Batch, ReadRow, RejectedRead
from app.importing.keys import Keys
from app.importing.matching import match_rows
from app.importing.outdating import mark_outdated
from app.importing.queries import find_existing
from app.importing.revising import ChangedLabel, Reviser, Revision
from app.importing.search_index import index_searched
from app.importing.sources import SourceFile
from app.models import Comment, Draft, Entry, Flag, LabelChange, RejectedRow, Review, Skip
from app.models.event import ENTRY_ID, take
from app.models.label_field import encode_value

WITHDRAWN = "withdrawn"  # beside the label fields, among the changes of an import

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
_MEET_ENTRY = "UPDATE entry SET seen_import_id = ?, withdrawn = 0 WHERE id = ?"
_REVISE_ENTRY = """
UPDATE entry SET subset = ?, row = ?, prompt_source = ?, contradictions = ?, extra = ?, better_response_id = ?,
    safer_response_id = ? WHERE id = ?
"""
_REVISE_RESPONSE = """
UPDATE response SET source = ?, sha256 = ?, is_safe = ?, severity_level = ?, harm_categories = ?
WHERE entry_id = ? AND position = ?
"""


@dataclass(frozen=True)
class Target:
    """What an import writes into."""

    import_id: int
    dataset_id: int
    files: tuple[SourceFile, ...]
    reviser: Reviser
    seen: BitMap = field(default_factory=BitMap)  # entries that the source has, as far as it was read
    keys: Keys | None = None  # of a dataset that was empty; else every row is looked up
    copied: set[bytes] = field(default_factory=set)  # content keys of rows that are not the first of their texts


@dataclass(frozen=True)
class Compared:
    """A batch beside what is here."""

    fresh: list[tuple[ReadRow, int]]  # with its occurrence
    revisions: list[Revision]
    bad: list[RejectedRead]

    @cached_property
    def changed(self) -> list[Revision]:
        return [revision for revision in self.revisions if revision.changed]


def compare_batch(db: Session, target: Target, batch: Batch) -> Compared:
    """Only imports write entries, and one runs at a time: what is found here holds when the batch is written."""
    keys = [row.content_key for row in batch.rows]
    existing = find_existing(db, target.dataset_id, keys if target.keys is None else target.keys.perhaps_known(keys))
    matched = match_rows(batch.rows, existing, target.files, target.seen)
    target.copied.update(row.content_key for row, occurrence in matched.fresh if occurrence)
    revise = target.reviser.revise
    revisions = [revise(entry, row, target.files[row.file]) for row, entry in matched.known]
    return Compared(matched.fresh, revisions, batch.bad)


def write_batch(db: Session, target: Target, compared: Compared) -> int:
    """Returns how many reviews are outdated by it."""
    write_rejected(db, target, compared.bad)
    if compared.fresh:
        _insert_entries(db, target, compared.fresh)
    if not compared.revisions:
        return 0
    revise_entries(db, target.import_id, compared.revisions)
    write_changes(db, target.import_id, compared.revisions)
    return mark_outdated(db, compared.changed)


def write_rejected(db: Session, target: Target, bad: Sequence[RejectedRead]) -> None:
    if bad:
        rows = [
            {"import_id": target.import_id, "file": target.files[one.file].name, "line": one.number,
             "reason": one.reason, "raw": one.raw}
            for one in bad
        ]  # fmt: skip
        db.execute(insert(RejectedRow), rows)


def write_changes(db: Session, import_id: int, revisions: Sequence[Revision]) -> None:
    changes = [{"import_id": import_id, **change._asdict()} for r in revisions for change in r.changed]
    if changes:
        db.execute(insert(LabelChange), changes)
    write_presence(db, import_id, [r.entry.id for r in revisions if r.entry.withdrawn], withdrawn=False)


def write_presence(db: Session, import_id: int, entry_ids: Sequence[int], *, withdrawn: bool) -> None:
    """That entries were withdrawn, or came back, as a change among those of their labels."""
    values = [encode_value(not withdrawn), encode_value(withdrawn)]
    changes = [ChangedLabel(entry_id, WITHDRAWN, *values) for entry_id in entry_ids]
    if changes:
        db.execute(insert(LabelChange), [{"import_id": import_id, **change._asdict()} for change in changes])


def _insert_entries(db: Session, target: Target, fresh: Sequence[tuple[ReadRow, int]]) -> None:
    first_id = take(db, ENTRY_ID, len(fresh))
    target.seen.add_range(first_id, first_id + len(fresh))
    entries, responses, texts = [], [], []
    for entry_id, (row, occurrence) in enumerate(fresh, start=first_id):
        file = target.files[row.file]
        entries.append((
            entry_id, target.dataset_id, target.import_id, target.import_id, file.subset, file.split, row.number,
            row.prompt, row.prompt_source, row.better_response_id, row.safer_response_id, row.content_key, occurrence,
            row.contradictions, row.length, False, row.extra,
        ))  # fmt: skip
        responses += [(entry_id, position, *response) for position, response in enumerate(row.responses)]
        texts.append((entry_id, *row.searched))
    connection = db.connection()
    connection.exec_driver_sql(_ADD_ENTRY, entries)
    if responses:
        connection.exec_driver_sql(_ADD_RESPONSE, responses)
    index_searched(db, texts)


def delete_entries(db: Session, entry_ids: Sequence[int]) -> None:
    """With all that people said of them; the search index must have forgotten them before."""
    for table in (Comment, Draft, Flag, Review, Skip):
        db.execute(delete(table).where(table.entry_id.in_(entry_ids)))
    db.execute(delete(Entry).where(Entry.id.in_(entry_ids)))


def revise_entries(db: Session, import_id: int, revisions: Sequence[Revision]) -> None:
    connection = db.connection()
    connection.exec_driver_sql(_MEET_ENTRY, [(import_id, revision.entry.id) for revision in revisions])
    entries: list[tuple[Any, ...]] = []
    responses: list[tuple[Any, ...]] = []
    for revision in revisions:
        if revision.is_other:
            facts, entry_id = revision.facts, revision.entry.id
            entries.append((*facts[:5], facts.labels.better_response_id, facts.labels.safer_response_id, entry_id))
            for position, labels in enumerate(facts.labels.responses):
                responses.append((facts.sources[position], facts.hashes[position], *labels, entry_id, position))
    if entries:
        connection.exec_driver_sql(_REVISE_ENTRY, entries)
    if responses:
        connection.exec_driver_sql(_REVISE_RESPONSE, responses)
