"""What people say of an entry: its thread, and what they change in it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.comparing.alike import find_near_identical
from app.comparing.queries import get_entry
from app.discussing.actions import add_comment, delete_comment, edit_comment, get_own_comment, settle_thread
from app.discussing.others import find_others
from app.discussing.threads import find_thread
from app.errors import InvalidInput
from app.models import Entry
from app.web.access import needs
from app.web.dependencies import CurrentReviewer, Id, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import redirect, render

router = APIRouter()
Text = Annotated[str, Form()]


@router.get("/entries/{entry_id}/comments", dependencies=[needs(Action.READ)])
def show_thread(
    request: Request,
    entry_id: Id,
    db: ReadDb,
    reviewer: CurrentReviewer,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    return _thread(request, db, get_entry(db, entry_id), reviewer, before=before)


@router.post("/entries/{entry_id}/comments", dependencies=[needs(Action.COMMENT)])
def say(
    request: Request, entry_id: Id, db: WriteDb, read_db: ReadDb, reviewer: SignedInReviewer, body: Text = ""
) -> Response:
    entry = get_entry(read_db, entry_id)
    try:
        comment_id = add_comment(db, reviewer, entry, body)
    except InvalidInput as error:
        return _thread(request, read_db, entry, reviewer, status=422, typed=body, error=error.message)
    return _back(entry, f"comment-{comment_id}")


@router.post("/entries/{entry_id}/comments/resolve", dependencies=[needs(Action.COMMENT)])
def resolve(entry_id: Id, db: WriteDb, read_db: ReadDb, reviewer: SignedInReviewer, resolved: Text = "yes") -> Response:
    entry = get_entry(read_db, entry_id)
    settle_thread(db, reviewer, entry, resolved=resolved != "no")
    return _back(entry, "thread")


@router.get("/entries/{entry_id}/others", dependencies=[needs(Action.READ)])
def show_others(request: Request, entry_id: Id, db: ReadDb, reviewer: SignedInReviewer) -> Response:
    entry = get_entry(db, entry_id)
    context = {
        "dataset": entry.dataset,
        "entry_id": entry_id,
        "found": find_others(db, reviewer, entry),
        "near": find_near_identical(db, entry),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
    }
    return render(request, "discussions/others.html", context, partial="discussions/_others.html")


@router.post("/comments/{comment_id}", dependencies=[needs(Action.COMMENT)])
def change_comment(
    request: Request,
    comment_id: Id,
    db: WriteDb,
    read_db: ReadDb,
    reviewer: SignedInReviewer,
    action: Text = "edit",
    body: Text = "",
) -> Response:
    comment = get_own_comment(db, reviewer, comment_id)
    entry = get_entry(read_db, comment.entry_id)
    if action == "delete":
        delete_comment(db, reviewer, comment, entry)
        return _back(entry, "thread")
    try:
        edit_comment(db, reviewer, comment, entry, body)
    except InvalidInput as error:
        return _thread(
            request, read_db, entry, reviewer, status=422, editing=comment_id, typed=body, error=error.message
        )
    return _back(entry, f"comment-{comment_id}")


def _back(entry: Entry, anchor: str) -> Response:
    """To the thread: htmx takes what is there for a fragment."""
    return redirect(f"/entries/{entry.id}/comments#{anchor}")


def _thread(
    request: Request,
    db: ReadDb,
    entry: Entry,
    reviewer: CurrentReviewer,
    *,
    before: int | None = None,
    status: int = 200,
    editing: int | None = None,
    typed: str = "",
    error: str = "",
) -> Response:
    """`typed` could not be said, or not in the place of the comment `editing`."""
    context: dict[str, Any] = {
        "dataset": entry.dataset,
        "entry_id": entry.id,
        "thread": find_thread(db, reviewer, entry.id, before),
        "is_earlier": before is not None,
        "editing": editing,
        "typed": typed,
        "error": error,
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
    }
    return render(request, "discussions/thread.html", context, partial="discussions/_thread.html", status=status)
