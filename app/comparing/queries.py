from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from app.browsing.highlighting import marker
from app.browsing.notes import notes_of
from app.browsing.search import Search
from app.comparing.pairs import Pair, PairResponse, SamePrompt, StoredLabel
from app.errors import NotFound
from app.models import Dataset, Entry, Response, Taxonomy, Unit
from app.models.entry import PROMPT_KEY_BYTES
from app.models.label_field import LABEL_FIELDS

SAME_PROMPT_SHOWN = 20
# Put together once: building a statement takes longer than SQLite needs to answer it.
_ENTRY = (
    select(Entry)
    .where(Entry.id == bindparam("id"))
    .options(joinedload(Entry.dataset, innerjoin=True), joinedload(Entry.responses))
)
_FIRST, _SECOND = aliased(Response), aliased(Response)
_SAME_PROMPT_WHERE = (
    Entry.dataset_id == bindparam("dataset_id"),
    Entry.content_key.between(bindparam("lowest"), bindparam("highest")),
    Entry.id != bindparam("id"),
)
_SAME_PROMPT = (
    select(Entry.id, Entry.split, _FIRST.is_safe, _SECOND.is_safe)
    .join(_FIRST, (_FIRST.entry_id == Entry.id) & (_FIRST.position == 0))
    .join(_SECOND, (_SECOND.entry_id == Entry.id) & (_SECOND.position == 1))
    .where(*_SAME_PROMPT_WHERE)
    .order_by(Entry.content_key, Entry.occurrence)  # by id, SQLite would walk the whole table for it
    .limit(SAME_PROMPT_SHOWN + 1)
)
_SAME_PROMPT_COUNT = select(func.count()).select_from(Entry).where(*_SAME_PROMPT_WHERE)


def get_entry(db: Session, entry_id: int) -> Entry:
    """With its dataset and responses; the only way to an entry by its id."""
    entry = db.scalars(_ENTRY, {"id": entry_id}).unique().one_or_none()
    if entry is None:
        raise NotFound(f"There is no entry {entry_id}.")
    return entry


def get_pair(db: Session, entry: Entry, search: Search | None = None) -> Pair:
    """The entry as it is shown, with the hits of a search marked."""
    dataset = entry.dataset
    others, count = _same_prompt(db, entry)
    safe = (response.is_safe for response in entry.responses)
    return Pair(
        id=entry.id,
        dataset_id=entry.dataset_id,
        split=entry.split,
        subset=entry.subset,
        row=entry.row,
        content_key=entry.content_key.hex(),
        prompt=marker(search, "prompt").mark(entry.prompt),
        prompt_source=entry.prompt_source,
        responses=_responses(entry.responses, dataset.taxonomy, search),
        better_response_id=entry.better_response_id,
        safer_response_id=entry.safer_response_id,
        labels=stored_labels(entry, dataset),
        notes=tuple(notes_of(Unit(dataset.unit), entry.contradictions, entry.better_response_id, *safe)),
        same_prompt=others,
        same_prompt_count=count,
    )


def stored_labels(entry: Entry, dataset: Dataset) -> tuple[StoredLabel, ...]:
    fields = [field for name, field in LABEL_FIELDS.items() if name in dataset.label_fields]
    return tuple(StoredLabel(field, field.stored_value(entry, dataset.taxonomy)) for field in fields)


def _responses(
    responses: list[Response], taxonomy: Taxonomy, search: Search | None
) -> tuple[PairResponse, PairResponse]:
    mark = marker(search, "response").mark
    differs = frozenset(
        name
        for name in ("is_safe", "severity_level", "harm_categories")
        if getattr(responses[0], name) != getattr(responses[1], name)
    )
    levels = {severity.level: severity for severity in taxonomy.severities}

    def shown(response: Response) -> PairResponse:
        mask = response.harm_categories
        return PairResponse(
            position=response.position,
            pieces=mark(response.text),
            source=response.source,
            is_safe=response.is_safe,
            severity=None if response.severity_level is None else levels[response.severity_level],
            categories=None if mask is None else tuple(taxonomy.in_mask(mask)),
            words=len(response.text.split()),
            characters=len(response.text),
            differs=differs,
        )

    return shown(responses[0]), shown(responses[1])


def _same_prompt(db: Session, entry: Entry) -> tuple[tuple[SamePrompt, ...], int]:
    """Other entries of the dataset with this prompt, found by the part of the content key that hashes it alone."""
    prefix = entry.content_key[:PROMPT_KEY_BYTES]
    padding = len(entry.content_key) - PROMPT_KEY_BYTES
    same = {
        "dataset_id": entry.dataset_id,
        "lowest": prefix + b"\0" * padding,
        "highest": prefix + b"\xff" * padding,
        "id": entry.id,
    }
    rows = sorted(db.execute(_SAME_PROMPT, same), key=lambda row: row[0])
    found = [SamePrompt(other, split, (first, second)) for other, split, first, second in rows]
    count = len(found) if len(found) <= SAME_PROMPT_SHOWN else db.scalar(_SAME_PROMPT_COUNT, same) or 0
    return tuple(found[:SAME_PROMPT_SHOWN]), count
