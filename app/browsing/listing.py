"""The rows of a list of entries: what is shown of each, in one query."""

import json
from collections.abc import Mapping, Sequence

from pyroaring import BitMap
from sqlalchemy import BindParameter, Integer, String, bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.joining import SIDES, with_responses
from app.browsing.notes import notes_of
from app.browsing.pages import EntryRow, ResponseBeginning
from app.browsing.searching.highlighting import Marker, marker, snippet
from app.browsing.searching.search import Search
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
_ASKED = func.json_each(bindparam("ids", type_=String)).table_valued("value", name="asked")
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
    .select_from(_ASKED)
    .join(Entry, Entry.id == _ASKED.c.value)
)
_TRUTH = {0: False, 1: True}


def find_rows(
    db: Session,
    ids: Sequence[int],
    shape: Shape,
    search: Search | None,
    statuses: Mapping[int, str],
    flagged: BitMap,
) -> list[EntryRow]:
    """In the order of `ids`."""
    asked = {"ids": json.dumps(list(ids)), "read": _WHOLE if search else _BEGINNING}
    # As the driver gives them: to make rows of them is half of the work.
    found = db.connection().execute(_ROWS, asked).cursor.fetchall()
    in_prompt, in_response = marker(search, "prompt"), marker(search, "response")
    rows = {}
    for entry_id, split, subset, row, prompt, source, better, safer, contradictions, withdrawn, *sides in found:
        responses = tuple(
            _beginning(position, in_response, shape.taxonomy, *sides[5 * position : 5 * position + 5])
            for position in shape.unit.positions
        )
        safe_0, safe_1 = _TRUTH.get(sides[2]), _TRUTH.get(sides[7])
        notes = notes_of(shape.unit, contradictions, better, safe_0, safe_1)
        rows[entry_id] = EntryRow(
            entry_id, split, subset, row, snippet(prompt, in_prompt, PROMPT_CHARACTERS), source, responses, better,
            safer, tuple([note.label for note in notes]), statuses[entry_id], entry_id in flagged, bool(withdrawn),
        )  # fmt: skip
    return [rows[entry_id] for entry_id in ids if entry_id in rows]  # deleted since, where the index is behind


def _beginning(
    position: int,
    marker: Marker,
    taxonomy: Taxonomy,
    text: str,
    source: str | None,
    is_safe: int | None,
    severity_level: int | None,
    mask: int | None,
) -> ResponseBeginning:
    names = taxonomy.names(mask) if mask else ()
    pieces = snippet(text, marker, RESPONSE_CHARACTERS)
    return ResponseBeginning(position, pieces, source, _TRUTH.get(is_safe), severity_level, names)  # type: ignore[arg-type]
