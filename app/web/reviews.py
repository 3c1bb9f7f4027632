"""The doors through which judgements come in. A page gets the next page; who asks for JSON gets where it is."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import FormData

from app.accounts.permissions import Action
from app.browsing.queries import find_neighbours
from app.comparing.queries import get_entry
from app.errors import Conflict, InvalidInput
from app.models import Entry, Reviewer
from app.reviewing.actions import RejectedReview, SavedReview, StaleReview, record_review, reveal
from app.reviewing.drafts import forget_draft, keep_draft
from app.reviewing.filling import filled_in, saved_form, stale_form
from app.reviewing.forms import ReviewForm, TypedReview
from app.reviewing.queries import find_state
from app.reviewing.reading import read_review
from app.reviewing.sight import sight_on
from app.reviewing.skipping import pass_over, read_reason, skip_entry
from app.reviewing.tasks import Task
from app.reviewing.undoing import Undone, undo_decision
from app.sessions.holding import get_session, hold
from app.sessions.queue import extend, hand_out, put_off
from app.web.access import needs
from app.web.csrf import FIELD
from app.web.dependencies import CurrentVisitor, Id, Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.entries import ITEM, find_asked_task, find_onward, read_item, read_place, render_entry
from app.web.errors import problem
from app.web.rendering import local_path, redirect, wants_partial

router = APIRouter()
_MOST_FIELDS = 400
_REVEALS = {"reveal": False, "cannot_judge_rest": True}
_ACTIONS = {"save", "rest", "agree_rest", *_REVEALS}  # agree_rest: as "rest" was called before


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


Form = Annotated[FormData, Depends(_form)]


def _lists(form: FormData) -> dict[str, list[str]]:
    return {name: [str(value) for value in form.getlist(name)] for name in form if name != FIELD}


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


@router.post("/entries/{entry_id}/review", dependencies=[needs(Action.REVIEW)])
def save_review(
    request: Request,
    entry_id: Id,
    form: Form,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
) -> Response:
    action = str(form.get("action", "save"))
    if action not in _ACTIONS:
        raise InvalidInput(f"action must be one of {', '.join(sorted(_ACTIONS))}.", "action", sorted(_ACTIONS))
    entry, typed = get_entry(read_db, entry_id), read_review(_lists(form))
    task = find_asked_task(request, db, reviewer, entry_id)
    onward, passed_over = (None, ()) if task.item_id else _find_next(request, read_db, indexes, entry, reviewer)
    if task.item_id:
        hold(db, task.item_id, reviewer.id)
    try:
        if action in _REVEALS:
            done = reveal(db, reviewer, entry, typed, task, cannot_judge_rest=_REVEALS[action])
            return _answer(request, entry_id, done, _with(_here(request, entry_id), None))
        done = record_review(db, reviewer, entry, typed, task, settle_rest=action != "save")
        pass_over(db, reviewer, passed_over)
    except (RejectedReview, StaleReview) as error:
        return _refuse(request, db, read_db, indexes, reviewer, entry, typed, error, task)
    return _answer(request, entry_id, done, _go_on(db, reviewer, task, entry_id) if task.item_id else onward)


@router.post("/entries/{entry_id}/skip", dependencies=[needs(Action.REVIEW)])
def skip(
    request: Request,
    entry_id: Id,
    form: Form,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
) -> Response:
    entry, typed = get_entry(read_db, entry_id), read_review(_lists(form))
    task = find_asked_task(request, db, reviewer, entry_id)
    if task.item_id:
        put_off(db, task.item_id, reviewer.id, read_reason(str(form.get("skip_reason", ""))))
        put = SavedReview(typed.revision, changed=True, decision=None)
        return _answer(request, entry_id, put, _go_on(db, reviewer, task, entry_id))
    onward, passed_over = _find_next(request, read_db, indexes, entry, reviewer)
    decision = skip_entry(db, reviewer, entry, str(form.get("skip_reason", "")), typed.key)
    pass_over(db, reviewer, passed_over)
    done = SavedReview(typed.revision, changed=True, decision=decision)
    return _answer(request, entry_id, done, onward)


def _go_on(db: WriteDb, reviewer: Reviewer, task: Task, entry_id: int) -> str:
    """To the item that the session's queue hands out now; from a practice item to what there is to learn from it."""
    if task.is_practice:
        return f"/entries/{entry_id}?item={task.item_id}"
    item = hand_out(db, get_session(db, task.session_id), reviewer.id)
    return f"/sessions/{task.session_id}/review" if item is None else f"/entries/{item.entry_id}?item={item.id}"


def _find_next(
    request: Request, read_db: ReadDb, indexes: Indexes, entry: Entry, reviewer: Reviewer
) -> tuple[str | None, tuple[int, ...]]:
    """Where the queue goes on, and past which entries.

    Before the writing begins, for which others have to wait; and a save waits for no new index after an import.
    """
    place = read_place(request)
    _, neighbours = find_neighbours(
        read_db, indexes, entry.dataset, place.query, entry.id, reviewer.profile, may_lag=True
    )
    return find_onward(read_db, indexes, entry, reviewer, place, neighbours), neighbours.passed_over


@router.put("/entries/{entry_id}/draft", status_code=204, dependencies=[needs(Action.REVIEW)])
def put_draft(entry_id: Id, form: Form, db: WriteDb, reviewer: SignedInReviewer) -> Response:
    lists = _lists(form)
    read_review(lists)
    sequence = str(form.get("sequence", ""))
    if not (sequence.isascii() and sequence.isdigit()) or len(sequence) > 18:
        raise InvalidInput("sequence must be a number that rises with each draft, such as milliseconds.", "sequence")
    item_id = read_item(lists[ITEM][0] if ITEM in lists else None)
    keep_draft(db, reviewer, entry_id, lists, int(sequence), item_id)
    if item_id:
        extend(db, item_id, reviewer.id)  # who types is there
    return Response(status_code=204)


@router.post("/entries/{entry_id}/draft/discard", dependencies=[needs(Action.REVIEW)])
def discard_draft(request: Request, entry_id: Id, db: WriteDb, reviewer: SignedInReviewer) -> Response:
    forget_draft(db, reviewer, entry_id, read_item(request.query_params.get(ITEM)))
    return redirect(_here(request, entry_id))


@router.post("/undo", dependencies=[needs(Action.REVIEW)])
def undo(request: Request, form: Form, db: WriteDb, visitor: CurrentVisitor, reviewer: SignedInReviewer) -> Response:
    """Takes the latest decision back, or the one that is named."""
    named = str(form.get("decision", ""))
    if named and not (named.isascii() and named.isdigit() and len(named) < 19):
        raise InvalidInput("decision must be the number of a decision, or empty for the latest one.", "decision")
    undone = undo_decision(db, reviewer, int(named) if named else None, visitor.datasets)
    url = _after_undo(form, undone)
    if _wants_json(request):
        return JSONResponse({"entry": undone.entry_id, "url": url})
    return redirect(url)


def _after_undo(form: FormData, undone: Undone) -> str:
    """To what is as before again: an entry, or the list where many were changed."""
    address = urlsplit(local_path(str(form.get("next", "/"))))
    if undone.entry_id is None:
        return _with(f"{address.path}?{address.query}", f"undone={undone.entries}")
    if undone.item_id:
        return f"/entries/{undone.entry_id}?item={undone.item_id}&undone={undone.kind}"
    stays = form.get("dataset") == str(undone.dataset_id) and "item=" not in address.query
    return _with(f"/entries/{undone.entry_id}?{address.query if stays else ''}", f"undone={undone.kind}")


def _here(request: Request, entry_id: int) -> str:
    return f"/entries/{entry_id}?{request.url.query}"


_TOLD = ("saved=", "undone=")


def _with(url: str, more: str | None) -> str:
    """The address without what it told of the step before, and with what is to be told now."""
    path, _, query = url.partition("?")
    parts = [part for part in query.split("&") if part and not part.startswith(_TOLD)]
    parts += [more] if more else []
    return f"{path}?{'&'.join(parts)}" if parts else path


def _answer(request: Request, entry_id: int, done: SavedReview, onward: str | None) -> Response:
    if _wants_json(request):
        said = {"entry": entry_id, "revision": done.revision, "decision": done.decision, "next": onward}
        return JSONResponse(said)
    if done.decision is None and done.changed:
        return redirect(onward or _here(request, entry_id))
    return redirect(_with(onward or _here(request, entry_id), f"saved={entry_id}"))


def _refuse(
    request: Request,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: Reviewer,
    entry: Entry,
    typed: TypedReview,
    error: RejectedReview | StaleReview,
    task: Task,
) -> Response:
    state = find_state(db, reviewer, entry.id, task.item_id)
    sight = sight_on(reviewer, state.review, entry, task)
    saved = saved_form(entry, state, sight)
    if isinstance(error, RejectedReview):
        status, title, message, mistakes = 422, error.title, error.message, error.mistakes
        shown = filled_in(saved, entry, typed, mistakes, message)
    else:
        status, title, message, mistakes = 409, Conflict.title, "This review was changed elsewhere.", {}
        shown = stale_form(saved, entry, typed)
    if _wants_json(request) and not wants_partial(request):
        return _problem(status, title, message, mistakes, saved)
    return render_entry(request, read_db, indexes, entry, reviewer, shown, status=status)


def _problem(status: int, title: str, message: str, mistakes: Mapping[str, str], saved: ReviewForm) -> Response:
    errors = [{"field": name, "detail": detail} for name, detail in mistakes.items()]
    extra: dict[str, Any] = {"errors": errors, "revision": saved.revision}
    return problem(status, title, message, None, extra)
