"""Single entries, with what each reviewer said of one label and what was settled."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement.ratings import find_field_ratings
from app.agreement.scopes import Scope
from app.models import Adjudication, Entry
from app.models.label_field import LabelField, LabelValue, decode_value


@dataclass(frozen=True)
class Said:
    name: str
    value: str  # in words


@dataclass(frozen=True)
class Judged:
    entry_id: int
    split: str
    row: int
    stored: str  # in words, like all values here
    said: tuple[Said, ...]
    settled: str  # "" where nobody has
    error_kind: str


def find_judged(db: Session, scope: Scope, field: LabelField, entry_ids: Sequence[int]) -> list[Judged]:
    """In the order given."""
    ids = list(entry_ids)
    ratings = defaultdict(list)
    for rating in find_field_ratings(db, scope, field.name, ids):
        ratings[rating.entry].append(rating)
    found = select(Adjudication).where(
        Adjudication.entry_id.in_(ids), Adjudication.label_field == field.name, Adjudication.reopened_at.is_(None)
    )
    settled = {row.entry_id: row for row in db.scalars(found)}
    places = {row.id: row for row in db.execute(select(Entry.id, Entry.split, Entry.row).where(Entry.id.in_(ids)))}

    def words(text: str | None) -> str:
        value: LabelValue = decode_value(text) if text is not None else None
        return "unsure" if text is None else field.words(value, scope.dataset.taxonomy)

    return [
        Judged(
            entry_id,
            places[entry_id].split,
            places[entry_id].row,
            words(ratings[entry_id][0].stored) if ratings[entry_id] else "",
            tuple(Said(rating.name, words(rating.value)) for rating in ratings[entry_id]),
            words(settled[entry_id].value) if entry_id in settled else "",
            settled[entry_id].error_kind if entry_id in settled else "",
        )
        for entry_id in ids
    ]
