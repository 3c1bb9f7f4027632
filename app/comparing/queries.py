import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from app.browsing.notes import notes_of
from app.browsing.searching.highlighting import marker
from app.browsing.searching.search import Search
from app.browsing.shape import Shape
from app.comparing.entries import Others, ShownEntry, ShownResponse, StoredLabel, Withdrawal
from app.comparing.others import find_annotations, find_same_prompt
from app.errors import NotFound
from app.models import Dataset, DatasetImport, Entry, ImportState, Response
from app.models.label_field import fields_of
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

# Put together once: building a statement takes longer than SQLite needs to answer it.
_ENTRY = (
    select(Entry)
    .where(Entry.id == bindparam("id"))
    .options(joinedload(Entry.dataset, innerjoin=True), joinedload(Entry.responses))
)
_COMPARED = ("is_safe", "severity_level", "harm_categories")


def get_entry(db: Session, entry_id: int) -> Entry:
    """With its dataset and responses; the only way to an entry by its id."""
    entry = db.scalars(_ENTRY, {"id": entry_id}).unique().one_or_none()
    if entry is None:
        raise NotFound(f"There is no entry {entry_id}.")
    return entry


def get_shown_entry(db: Session, entry: Entry, search: Search | None = None) -> ShownEntry:
    """The entry as it is shown, with the hits of a search marked."""
    dataset, unit = entry.dataset, Unit(entry.dataset.unit)
    labels = stored_labels(entry, dataset)
    first, second, *_ = [*(response.is_safe for response in entry.responses), None, None]
    notes = notes_of(unit, entry.contradictions, entry.better_response_id, first, second)
    return ShownEntry(
        id=entry.id,
        unit=unit,
        split=entry.split,
        subset=entry.subset,
        row=entry.row,
        content_key=entry.content_key.hex(),
        prompt=marker(search, "prompt").mark(entry.prompt),
        prompt_source=entry.prompt_source,
        responses=_responses(entry.responses, dataset.taxonomy, search),
        better_response_id=entry.better_response_id,
        safer_response_id=entry.safer_response_id,
        labels=labels,
        notes=tuple(notes),
        extra=_extra(entry.extra),
        withdrawal=_withdrawal(db, entry) if entry.withdrawn else None,
        same_prompt=find_same_prompt(db, entry, unit, has_safety=Shape.of(dataset).has("is_safe")),
        annotations=find_annotations(db, entry, labels, dataset.taxonomy) if unit is Unit.SINGLE else Others((), 0),
    )


def stored_labels(entry: Entry, dataset: Dataset) -> tuple[StoredLabel, ...]:
    return tuple(StoredLabel(field, field.stored_value(entry, dataset.taxonomy)) for field in fields_of(dataset))


def _responses(responses: Sequence[Response], taxonomy: Taxonomy, search: Search | None) -> tuple[ShownResponse, ...]:
    mark = marker(search, "response").mark
    differs = frozenset(name for name in _COMPARED if len({getattr(response, name) for response in responses}) > 1)
    levels = {severity.level: severity for severity in taxonomy.severities}

    def shown(response: Response) -> ShownResponse:
        mask = response.harm_categories
        return ShownResponse(
            position=response.position,
            pieces=mark(response.text),
            source=response.source,
            is_safe=response.is_safe,
            severity=None if response.severity_level is None else levels.get(response.severity_level),
            categories=None if mask is None else tuple(taxonomy.in_mask(mask)),
            words=len(response.text.split()),
            differs=differs,
        )

    return tuple(map(shown, responses))


def _extra(text: str | None) -> dict[str, Any]:
    columns: dict[str, Any] = json.loads(text) if text else {}
    return columns


def _withdrawal(db: Session, entry: Entry) -> Withdrawal:
    later = select(func.min(DatasetImport.id)).where(
        DatasetImport.dataset_id == entry.dataset_id,
        DatasetImport.id > entry.seen_import_id,
        DatasetImport.state == ImportState.COMPLETE,
        DatasetImport.rows_withdrawn > 0,
    )
    return Withdrawal(entry.seen_import_id, db.scalar(later))
