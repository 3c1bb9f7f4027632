"""Entries with whole texts and every stored label, many at a time: what the API gives to programs."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.browsing.joining import SIDES, with_responses
from app.browsing.notes import notes_of
from app.models import Dataset, Entry
from app.models.label_field import LabelField, LabelKind, LabelValue, fields_of
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

AT_ONCE = 100  # entries of which the texts are held in memory


class WholeResponse(NamedTuple):
    position: int
    text: str
    source: str | None


class WholeEntry(NamedTuple):
    id: int
    split: str
    subset: str | None
    row: int
    content_key: str
    prompt: str
    prompt_source: str | None
    responses: tuple[WholeResponse, ...]
    labels: dict[str, LabelValue]  # by label field
    notes: tuple[str, ...]
    withdrawn: bool
    extra: str  # the columns of its row that mean nothing here, as a JSON object


_OF_RESPONSE = ("text", "source", "is_safe", "severity_level", "harm_categories")
# Put together once: building a statement takes longer than SQLite needs to answer it.
_ROWS = with_responses(
    select(
        Entry.id,
        Entry.split,
        Entry.subset,
        Entry.row,
        Entry.content_key,
        Entry.prompt,
        Entry.prompt_source,
        Entry.better_response_id,
        Entry.safer_response_id,
        Entry.contradictions,
        Entry.withdrawn,
        Entry.extra,
        *(getattr(side, name) for side in SIDES for name in _OF_RESPONSE),
    )
).where(Entry.id.in_(bindparam("ids", expanding=True)))


def find_whole_entries(db: Session, dataset: Dataset, ids: Sequence[int]) -> Iterator[WholeEntry]:
    """In the order of `ids`; one that is deleted meanwhile is left out."""
    read = _Reader(dataset)
    for start in range(0, len(ids), AT_ONCE):
        chunk = ids[start : start + AT_ONCE]
        rows = {row[0]: row for row in db.connection().execute(_ROWS, {"ids": chunk})}
        yield from (read(rows[entry_id]) for entry_id in chunk if entry_id in rows)


class _Reader:
    """Makes rows of one dataset into entries."""

    def __init__(self, dataset: Dataset) -> None:
        self._unit = Unit(dataset.unit)
        self._places = [(field.name, _place(field), field.kind) for field in fields_of(dataset)]
        self._codes = _codes_in(dataset.taxonomy)

    def __call__(self, row: Any) -> WholeEntry:
        entry_id, split, subset, number, key, prompt, source, better, _, contradictions, withdrawn, extra, *sides = row
        notes = notes_of(self._unit, contradictions, better, sides[2], sides[7])
        return WholeEntry(
            entry_id,
            split,
            subset,
            number,
            key.hex(),
            prompt,
            source,
            tuple(WholeResponse(at, sides[5 * at], sides[5 * at + 1]) for at in self._unit.positions),
            {name: self._value(row[place], kind) for name, place, kind in self._places},
            tuple(note.label for note in notes),
            withdrawn,
            extra or "{}",
        )

    def _value(self, stored: Any, kind: LabelKind) -> LabelValue:
        value: LabelValue = self._codes(stored) if kind is LabelKind.CATEGORIES and stored is not None else stored
        return value


def _place(field: LabelField) -> int:
    """Of its column."""
    if field.position is None:
        return {"better_response_id": 7, "safer_response_id": 8}[field.name]
    return 12 + len(_OF_RESPONSE) * field.position + _OF_RESPONSE.index(field.name.split(".")[1])


def _codes_in(taxonomy: Taxonomy) -> Any:
    """Few combinations of categories occur."""
    return lru_cache(maxsize=4096)(taxonomy.codes)
