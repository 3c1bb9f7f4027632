"""Review sessions: made of a sample, run by a lead, and worked through by their reviewers."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.errors import Forbidden, InvalidInput
from app.importing.queries import get_dataset_by_id
from app.models import Adjudicates, Dataset, SamplingPlan
from app.models.label_field import fields_of
from app.sessions.holding import get_session
from app.sessions.making import MOST_REVIEWS, Conditions, PracticeEntry, make_session
from app.sessions.managing import get_item, reassign, requeue, set_participants, steps_of, take_step
from app.sessions.people import find_choosable, find_participants, takes_part
from app.sessions.queries import find_open_items, find_owed, find_progress, find_sessions
from app.sessions.queue import find_held, hand_out
from app.sessions.samples import find_plans, get_plan
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, Id, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import redirect, render

router = APIRouter()
_LATEST = 2**31 - 1
_MOST_FIELDS = 2_000


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


SessionForm = Annotated[FormData, Depends(_form)]


@router.get("/sessions", dependencies=[needs(Action.READ)])
def list_sessions(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    leads, mine = visitor.may(Action.PLAN), visitor.reviewer_id
    context = {
        "owed": find_owed(db, mine) if mine else [],
        "sessions": find_sessions(db, visitor.datasets, None if leads else mine or 0),
        "plans": find_plans(db, visitor.datasets) if leads else [],
    }
    return render(request, "sessions/index.html", context | _frame(visitor, None))


@router.get("/sessions/new", dependencies=[needs(Action.PLAN)])
def new_session(
    request: Request, db: ReadDb, visitor: CurrentVisitor, plan: Annotated[int, Query(ge=1, le=_LATEST)]
) -> Response:
    found = get_plan(db, plan, visitor.datasets)
    return _render_form(request, db, visitor, found, {})


@router.post("/sessions", dependencies=[needs(Action.PLAN)])
def create_session(request: Request, form: SessionForm, db: WriteDb, visitor: CurrentVisitor) -> Response:
    plan = get_plan(db, _number(form, "plan", 1, _LATEST), visitor.datasets)
    dataset = get_dataset_by_id(db, plan.dataset_id)
    try:
        session = make_session(db, visitor.reviewer, dataset, plan, _read_conditions(form, plan))
    except InvalidInput as error:
        return _render_form(request, db, visitor, plan, dict(form), error)
    return redirect(f"/sessions/{session.id}")


@router.get("/sessions/{session_id}", dependencies=[needs(Action.READ)])
def show_session(request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    session = get_session(db, session_id)
    part, leads = takes_part(db, session.id, visitor.reviewer_id), visitor.may(Action.PLAN)
    if not (part or leads):
        raise Forbidden("This session is shown to who takes part in it, and to leads.")
    dataset = get_dataset_by_id(db, session.dataset_id)
    participants = find_participants(db, session.id)
    context = {
        "session": session,
        "plan": db_plan(db, session.plan_id),
        "fields": [field for field in fields_of(dataset) if field.name in session.label_fields],
        "progress": find_progress(db, session),
        "takes_part": part,
        "leads": leads,
        "steps": steps_of(session),
        "participants": participants,
        "choosable": find_choosable(db, dataset.id) if leads else [],
        "open_items": find_open_items(db, session) if leads else [],
    }
    return render(request, "sessions/show.html", context | _frame(visitor, dataset), partial="sessions/_progress.html")


@router.post("/sessions/{session_id}/state", dependencies=[needs(Action.PLAN)])
def change_state(
    session_id: Id,
    db: WriteDb,
    visitor: CurrentVisitor,
    step: Annotated[str, Form(pattern="^(open|pause|close|reopen)$")],
) -> Response:
    take_step(db, visitor.reviewer, get_session(db, session_id), step)
    return redirect(f"/sessions/{session_id}")


@router.post("/sessions/{session_id}/participants", dependencies=[needs(Action.PLAN)])
def change_participants(session_id: Id, form: SessionForm, db: WriteDb, visitor: CurrentVisitor) -> Response:
    set_participants(db, visitor.reviewer, get_session(db, session_id), _numbers(form, "reviewers"))
    return redirect(f"/sessions/{session_id}")


@router.post("/sessions/{session_id}/items/{item_id}", dependencies=[needs(Action.PLAN)])
def change_item(session_id: Id, item_id: Id, form: SessionForm, db: WriteDb, visitor: CurrentVisitor) -> Response:
    """Asks for one more review of it, or gives it to one person alone."""
    session = get_session(db, session_id)
    item = get_item(db, session, item_id)
    if form.get("action") == "requeue":
        requeue(db, visitor.reviewer, session, item)
    else:
        reassign(db, visitor.reviewer, session, item, _number(form, "reviewer", 1, _LATEST))
    return redirect(f"/sessions/{session_id}#items")


@router.get("/sessions/{session_id}/review", dependencies=[needs(Action.REVIEW)])
def review(request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor, me: SignedInReviewer) -> Response:
    """On to the entry that the reviewer has before them; else to what is left, for nothing is handed out by looking."""
    session = get_session(db, session_id)
    held = find_held(db, session, me.id) if session.state == "open" else None
    if held is not None:
        return redirect(f"/entries/{held.entry_id}?item={held.id}")
    owed = {one.session_id: one for one in find_owed(db, me.id)}
    context = {
        "session": session,
        "owed": owed.get(session.id),
        "takes_part": takes_part(db, session.id, me.id),
        "is_done": "done" in request.query_params,
    }
    dataset = get_dataset_by_id(db, session.dataset_id)
    return render(request, "sessions/review.html", context | _frame(visitor, dataset))


@router.post("/sessions/{session_id}/next", dependencies=[needs(Action.REVIEW)])
def hand_out_next(session_id: Id, db: WriteDb, me: SignedInReviewer) -> Response:
    item = hand_out(db, get_session(db, session_id), me.id)
    if item is None:
        return redirect(f"/sessions/{session_id}/review?done=yes")
    return redirect(f"/entries/{item.entry_id}?item={item.id}")


def db_plan(db: ReadDb, plan_id: int | None) -> SamplingPlan | None:
    return None if plan_id is None else get_plan(db, plan_id, None)


def _render_form(
    request: Request,
    db: ReadDb,
    visitor: Visitor,
    plan: SamplingPlan,
    typed: dict[str, Any],
    error: InvalidInput | None = None,
) -> Response:
    dataset = get_dataset_by_id(db, plan.dataset_id)
    context = {
        "plan": plan,
        "sampled": sum(stratum["sampled"] for stratum in plan.strata),
        "fields": fields_of(dataset),
        "choosable": find_choosable(db, dataset.id),
        "typed": typed,
        "error": error,
        "most_reviews": MOST_REVIEWS,
    }
    status = 422 if error else 200
    return render(request, "sessions/new.html", context | _frame(visitor, dataset), status=status)


def _read_conditions(form: FormData, plan: SamplingPlan) -> Conditions:
    due = str(form.get("due_on", "")).strip()
    try:
        due_on = date.fromisoformat(due) if due else None
        adjudicates = Adjudicates(str(form.get("adjudicates", Adjudicates.CONFLICTS)))
    except ValueError:
        raise InvalidInput("The due date is a day such as 2026-12-24, or empty.", "due_on") from None
    return Conditions(
        name=str(form.get("name", "")),
        label_fields=[str(value) for value in form.getlist("label_fields")],
        reviewer_ids=_numbers(form, "reviewers"),
        is_blind=form.get("conditions", "blind") == "blind",
        shuffles=bool(form.get("shuffles")),
        overlap=_number(form, "overlap", 1, MOST_REVIEWS, 2),
        second_share=_number(form, "second_share", 0, 100, 0) / 100,
        repeat_share=_number(form, "repeat_share", 0, 100, 0) / 100,
        due_on=due_on,
        adjudicates=adjudicates,
        acceptance=plan.design.get("acceptance"),
        practice=_read_practice(str(form.get("practice", ""))),
    )


def _read_practice(typed: str) -> list[PracticeEntry]:
    """One a line: the number of an entry, and what there is to learn from it."""
    found = []
    for number, line in enumerate(filter(str.strip, typed.splitlines()), start=1):
        entry_id, _, explanation = line.strip().partition(" ")
        if not (entry_id.isascii() and entry_id.isdigit() and len(entry_id) < 19) or not explanation.strip():
            raise InvalidInput(
                f"Line {number} of the practice entries is not a number of an entry and an explanation.", "practice"
            )
        found.append(PracticeEntry(int(entry_id), explanation.strip()))
    return found


def _number(form: FormData, name: str, least: int, most: int, default: int | None = None) -> int:
    typed = str(form.get(name, "")).strip()
    if not typed and default is not None:
        return default
    if not (typed.isascii() and typed.isdigit() and len(typed) < 11 and least <= int(typed) <= most):
        raise InvalidInput(f"{name} is a whole number from {least:,} to {most:,}.", name)
    return int(typed)


def _numbers(form: FormData, name: str) -> list[int]:
    typed = [str(value) for value in form.getlist(name)]
    if not all(value.isascii() and value.isdigit() and len(value) < 19 for value in typed):
        raise InvalidInput(f"{name} are numbers.", name)
    return sorted({int(value) for value in typed})


def _frame(visitor: Visitor, dataset: Dataset | None) -> dict[str, Any]:
    return {"reviewer": visitor.reviewer, "dataset": dataset, "nav": "sessions", "nav_dataset": dataset}
