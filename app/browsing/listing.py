"""The rows of a list of entries: what is shown of each, in one query."""

from collections.abc import Mapping, Sequence

from pyroaring import BitMap
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.browsing.highlighting import Marker, marker, snippet
from app.browsing.pages import EntryRow, ResponseBeginning
from app.browsing.postings import notes_of
from app.browsing.search import Search
from app.models import Entry, Response, Taxonomy

PROMPT_CHARACTERS, RESPONSE_CHARACTERS = 280, 220
_LOOKED_AT = 20_000  # characters of a text in which a hit is sought for the list

_FIRST, _SECOND = aliased(Response), aliased(Response)
_SIDES = [
    column
    for side in (_FIRST, _SECOND)
    for column in (
        func.substr(side.text, 1, _LOOKED_AT),
        side.source,
        side.is_safe,
        side.severity_level,
        side.harm_categories,
    )
]
# Put together once: building it took longer than running it.
_ROWS = (
    select(
        Entry.id,
        Entry.split,
        Entry.subset,
        Entry.row,
        func.substr(Entry.prompt, 1, _LOOKED_AT),
        Entry.prompt_source,
        Entry.better_response_id,
        Entry.safer_response_id,
        Entry.contradictions,
        *_SIDES,
    )
    .join(_FIRST, (_FIRST.entry_id == Entry.id) & (_FIRST.position == 0))
    .join(_SECOND, (_SECOND.entry_id == Entry.id) & (_SECOND.position == 1))
    .where(Entry.id.in_(bindparam("ids", expanding=True)))
)


def find_rows(
    db: Session,
    ids: Sequence[int],
    taxonomy: Taxonomy,
    search: Search | None,
    statuses: Mapping[int, str],
    flagged: BitMap,
) -> list[EntryRow]:
    """In the order of `ids`."""
    in_prompt, in_response = marker(search, "prompt"), marker(search, "response")
    rows = {}
    for entry_id, split, subset, row, prompt, source, better, safer, contradictions, *sides in db.execute(
        _ROWS, {"ids": ids}
    ):
        rows[entry_id] = EntryRow(
            id=entry_id,
            split=split,
            subset=subset,
            row=row,
            prompt=snippet(prompt, in_prompt, PROMPT_CHARACTERS),
            prompt_source=source,
            responses=(
                _beginning(0, in_response, taxonomy, *sides[:5]),
                _beginning(1, in_response, taxonomy, *sides[5:]),
            ),
            better_response_id=better,
            safer_response_id=safer,
            notes=tuple(note.label for note in notes_of(contradictions, better, sides[2], sides[7])),
            status=statuses[entry_id],
            flagged=entry_id in flagged,
        )
    return [rows[entry_id] for entry_id in ids]


def _beginning(
    position: int,
    marker: Marker,
    taxonomy: Taxonomy,
    text: str,
    source: str | None,
    is_safe: bool | None,
    severity_level: int | None,
    mask: int | None,
) -> ResponseBeginning:
    names = tuple(category.name for category in taxonomy.in_mask(mask)) if mask else ()
    pieces = snippet(text, marker, RESPONSE_CHARACTERS)
    return ResponseBeginning(position, pieces, source, is_safe, severity_level, names)
