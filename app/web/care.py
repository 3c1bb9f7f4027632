"""What spares the people who read harmful texts all day: blurring, a note before the first one, a way out at once."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.web.access import needs
from app.web.dependencies import CurrentReviewer
from app.web.rendering import TEXTS_COOKIE, leave_page, local_path, render

router = APIRouter()
ENTRY_COOKIE = "texts_of"  # the one entry whose texts are shown: the next one arrives blurred again
NOTE_COOKIE = "content_note"
# All of them end with the browser: the next session begins blurred, and with the note.
_SESSION: dict[str, Any] = {"httponly": True, "samesite": "lax"}


def care_for(request: Request, entry_id: int, *, is_harmful: bool, is_veiled: bool) -> dict[str, bool]:
    """What the page of an entry has to know. While blind every entry counts as harmful: less would be a hint."""
    chosen = request.cookies.get(ENTRY_COOKIE, "")
    needs_note = is_harmful and request.cookies.get(NOTE_COOKIE) != "read"
    is_blurred_by_hand = chosen == f"-{entry_id}"
    return {
        "needs_note": needs_note,
        "veils_all": needs_note or is_blurred_by_hand,
        "texts_shown": chosen == str(entry_id) or not (is_veiled or needs_note or is_blurred_by_hand),
    }


@router.post("/texts", dependencies=[needs(Action.SET_OWN)])
def show_or_blur_texts(
    request: Request,
    shown: Annotated[str, Form()],
    entry: Annotated[int | None, Form(ge=1)] = None,
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    """Those of one entry, or of all lists."""
    response = leave_page(request, next)
    if entry is None:
        response.set_cookie(TEXTS_COOKIE, "shown" if shown == "yes" else "blurred", **_SESSION)
    else:
        response.set_cookie(ENTRY_COOKIE, str(entry if shown == "yes" else -entry), **_SESSION)
    return response


@router.post("/content-note", dependencies=[needs(Action.SET_OWN)])
def accept_content_note(request: Request, next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002
    response = leave_page(request, next)
    response.set_cookie(NOTE_COOKIE, "read", **_SESSION)
    return response


@router.get("/pause", dependencies=[needs(Action.READ)])
def show_pause(request: Request, reviewer: CurrentReviewer, next: str = "/") -> Response:  # noqa: A002
    """Nothing of any dataset; the texts of the entry that was left are blurred again."""
    response = render(request, "care/pause.html", {"back_to": local_path(next), "reviewer": reviewer})
    response.delete_cookie(ENTRY_COOKIE)
    return response
