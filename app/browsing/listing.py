"""The rows of a list of entries: what is shown of each, in one query."""

from collections.abc import Mapping, Sequence

from pyroaring import BitMap
from sqlalchemy import BindParameter, Integer, bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.highlighting import Marker, marker, snippet
from app.browsing.joining import SIDES, with_responses
from app.browsing.notes import notes_of
from app.browsing.pages import EntryRow, ResponseBeginning
from app.browsing.search import Search
from app.browsing.shape import Shape
from app.models import Entry
from app.terms.taxonomy import Taxonomy

PROMPT_CHARACTERS, RESPONSE_CHARACTERS = 280, 220
# Characters of a text that are read. A hit may be anywhere; without a search, one too many tells that a text goes on.
_WHOLE, _BEGINNING = 2**31 - 1, max(PROMPT_CHARACTERS, RESPONSE_CHARACTERS) + 1
_READ: BindParameter[int] = bindparam("read", type_=Integer)

_COLUMNS = [
    column
    for side in SIDES
    for column in (
        func.substr(side.text, 1, _READ),
        side.source,
        side.is_safe,
        side.severity_level,
        side.harm_categories,
    )
]
# Put together once: building it took longer than running it.
_ROWS = with_responses(
    select(
        Entry.id,
        Entry.split,
        Entry.subset,
        Entry.row,
        func.substr(Entry.prompt, 1, _READ),
        Entry.prompt_source,
        Entry.better_response_id,
        Entry.safer_response_id,
        Entry.contradictions,
        Entry.withdrawn,
        *_COLUMNS,
    )
).where(Entry.id.in_(bindparam("ids", expanding=True)))


def find_rows(
    db: Session,
    ids: Sequence[int],
    shape: Shape,
    search: Search | None,
    statuses: Mapping[int, str],
    flagged: BitMap,
) -> list[EntryRow]:
    """In the order of `ids`."""
    in_prompt, in_response = marker(search, "prompt"), marker(search, "response")
    rows = {}
    for entry_id, split, subset, row, prompt, source, better, safer, contradictions, withdrawn, *sides in db.execute(
        _ROWS, {"ids": ids, "read": _WHOLE if search else _BEGINNING}
    ):
        notes = notes_of(shape.unit, contradictions, better, sides[2], sides[7])
        rows[entry_id] = EntryRow(
            id=entry_id,
            split=split,
            subset=subset,
            row=row,
            prompt=snippet(prompt, in_prompt, PROMPT_CHARACTERS),
            prompt_source=source,
            responses=tuple(
                _beginning(position, in_response, shape.taxonomy, *sides[5 * position : 5 * position + 5])
                for position in shape.unit.positions
            ),
            better_response_id=better,
            safer_response_id=safer,
            notes=tuple(note.label for note in notes),
            status=statuses[entry_id],
            flagged=entry_id in flagged,
            withdrawn=withdrawn,
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
