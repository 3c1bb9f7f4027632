"""How the labels of a dataset are to be judged: its guideline, and what its categories and severity levels mean."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.guidelines.actions import LONGEST_GUIDELINE, StaleGuideline, read_body, write_guideline
from app.guidelines.changes import find_changes
from app.guidelines.queries import ShownGuideline, find_newest, find_versions, get_version
from app.importing.queries import get_dataset
from app.models import Dataset, Reviewer
from app.web.access import needs
from app.web.cards import show_markdown
from app.web.dependencies import CurrentReviewer, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import redirect, render

router = APIRouter()
_LATEST = 2**31 - 1
Version = Annotated[int | None, Query(ge=1, le=_LATEST)]
BegunWith = Annotated[int, Form(ge=0, le=_LATEST)]


@router.get("/datasets/{slug}/guideline", dependencies=[needs(Action.READ)])
def show_guideline(
    request: Request, slug: str, db: ReadDb, reviewer: CurrentReviewer, version: Version = None, since: Version = None
) -> Response:
    """Its newest version, or the one asked for; `since` shows what that one changed of an older one."""
    dataset = get_dataset(db, slug)
    shown = get_version(db, dataset.id, version) if version else find_newest(db, dataset.id)
    older = get_version(db, dataset.id, since) if since and shown else None
    context = {
        "shown": shown,
        "versions": find_versions(db, dataset.id),
        "older": older,
        "changes": find_changes(older.body, shown.body) if older and shown else None,
        "show_markdown": show_markdown,
    }
    return render(request, "guidelines/show.html", context | _frame(dataset, reviewer))


@router.get("/datasets/{slug}/guideline/edit", dependencies=[needs(Action.GUIDE)])
def edit_guideline(request: Request, slug: str, db: ReadDb, reviewer: SignedInReviewer) -> Response:
    dataset = get_dataset(db, slug)
    newest = find_newest(db, dataset.id)
    return _form(request, dataset, reviewer, newest, newest.body if newest else "")


@router.post("/datasets/{slug}/guideline", dependencies=[needs(Action.GUIDE)])
def save_guideline(
    request: Request,
    slug: str,
    db: WriteDb,
    read_db: ReadDb,
    reviewer: SignedInReviewer,
    body: Annotated[str, Form()] = "",
    begun_with: BegunWith = 0,
    action: Annotated[str, Form()] = "save",
) -> Response:
    dataset = get_dataset(read_db, slug)
    newest = find_newest(read_db, dataset.id)
    try:
        if action == "preview":
            return _form(request, dataset, reviewer, newest, read_body(body), begun_with, has_preview=True)
        version = write_guideline(db, reviewer, dataset.id, body, begun_with)
    except InvalidInput as error:
        return _form(request, dataset, reviewer, newest, body, begun_with, error=error)
    except StaleGuideline as error:
        return _form(request, dataset, reviewer, error.newest, body, begun_with, error=error)
    return redirect(f"/datasets/{slug}/guideline?version={version}")


@router.get("/datasets/{slug}/definitions", dependencies=[needs(Action.READ)])
def show_definitions(request: Request, slug: str, db: ReadDb, reviewer: CurrentReviewer) -> Response:
    """As a page, or as what the review screen opens in a dialog."""
    dataset = get_dataset(db, slug)
    context = {"guideline": find_newest(db, dataset.id), "show_markdown": show_markdown}
    name, partial = "guidelines/definitions.html", "guidelines/_definitions.html"
    return render(request, name, context | _frame(dataset, reviewer), partial=partial)


def _form(
    request: Request,
    dataset: Dataset,
    reviewer: Reviewer,
    newest: ShownGuideline | None,
    body: str,
    begun_with: int | None = None,
    *,
    has_preview: bool = False,
    error: InvalidInput | StaleGuideline | None = None,
) -> Response:
    """Whoever was told of a newer version has seen it: from then on the text begins with that one."""
    is_stale = isinstance(error, StaleGuideline)
    version = newest.written.version if newest else 0
    context = {
        "body": body,
        "newest": newest,
        "begun_with": version if is_stale or begun_with is None else begun_with,
        "changes": find_changes(newest.body, body) if is_stale and newest else None,
        "preview": show_markdown(body) if has_preview else None,
        "error": error.message if error else None,
        "longest": LONGEST_GUIDELINE,
    }
    status = error.status if error else 200
    return render(request, "guidelines/edit.html", context | _frame(dataset, reviewer), status=status)


def _frame(dataset: Dataset, reviewer: Reviewer | None) -> dict[str, object]:
    return {"dataset": dataset, "reviewer": reviewer, "nav": "datasets", "nav_dataset": dataset}
