from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.browsing.queries import find_entries, find_first_entry, find_neighbours
from app.comparing.queries import get_entry, get_shown_entry
from app.importing.queries import get_dataset
from app.models import Entry, Reviewer
from app.reviewing.forms import ReviewForm
from app.reviewing.queries import count_other_reviews, find_saved, get_form
from app.viewing.queries import find_saved_as
from app.web.dependencies import CurrentReviewer, Id, Indexes, ReadDb
from app.web.rendering import here, redirect, render

router = APIRouter()


@router.get("/datasets/{slug}/entries")
def list_entries(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    page = find_entries(db, indexes, dataset, request.query_params.multi_items(), suggests=True)
    context = {
        "dataset": dataset,
        "page": page,
        "saved_as": find_saved_as(db, dataset, page.query),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": dataset,
    }
    return render(request, "entries/index.html", context, partial="entries/_browse.html")


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
