from collections.abc import Iterator

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.permissions import Action
from app.api.conditional import JSON, NDJSON, answer, json_response
from app.api.documents import Document, entry_list, entry_summary, whole_entry
from app.api.negotiation import chosen_form
from app.api.own_parameters import TEXTS, Pairs, chosen, refuse, taken_out
from app.browsing.pages import EntryPage
from app.browsing.queries import find_entries
from app.browsing.versions import version_of
from app.browsing.walking import Walk, walk_entries
from app.comparing.queries import get_entry
from app.comparing.whole import AT_ONCE, find_whole_entries
from app.importing.queries import get_dataset
from app.models import Dataset
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.dependencies import CurrentReviewer, Id, Indexes, ReadDb

router = APIRouter(tags=["entries"])


@router.get("/datasets/{slug}/entries", dependencies=[needs(Action.READ, takes_tokens=True)])
def list_entries(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    refuse_while_blind(reviewer, "entries in JSON")
    form = chosen_form(request.headers.get("accept"), (JSON, NDJSON))
    pairs = request.query_params.multi_items()

    def make() -> Response:
        return (_stream if form == NDJSON else _page)(db, indexes, dataset, pairs)

    return answer(request, version_of(db, indexes, dataset), make, form=form)


def _page(db: ReadDb, indexes: Indexes, dataset: Dataset, pairs: Pairs) -> Response:
    own, pairs = taken_out(pairs, ("texts",))
    whole = chosen(own, "texts", TEXTS) == "whole"
    page = find_entries(db, indexes, dataset, pairs, view=[("texts", "whole")] if whole else ())
    entries = _whole_entries(db, dataset, page) if whole else [entry_summary(row) for row in page.entries]
    headers = {"Link": f'</api/v1/datasets/{dataset.slug}/entries?{page.next}>; rel="next"'} if page.next else {}
    return json_response(entry_list(page, entries), headers)


def _whole_entries(db: ReadDb, dataset: Dataset, page: EntryPage) -> list[Document]:
    rows = {row.id: row for row in page.entries}
    found = find_whole_entries(db, dataset, list(rows))
    return [whole_entry(dataset.slug, e, rows[e.id].status, flagged=rows[e.id].flagged) for e in found]


def _stream(db: ReadDb, indexes: Indexes, dataset: Dataset, pairs: Pairs) -> Response:
    refuse(pairs, ("limit", "page", "entry", "texts"), f"{NDJSON} has every entry of the list, or those behind `after`")
    walk = walk_entries(db, indexes, dataset, pairs)
    return StreamingResponse(_lines(db, dataset, walk), media_type=NDJSON)


def _lines(db: ReadDb, dataset: Dataset, walk: Walk) -> Iterator[bytes]:
    """From one snapshot: the transaction that the walk was read in goes on until all is sent."""
    for ids in walk.chunks(AT_ONCE):
        documents = (
            whole_entry(dataset.slug, entry, walk.states.status(entry.id), flagged=entry.id in walk.states.flagged)
            for entry in find_whole_entries(db, dataset, ids)
        )
        yield b"".join(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE) for document in documents)


@router.get("/entries/{entry_id}", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_entry(request: Request, entry_id: Id, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_entry(db, entry_id).dataset
    refuse_while_blind(reviewer, "entries in JSON")

    def make() -> Response:
        with indexes.using(db, dataset) as index:
            status, flagged = index.status(entry_id), entry_id in index.flagged
        entry = next(find_whole_entries(db, dataset, [entry_id]))
        return json_response(whole_entry(dataset.slug, entry, status, flagged=flagged))

    return answer(request, version_of(db, indexes, dataset), make)
