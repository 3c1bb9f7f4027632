"""Other entries of the dataset that share the prompt, or prompt and responses, with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session, joinedload, load_only

from app.browsing.joining import SIDES, with_responses
from app.comparing.entries import AnnotatedLabel, Annotation, Other, OtherEntry, Others, StoredLabel
from app.models import Entry, Response
from app.terms.content_key import PROMPT_KEY_BYTES
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

OTHERS_SHOWN = 20
MOST_COUNTED = 1_000  # each is a look into the table, and of millions of entries one prompt may have a hundred thousand


WITHIN_KEYS = (
    Entry.dataset_id == bindparam("dataset_id"),
    Entry.content_key.between(bindparam("lowest"), bindparam("highest")),
    Entry.id != bindparam("id"),
    Entry.withdrawn.is_(False),
)


@dataclass(frozen=True)
class _Statements:
    """Put together once: building a statement takes longer than SQLite needs to answer it."""

    rows: Any
    count: Any


def _others(statement: Any, *more: ColumnElement[bool]) -> _Statements:
    """Found by the content key, whose first bytes hash the prompt alone."""
    where = (*WITHIN_KEYS, *more)
    # By id, SQLite would walk the whole table for it.
    rows = statement.where(*where).order_by(Entry.content_key, Entry.occurrence).limit(OTHERS_SHOWN + 1)
    counted = select(Entry.id).where(*where).limit(MOST_COUNTED + 1).subquery()
    return _Statements(rows, select(func.count()).select_from(counted))


_SAFETY = with_responses(select(Entry.id, Entry.split, *(side.is_safe for side in SIDES)))
_LABELS = select(Entry).options(
    load_only(Entry.id, Entry.split),
    joinedload(Entry.responses).load_only(Response.is_safe, Response.severity_level, Response.harm_categories),
)
_SAME_PROMPT = _others(_SAFETY)
_OTHER_RESPONSES = _others(_SAFETY, Entry.content_key != bindparam("key"))
_SAME_TEXTS = _others(_LABELS)


def find_same_prompt(db: Session, entry: Entry, unit: Unit, *, has_safety: bool) -> Others[OtherEntry]:
    """Of a single, entries with another response; those with the same one are its annotations."""
    statements = _OTHER_RESPONSES if unit is Unit.SINGLE else _SAME_PROMPT
    between = keys_of_prompt(entry)
    rows = sorted(db.connection().execute(statements.rows, between), key=lambda row: row[0])
    told = len(unit.positions) if has_safety else 0
    found = [OtherEntry(other, split, tuple(safe[:told])) for other, split, *safe in rows]
    return _others_of(found, _count(db, statements, between, len(found)))


def find_annotations(
    db: Session, entry: Entry, labels: tuple[StoredLabel, ...], taxonomy: Taxonomy
) -> Others[Annotation]:
    """What other entries say of the same prompt and response."""
    between = _between(entry, entry.content_key, entry.content_key)
    others = db.scalars(_SAME_TEXTS.rows, between).unique().all()
    found = [Annotation(other.id, other.split, _annotated(other, labels, taxonomy)) for other in others]
    return _others_of(found, _count(db, _SAME_TEXTS, between, len(found)))


def _annotated(other: Entry, labels: tuple[StoredLabel, ...], taxonomy: Taxonomy) -> tuple[AnnotatedLabel, ...]:
    values = [(label, label.field.stored_value(other, taxonomy)) for label in labels]
    return tuple(
        AnnotatedLabel(label.field, value, label.field.words(value, taxonomy), value != label.value)
        for label, value in values
    )


def keys_of_prompt(entry: Entry) -> dict[str, Any]:
    """For WITHIN_KEYS: the other entries with the same prompt."""
    prefix, padding = entry.content_key[:PROMPT_KEY_BYTES], len(entry.content_key) - PROMPT_KEY_BYTES
    return _between(entry, prefix + b"\0" * padding, prefix + b"\xff" * padding)


def _between(entry: Entry, lowest: bytes, highest: bytes) -> dict[str, Any]:
    about = {"dataset_id": entry.dataset_id, "id": entry.id, "key": entry.content_key}
    return {**about, "lowest": lowest, "highest": highest}


def _count(db: Session, statements: _Statements, between: dict[str, Any], found: int) -> int:
    return found if found <= OTHERS_SHOWN else db.scalar(statements.count, between) or 0


def _others_of(found: Sequence[Other], count: int) -> Others[Other]:
    return Others(tuple(found[:OTHERS_SHOWN]), min(count, MOST_COUNTED), has_more=count > MOST_COUNTED)
