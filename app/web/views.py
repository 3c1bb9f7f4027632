from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.models import Dataset, Reviewer
from app.viewing.actions import LONGEST_NAME, NameTaken, delete_view, pin_view, rename_view, save_view
from app.viewing.queries import describe_query, find_views, get_view, read_query, show_view
from app.viewing.views import DatasetViews, ShownView
from app.web.access import needs
from app.web.blindness import is_blind, refuse_telling, views_told
from app.web.dependencies import CurrentReviewer, Id, Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import redirect, render

router = APIRouter()
Typed = Annotated[str, Form()]


@dataclass(frozen=True)
class NameForm:
    """Comes back when the name cannot be taken, with what can be done about it."""

    title: str
    action: str
    typed: str
    error: str
    view: ShownView  # what is to be named
    pinned: bool = False
    taken: ShownView | None = None  # what has the name
    can_replace: bool = False


@router.get("/datasets/{slug}/views", dependencies=[needs(Action.READ)])
def list_views(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    views = find_views(db, indexes, dataset)
    shown = DatasetViews(views_told(reviewer, views.own), views_told(reviewer, views.builtin))
    context = {"views": shown, "longest_name": LONGEST_NAME, "is_blind": is_blind(reviewer)}
    return render(request, "views/index.html", {**context, **_place(dataset, reviewer)})


@router.get("/datasets/{slug}/views/{view_id}", dependencies=[needs(Action.READ)])
def open_view(slug: str, view_id: Id, db: ReadDb, indexes: Indexes) -> Response:
    """The link to share: it goes on working when the view is renamed or asks for something else."""
    dataset = get_dataset(db, slug)
    view = show_view(db, indexes, dataset, get_view(db, dataset, view_id))
    return redirect(_anchor(slug, view_id) if view.broken else f"/datasets/{slug}/entries?{view.query}")


@router.post("/datasets/{slug}/views", dependencies=[needs(Action.SET_OWN)])
def create_view(
    request: Request,
    slug: str,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
    name: Typed = "",
    query: Typed = "",
    pinned: Typed = "",
    replace: Annotated[int | None, Form()] = None,
    then: Typed = "",
) -> Response:
    dataset = get_dataset(read_db, slug)
    refuse_telling(reviewer, query)
    query = read_query(read_db, indexes, dataset, query)
    try:
        view = save_view(db, reviewer, dataset, name, query, pinned=pinned == "yes", replaced=replace)
    except (InvalidInput, NameTaken) as error:
        shown = describe_query(read_db, indexes, dataset, query)
        action = f"/datasets/{slug}/views"
        taken = show_view(read_db, indexes, dataset, error.view) if isinstance(error, NameTaken) else None
        form = NameForm("Save a view", action, name, error.message, shown, pinned == "yes", taken, can_replace=True)
        return _form(request, dataset, reviewer, form, error.status)
    return redirect(_back(slug, view.id, view.query, then))


@router.post("/datasets/{slug}/views/{view_id}/name", dependencies=[needs(Action.SET_OWN)])
def name_view(
    request: Request,
    slug: str,
    view_id: Id,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
    name: Typed = "",
) -> Response:
    dataset = get_dataset(read_db, slug)
    refuse_telling(reviewer, get_view(read_db, dataset, view_id).query)
    try:
        rename_view(db, reviewer, dataset, view_id, name)
    except (InvalidInput, NameTaken) as error:
        shown = show_view(read_db, indexes, dataset, get_view(read_db, dataset, view_id))
        taken = show_view(read_db, indexes, dataset, error.view) if isinstance(error, NameTaken) else None
        form = NameForm("Rename a view", request.url.path, name, error.message, shown, taken=taken)
        return _form(request, dataset, reviewer, form, error.status)
    return redirect(_anchor(slug, view_id))


@router.post("/datasets/{slug}/views/{view_id}/pin", dependencies=[needs(Action.SET_OWN)])
def pin_or_unpin(
    slug: str, view_id: Id, db: WriteDb, read_db: ReadDb, reviewer: SignedInReviewer, pinned: Typed, then: Typed = ""
) -> Response:
    dataset = get_dataset(read_db, slug)
    pin_view(db, reviewer, dataset, view_id, pinned=pinned == "yes")
    return redirect(_back(slug, view_id, get_view(read_db, dataset, view_id).query, then))


@router.post("/datasets/{slug}/views/{view_id}/delete", dependencies=[needs(Action.SET_OWN)])
def forget_view(slug: str, view_id: Id, db: WriteDb, read_db: ReadDb, reviewer: SignedInReviewer) -> Response:
    delete_view(db, reviewer, get_dataset(read_db, slug), view_id)
    return redirect(f"/datasets/{slug}/views")


def _place(dataset: Dataset, reviewer: Reviewer | None) -> dict[str, object]:
    return {"dataset": dataset, "reviewer": reviewer, "nav": "views", "nav_dataset": dataset}


def _form(request: Request, dataset: Dataset, reviewer: Reviewer, form: NameForm, status: int) -> Response:
    context = {"form": form, "longest_name": LONGEST_NAME, **_place(dataset, reviewer)}
    return render(request, "views/name.html", context, status=status)


def _back(slug: str, view_id: int, query: str, then: str) -> str:
    """To the list that was saved, or to the page of views."""
    return _anchor(slug, view_id) if then == "views" else f"/datasets/{slug}/entries?{query}#saved-view"


def _anchor(slug: str, view_id: int) -> str:
    return f"/datasets/{slug}/views#view-{view_id}"
