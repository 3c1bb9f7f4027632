"""Flags on entries of a list: on those that are ticked, or on all that match."""

from collections.abc import Collection
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.browsing.queries import find_ids
from app.errors import Conflict, InvalidInput
from app.importing.queries import get_dataset
from app.models import Dataset
from app.reviewing.flagging import MOST_FLAGGED, FlagChange, check_number, flag_entries, undo_flags
from app.web.dependencies import Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import local_path, redirect, render

router = APIRouter()
CHANGED = "changed"  # the events of a change, in the query string of the list that tells of it
_OTHER_FIELDS = 20


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=MOST_FLAGGED + _OTHER_FIELDS)


Form = Annotated[FormData, Depends(_form)]


@router.post("/datasets/{slug}/flags")
def flag_selected(
    request: Request,
    slug: str,
    form: Form,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
) -> Response:
    dataset, flagged = get_dataset(read_db, slug), _is_flag(form)
    if form.get("all") != "yes":
        return _answer(form, flag_entries(db, reviewer, dataset, _ticked(form), flagged=flagged))
    ids = _all_that_match(read_db, indexes, dataset, form)
    if form.get("confirmed") != "yes":
        context = {"dataset": dataset, "form": form, "flagged": flagged, "number": len(ids)}
        page = {"reviewer": reviewer, "nav": "entries", "nav_dataset": dataset}
        return render(request, "flags/confirm.html", context | page, partial="flags/_confirm.html")
    return _answer(form, flag_entries(db, reviewer, dataset, ids, flagged=flagged))


@router.post("/datasets/{slug}/flags/undo")
def undo_flagging(form: Form, db: WriteDb, reviewer: SignedInReviewer) -> Response:
    return _answer(form, undo_flags(db, reviewer, *read_changed(str(form.get(CHANGED, "")))))


def _is_flag(form: FormData) -> bool:
    action = form.get("action")
    if action not in ("flag", "unflag"):
        raise InvalidInput("action must be flag or unflag.", "action")
    return action == "flag"


def _ticked(form: FormData) -> set[int]:
    ids = [str(value) for value in form.getlist("entry")]
    if not all(value.isascii() and value.isdigit() and len(value) < 19 for value in ids):
        raise InvalidInput("entry must be the number of an entry.", "entry")
    return set(map(int, ids))


def _all_that_match(db: ReadDb, indexes: Indexes, dataset: Dataset, form: FormData) -> Collection[int]:
    """What the list was when it was looked at: if it has another number by now, nobody has seen what would change."""
    found = find_ids(db, indexes, dataset, parse_qsl(str(form.get("query", "")), keep_blank_values=True))
    if str(len(found)) != form.get("total"):
        raise Conflict(f"{len(found):,} entries match now, another number than this page shows. Nothing was changed.")
    check_number(len(found))  # before numbers are made of them, of which there may be millions
    return list(found)


def read_changed(text: str) -> tuple[int, int]:
    """Zeros when it names no change."""
    first, _, last = text.partition("-")
    numbers = [int(part) if part.isascii() and part.isdigit() and len(part) < 19 else 0 for part in (first, last)]
    return numbers[0], numbers[1]


def _answer(form: FormData, change: FlagChange) -> Response:
    """Back to the list, which tells what was changed."""
    address = urlsplit(local_path(str(form.get("next", "/"))))
    pairs = [(name, value) for name, value in parse_qsl(address.query) if name != CHANGED]
    query = urlencode([*pairs, (CHANGED, f"{change.first_event}-{change.last_event}")])
    return redirect(urlunsplit(("", "", address.path, query, "")))
