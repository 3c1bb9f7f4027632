from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.browsing.listing import PROMPT_CHARACTERS
from app.browsing.queries import find_entries, find_first_entry, find_neighbours
from app.browsing.row_lengths import find_lengths
from app.browsing.searching.search import parse_search
from app.comparing.queries import get_entry, get_shown_entry
from app.importing.queries import get_dataset
from app.models import Entry, Reviewer
from app.reviewing.flagging import find_flag_change
from app.reviewing.forms import ReviewForm
from app.reviewing.queries import count_other_reviews, find_saved, get_form
from app.viewing.queries import find_saved_as
from app.web.dependencies import CurrentReviewer, Id, Indexes, ReadDb
from app.web.flags import CHANGED, read_changed
from app.web.list_display import COLUMNS, display_of, folded_facets
from app.web.rendering import here, redirect, render, wants_partial

router = APIRouter()


@router.get("/datasets/{slug}/entries")
def list_entries(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset, display = get_dataset(db, slug), display_of(request)
    pairs = request.query_params.multi_items()
    changed = next((value for name, value in pairs if name == CHANGED), None)
    page = find_entries(db, indexes, dataset, [pair for pair in pairs if pair[0] != CHANGED], suggests=True)
    context = {
        "dataset": dataset,
        "page": page,
        "saved_as": find_saved_as(db, dataset, page.query),
        "display": display,
        "columns": COLUMNS,
        "folded": folded_facets(request),
        "lengths": find_lengths(db, page.entries) if "length" in display.columns else None,
        "change": None if changed is None else find_flag_change(db, reviewer, *read_changed(changed)),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": dataset,
    }
    # The address shows the list again, not what was done to it.
    headers = {} if changed is None else {"HX-Replace-Url": f"{request.url.path}?{page.query}"}
    return render(request, "entries/index.html", context, partial="entries/_browse.html", headers=headers)


@router.get("/datasets/{slug}/review")
def start_reviewing(request: Request, slug: str, db: ReadDb, indexes: Indexes) -> Response:
    """Opens the first entry of the list that the query string describes."""
    pairs = request.query_params.multi_items()
    first = find_first_entry(db, indexes, get_dataset(db, slug), pairs)
    query = request.url.query
    return redirect(f"/datasets/{slug}/entries?{query}" if first is None else f"/entries/{first}?{query}")


@router.get("/entries/{entry_id}")
def show_entry(request: Request, entry_id: Id, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    entry = get_entry(db, entry_id)
    form = get_form(db, reviewer, entry) if reviewer else None
    return render_entry(request, db, indexes, entry, reviewer, form)


@router.get("/entries/{entry_id}/texts")
def show_texts(request: Request, entry_id: Id, db: ReadDb, q: str = "") -> Response:
    """What a row of the list unfolds to; a page of its own would be the entry's."""
    if not wants_partial(request):
        return redirect(f"/entries/{entry_id}")
    entry = get_shown_entry(db, get_entry(db, entry_id), parse_search(q) if q.strip() else None)
    return render(request, "entries/_reading.html", {"entry": entry, "shown_of_prompt": PROMPT_CHARACTERS})


def render_entry(
    request: Request,
    db: ReadDb,
    indexes: Indexes,
    entry: Entry,
    reviewer: Reviewer | None,
    form: ReviewForm | None,
    status: int = 200,
) -> Response:
    """The entry's page, also in answer to a form that could not be saved; `saved=ID` in the query tells what was."""
    pairs = request.query_params.multi_items()
    saved_id = next((value for name, value in pairs if name == "saved"), "")
    query = [(name, value) for name, value in pairs if name != "saved"]
    filters, neighbours = find_neighbours(db, indexes, entry.dataset, query, entry.id)
    context: dict[str, Any] = {
        "dataset": entry.dataset,
        "entry": get_shown_entry(db, entry, filters.search),
        "neighbours": neighbours,
        "form": form,
        "saved": find_saved(db, reviewer, saved_id, neighbours.query),
        "others": count_other_reviews(db, entry.id, reviewer),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
        "here": f"/entries/{entry.id}?{neighbours.query}",
    }
    headers = {"HX-Push-Url": here(request)} if request.method == "GET" else {}
    return render(request, "entries/show.html", context, partial="entries/_entry.html", status=status, headers=headers)
