"""Which entries of a list a form is about: those that are ticked, or all that match."""

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.browsing.queries import find_ids
from app.errors import Conflict, InvalidInput
from app.models import Dataset, Reviewer
from app.reviewing.many import MOST_AT_ONCE, ManyChanged, check_number, find_many_changed
from app.web.blindness import refuse_telling
from app.web.dependencies import CurrentReviewer, Indexes, ReadDb
from app.web.rendering import local_path, redirect

# In the query string of the list that tells of it: the decision, and of how many entries it was undone.
_CHANGED, _UNDONE = "changed", "undone"
_OTHER_FIELDS = 60
_LIST = ("query", "total", "next")  # fields of the bar that say which list it stands under


async def _form(request: Request, reviewer: CurrentReviewer) -> FormData:
    form = await request.form(max_files=0, max_fields=MOST_AT_ONCE + _OTHER_FIELDS)
    refuse_telling(reviewer, str(form.get("query", "")))
    return form


SelectionForm = Annotated[FormData, Depends(_form)]


def selects_all(form: FormData) -> bool:
    return form.get("all") == "yes"


def selected_ids(form: FormData, db: ReadDb, indexes: Indexes, dataset: Dataset) -> Collection[int]:
    return _all_that_match(form, db, indexes, dataset) if selects_all(form) else _ticked(form)


def _all_that_match(form: FormData, db: ReadDb, indexes: Indexes, dataset: Dataset) -> Collection[int]:
    """What the list was when it was looked at: if it has another number by now, nobody has seen what would change."""
    found = find_ids(db, indexes, dataset, parse_qsl(str(form.get("query", "")), keep_blank_values=True))
    if str(len(found)) != form.get("total"):
        raise Conflict(f"{len(found):,} entries match now, another number than this page shows. Nothing was changed.")
    check_number(len(found))  # before numbers are made of them, of which there may be millions
    return list(found)


def _ticked(form: FormData) -> set[int]:
    """Each in a field of its own, or, when a page hands them on, as numbers and ranges: 3 7-9."""
    ids = {_id(str(value)) for value in form.getlist("entry")}
    for part in str(form.get("entries", "")).split():
        first, _, last = part.partition("-")
        span = range(_id(first), _id(last or first) + 1)
        check_number(len(span))
        ids.update(span)
    return ids


def _id(text: str) -> int:
    if not _is_number(text):
        raise InvalidInput("entry must be the number of an entry.", "entry")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def hidden_fields(form: FormData, ids: Collection[int]) -> list[tuple[str, str]]:
    """For a page in between, which asks more about the same entries."""
    which = ("all", "yes") if selects_all(form) else ("entries", " ".join(_ranges(sorted(ids))))
    return [(name, str(form.get(name, ""))) for name in _LIST] + [which]


def _ranges(ids: list[int]) -> Iterator[str]:
    first = ids[0] if ids else 0
    for last, then in pairwise([*ids, -1]):
        if then != last + 1:
            yield f"{first}-{last}" if last > first else str(first)
            first = then


def list_address(form: FormData, dataset: Dataset) -> str:
    return local_path(str(form.get("next") or f"/datasets/{dataset.slug}/entries"))


def show_change(form: FormData, change: ManyChanged) -> Response:
    """Back to the list, which tells what was changed."""
    address = urlsplit(local_path(str(form.get("next", "/"))))
    query = urlencode([*without_change(parse_qsl(address.query)), (_CHANGED, change.decision)])
    return redirect(urlunsplit(("", "", address.path, query, "")))


def without_change(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The query string of a list without what it tells of a change."""
    return [(name, value) for name, value in pairs if name not in (_CHANGED, _UNDONE)]


def find_change(
    db: ReadDb, reviewer: Reviewer | None, dataset: Dataset, pairs: Sequence[tuple[str, str]]
) -> ManyChanged | None:
    numbers = {name: int(value) for name, value in pairs if name in (_CHANGED, _UNDONE) and _is_number(value)}
    if _CHANGED not in numbers:
        return None
    return find_many_changed(db, reviewer, dataset, numbers[_CHANGED], numbers.get(_UNDONE, 0))
