"""The rows of an export of entries, a few hundred at a time."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from app.browsing.engine.ordered import OrderedEntries
from app.browsing.engine.rows import ReviewFacts, find_review_facts
from app.browsing.joining import SIDES, with_responses
from app.exporting.kinds import Column, Kind, ListOf, ObjectOf, Plain, joined, kind_of
from app.exporting.source_columns import Present, SourceColumn, StoredEntry, StoredResponse
from app.models import DatasetImport, Entry, ImportState, Response, Review, ReviewState, Verdict
from app.models.review import VerdictKind
from app.terms.exported import ADDED

_IDS_AT_ONCE = 500
_CHARACTERS_AT_ONCE = 4_000_000
_TALLY: dict[str, Kind] = {"label_field": Plain.TEXT, **dict.fromkeys(map(str, VerdictKind), Plain.INTEGER)}
_ADDED_KINDS: tuple[Kind, ...] = (
    Plain.INTEGER, Plain.TEXT, Plain.TEXT, Plain.TEXT, Plain.TEXT, Plain.INTEGER, Plain.BOOLEAN,
    ListOf(ObjectOf(_TALLY)),
)  # fmt: skip
ADDED_COLUMNS = tuple(Column(name, kind) for name, kind in zip(ADDED, _ADDED_KINDS, strict=True))

_LENGTHS = select(Entry.id, Entry.length).where(Entry.id.in_(bindparam("ids", expanding=True)))
_STORED = with_responses(
    select(
        Entry.id,
        Entry.split,
        Entry.subset,
        Entry.content_key,
        Entry.prompt,
        Entry.prompt_source,
        Entry.better_response_id,
        Entry.safer_response_id,
        Entry.extra,
        *(getattr(side, name) for side in SIDES for name in StoredResponse._fields),
    )
).where(Entry.id.in_(bindparam("ids", expanding=True)))
_OF_RESPONSE = len(StoredResponse._fields)
_SIDES_BEGIN = tuple(len(StoredEntry._fields) - 1 + side * _OF_RESPONSE for side in (0, 1))


def find_present(db: Session, dataset_id: int) -> Present:
    """A column that no entry of the dataset has a value of is taken for one that the source has not."""
    of_dataset = Entry.dataset_id == dataset_id

    def has(column: Any) -> bool:
        found = select(Response.entry_id).join(Entry, Entry.id == Response.entry_id).where(of_dataset)
        return bool(db.scalar(select(exists(found.where(column.is_not(None))))))

    with_source = select(Entry.id).where(of_dataset, Entry.prompt_source.is_not(None))
    return Present(bool(db.scalar(select(exists(with_source)))), has(Response.source), has(Response.sha256))


def find_renamed(db: Session, dataset_id: int) -> dict[str, str]:
    """Our name of a column to the source's, as the newest import was told by --map."""
    complete = (DatasetImport.state == ImportState.COMPLETE, DatasetImport.is_dry_run.is_(False))
    wanted = select(DatasetImport.request).where(DatasetImport.dataset_id == dataset_id, *complete)
    request = db.scalar(wanted.order_by(DatasetImport.id.desc()).limit(1)) or {}
    columns: dict[str, str] = request.get("columns", {})
    return columns


def find_other_kinds(db: Session, dataset_id: int) -> dict[str, Kind]:
    """The source's further columns and what they hold, by all entries: every file of a dataset has the same ones."""
    kinds: dict[str, Kind] = {}
    wanted = select(Entry.extra).where(Entry.dataset_id == dataset_id, Entry.extra.is_not(None)).order_by(Entry.id)
    extra: Any
    for (extra,) in db.connection().execute(wanted, execution_options={"yield_per": 1000}):
        for name, value in orjson.loads(extra).items():
            kinds[name] = joined(kinds.get(name, Plain.NOTHING), kind_of(value))
    return kinds


def find_entry_rows(
    db: Session, entries: OrderedEntries, columns: Sequence[SourceColumn], other_names: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """In the list's order. A further column is in the rows only that have it."""
    for ids in _portions(db, entries):
        facts, tallies = find_review_facts(db, ids), _find_tallies(db, ids)
        for entry in _find_stored(db, ids):
            row = {column.name: column.value(entry) for column in columns}
            if entry.extra is not None:
                row |= {other_names[name]: value for name, value in orjson.loads(entry.extra).items()}
            yield row | _added(entry, facts[entry.id], tallies.get(entry.id, []))


def _portions(db: Session, entries: OrderedEntries) -> Iterator[list[int]]:
    """Few enough at once that their texts fit in little memory, however long they are."""
    for start in range(0, len(entries), _IDS_AT_ONCE):
        ids = entries.slice(start, start + _IDS_AT_ONCE)
        lengths = {entry_id: length for entry_id, length in db.execute(_LENGTHS, {"ids": ids})}  # noqa: C416 - a Row is no pair to mypy
        portion: list[int] = []
        characters = 0
        for entry_id in ids:
            portion.append(entry_id)
            characters += lengths[entry_id]
            if characters >= _CHARACTERS_AT_ONCE:
                yield portion
                portion, characters = [], 0
        if portion:
            yield portion


def _find_stored(db: Session, ids: Sequence[int]) -> Iterator[StoredEntry]:
    rows = {row[0]: row for row in db.connection().execute(_STORED, {"ids": ids})}
    for entry_id in ids:
        row = rows.pop(entry_id)
        sides = (StoredResponse(*row[start : start + _OF_RESPONSE]) for start in _SIDES_BEGIN)
        responses = tuple(side for side in sides if side.text is not None)
        yield StoredEntry._make((*row[: _SIDES_BEGIN[0]], responses))


def _find_tallies(db: Session, ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Of each entry its judged label fields and how many gave which verdict; not those on an outdated value."""
    counts = [func.count().filter(Verdict.verdict == verdict) for verdict in VerdictKind]
    wanted = (
        select(Review.entry_id, Verdict.label_field, *counts)
        .join(Verdict, Verdict.review_id == Review.id)
        .where(Review.entry_id.in_(ids), Review.state == ReviewState.SUBMITTED, Verdict.outdated.is_(False))
        .group_by(Review.entry_id, Verdict.label_field)
        .order_by(func.min(Verdict.id))
    )
    tallies = defaultdict(list)
    for entry_id, *tally in db.connection().execute(wanted):
        tallies[entry_id].append(dict(zip(_TALLY, tally, strict=True)))
    return tallies


def _added(entry: StoredEntry, facts: ReviewFacts, tallies: list[dict[str, Any]]) -> dict[str, Any]:
    values = (
        entry.id, entry.content_key.hex(), entry.split, entry.subset, facts.status, len(facts.reviewers),
        bool(facts.flags), tallies,
    )  # fmt: skip
    return dict(zip(ADDED, values, strict=True))
