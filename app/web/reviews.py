from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.browsing.queries import find_neighbours
from app.comparing.queries import get_entry
from app.errors import Conflict, InvalidInput
from app.reviewing.actions import RejectedReview, StaleReview, record_review, undo_review
from app.reviewing.forms import TypedReview, TypedVerdict
from app.reviewing.queries import get_form, rejected_form, stale_form
from app.web.dependencies import Id, Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.entries import render_entry
from app.web.rendering import redirect

router = APIRouter()
_MOST_FIELDS = 400


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


Form = Annotated[FormData, Depends(_form)]


def read_review(form: FormData) -> TypedReview:
    names = [name.removeprefix("verdict.") for name in form if name.startswith("verdict.")]
    verdicts = {
        name: TypedVerdict(
            verdict=str(form[f"verdict.{name}"]),
            corrected=tuple(str(value) for value in form.getlist(f"corrected.{name}")),
            reason=str(form.get(f"reason.{name}", "")),
        )
        for name in names
    }
    return TypedReview(
        verdicts=verdicts,
        comment=str(form.get("comment", "")),
        flagged=form.get("flag") == "yes",
        revision=read_revision(form),
    )


def read_revision(form: FormData) -> int:
    text = str(form.get("revision", "0"))
    if not text.isdecimal() or len(text) > 9:
        raise InvalidInput("revision must be the number that the form came with.", "revision")
    return int(text)


@router.post("/entries/{entry_id}/review")
def save_review(
    request: Request,
    entry_id: Id,
    form: Form,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
) -> Response:
    entry, typed = get_entry(read_db, entry_id), read_review(form)
    # Before the writing begins, for which others have to wait; and a save waits for no new index after an import.
    query = request.query_params.multi_items()
    _, neighbours = find_neighbours(read_db, indexes, entry.dataset, query, entry_id, may_lag=True)
    try:
        record_review(db, reviewer, entry, typed, agree_with_rest=form.get("action") == "agree_rest")
    except RejectedReview as error:
        shown = rejected_form(get_form(db, reviewer, entry), entry, typed, error.mistakes, error.message)
        return render_entry(request, read_db, indexes, entry, reviewer, shown, status=422)
    except StaleReview:
        shown = stale_form(get_form(db, reviewer, entry), entry, typed)
        return render_entry(request, read_db, indexes, entry, reviewer, shown, status=409)
    place = f"{neighbours.query}&" if neighbours.query else ""
    return redirect(f"/entries/{neighbours.next or entry_id}?{place}saved={entry_id}")


@router.post("/entries/{entry_id}/review/undo")
def undo_saved_review(
    request: Request, entry_id: Id, form: Form, db: WriteDb, read_db: ReadDb, reviewer: SignedInReviewer
) -> Response:
    try:
        undo_review(db, reviewer, get_entry(read_db, entry_id), read_revision(form))
    except StaleReview:
        raise Conflict("This review was changed since; open the entry to see what it says now.") from None
    return redirect(f"/entries/{entry_id}?{request.url.query}")
