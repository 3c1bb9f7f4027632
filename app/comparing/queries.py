import json
from dataclasses import dataclass
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
from app.terms.blurring import arrives_blurred
from app.terms.profile import Profile
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


_PROFILE = Profile()


@dataclass(frozen=True)
class Showing:
    """How an entry is to be shown to somebody."""

    profile: Profile = _PROFILE
    positions: tuple[int, int] = (0, 1)  # of the responses, from left to right
    is_shuffled: bool = False
    hides_labels: bool = False  # and all else that would tell something about them


def get_shown_entry(
    db: Session, entry: Entry, search: Search | None = None, showing: Showing | None = None
) -> ShownEntry:
    """The entry as it is shown, with the hits of a search marked."""
    showing = showing or Showing()
    texts = {
        "id": entry.id,
        "unit": Unit(entry.dataset.unit),
        "prompt": marker(search, "prompt").mark(entry.prompt),
    }
    responses = _responses(entry, search, showing)
    return (_without_labels if showing.hides_labels else _with_labels)(db, entry, responses, texts)


def _without_labels(_db: Session, _entry: Entry, responses: tuple[ShownResponse, ...], texts: Any) -> ShownEntry:
    """Neither row nor content key: who knows the dataset could look the labels up, or which response comes first."""
    return ShownEntry(
        **texts,
        split="",
        subset=None,
        row=0,
        content_key="",
        prompt_source=None,
        responses=responses,
        better_response_id=None,
        safer_response_id=None,
        labels=(),
        notes=(),
        extra={},
        withdrawal=None,
        same_prompt=Others((), 0),
        annotations=Others((), 0),
    )


def _with_labels(db: Session, entry: Entry, responses: tuple[ShownResponse, ...], texts: Any) -> ShownEntry:
    dataset, unit = entry.dataset, Unit(entry.dataset.unit)
    labels = stored_labels(entry, dataset)
    first, second, *_ = [*(response.is_safe for response in entry.responses), None, None]
    notes = notes_of(unit, entry.contradictions, entry.better_response_id, first, second)
    return ShownEntry(
        **texts,
        split=entry.split,
        subset=entry.subset,
        row=entry.row,
        content_key=entry.content_key.hex(),
        prompt_source=entry.prompt_source,
        responses=responses,
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


def _responses(entry: Entry, search: Search | None, showing: Showing) -> tuple[ShownResponse, ...]:
    """From left to right."""
    mark, taxonomy, responses = marker(search, "response").mark, entry.dataset.taxonomy, entry.responses
    differs = frozenset(name for name in _COMPARED if len({getattr(response, name) for response in responses}) > 1)
    levels = {severity.level: severity for severity in taxonomy.severities}
    is_pair, profile, hides = len(responses) > 1, showing.profile, showing.hides_labels

    def shown(response: Response, side: str) -> ShownResponse:
        is_safe, level, mask = response.is_safe, response.severity_level, response.harm_categories
        number = f" {response.position}" if is_pair else ""
        return ShownResponse(
            position=response.position,
            pieces=mark(response.text),
            source=None if hides else response.source,
            is_safe=None if hides else is_safe,
            severity=None if hides or level is None else levels.get(level),
            categories=None if hides or mask is None else tuple(taxonomy.in_mask(mask)),
            words=len(response.text.split()),
            characters=len(response.text),
            name=side.title() if showing.is_shuffled and is_pair else f"Response{number}",
            side=side,
            veiled=profile.blurs_blind if hides else arrives_blurred(profile, is_safe, level),
            differs=frozenset() if hides else differs,
        )

    in_order = [responses[position] for position in showing.positions if position < len(responses)]
    return tuple(shown(response, side) for response, side in zip(in_order, ("left", "right"), strict=False))


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
