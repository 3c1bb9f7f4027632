"""Disputed labels: the queues, the reviews of an entry side by side, settling, and what comes back to reviewers."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.accounts.permissions import Action
from app.adjudication.actions import reopen_label, settle_labels
from app.adjudication.cases import Case, check_may_adjudicate, find_case
from app.adjudication.deciding import ERROR_KINDS, TypedDecision, decide
from app.adjudication.feedback import find_feedback
from app.adjudication.queries import find_done, find_next, find_owed, find_queue, find_queued, find_queues
from app.comparing.queries import get_entry, get_shown_entry
from app.errors import InvalidInput
from app.models import Dataset, Entry, Reviewer, ReviewSession
from app.models.label_field import LABEL_FIELDS
from app.reviewing.applying import labels_of
from app.reviewing.sight import refuse_while_blind
from app.sessions.holding import get_session
from app.web.access import needs
from app.web.care import care_for
from app.web.dependencies import CurrentReviewer, CurrentVisitor, Id, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import here, redirect, render

router = APIRouter()
_SHOWN = 100  # entries of a queue on one page
_MOST_FIELDS = 400
_TITLES = {name: field.full_title.rstrip("?") for name, field in LABEL_FIELDS.items()}


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


Done = Annotated[int | None, Query(ge=1, le=2**63 - 1)]  # the entry that was settled before this page
DecisionForm = Annotated[FormData, Depends(_form)]


@router.get("/adjudication", dependencies=[needs(Action.ADJUDICATE)])
def list_queues(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    context = {
        "queues": find_queues(db, visitor.datasets),
        "reviewer": visitor.reviewer,
        "nav": "adjudication",
    }
    return render(request, "adjudication/index.html", context)


@router.get("/sessions/{session_id}/adjudication", dependencies=[needs(Action.ADJUDICATE)])
def show_queue(
    request: Request,
    session_id: Id,
    db: ReadDb,
    reviewer: CurrentReviewer,
    show: Annotated[str, Query(pattern="^(waiting|settled)$")] = "waiting",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    done: Done = None,
) -> Response:
    session = get_session(db, session_id)
    queue = find_queue(db, session)
    chosen = [queued for queued in queue if queued.is_settled == (show == "settled")]
    shown = chosen[(page - 1) * _SHOWN : page * _SHOWN]
    dataset = db.get_one(Dataset, session.dataset_id)
    context = {
        "session": session,
        "dataset": dataset,
        "waiting": sum(1 for queued in queue if not queued.is_settled),
        "settled": sum(1 for queued in queue if queued.is_settled),
        "show": show,
        "page": page,
        "done": find_done(db, reviewer.id, done) if reviewer else None,
        "queue": shown,
        "has_more": len(chosen) > page * _SHOWN,
        "titles": _TITLES,
        "owed": find_owed(db, reviewer.id, [queued.entry_id for queued in shown]) if reviewer else set(),
        "reviewer": reviewer,
        "nav": "adjudication",
        "nav_dataset": dataset,
    }
    return render(request, "adjudication/queue.html", context)


@router.get("/sessions/{session_id}/adjudication/{entry_id}", dependencies=[needs(Action.ADJUDICATE)])
def show_case(
    request: Request,
    session_id: Id,
    entry_id: Id,
    db: ReadDb,
    reviewer: SignedInReviewer,
    names: Annotated[str, Query(pattern="^(shown|hidden)$")] = "hidden",
    done: Done = None,
) -> Response:
    session, entry = get_session(db, session_id), get_entry(db, entry_id)
    case = _open_case(db, session, entry, reviewer, names_shown=names == "shown")
    return _show(request, db, session, entry, reviewer, case, done=find_done(db, reviewer.id, done))


@router.post("/sessions/{session_id}/adjudication/{entry_id}", dependencies=[needs(Action.ADJUDICATE)])
def settle(
    request: Request,
    session_id: Id,
    entry_id: Id,
    form: DecisionForm,
    db: WriteDb,
    read_db: ReadDb,
    reviewer: SignedInReviewer,
) -> Response:
    """One label, named by `only`, or all for which a value is chosen."""
    session, entry = get_session(read_db, session_id), get_entry(read_db, entry_id)
    case = _open_case(read_db, session, entry, reviewer, names_shown=form.get("names") == "shown")
    typed = _read(form)
    try:
        settlings = decide(case, typed, labels_of(entry), entry.dataset.taxonomy)
    except InvalidInput as error:
        return _show(request, read_db, session, entry, reviewer, case, typed, error)
    settle_labels(db, reviewer, session, entry, settlings)
    db.flush()
    return _go_on(db, session, entry, reviewer)


@router.post("/sessions/{session_id}/adjudication/{entry_id}/reopen", dependencies=[needs(Action.ADJUDICATE)])
def reopen(
    session_id: Id,
    entry_id: Id,
    db: WriteDb,
    read_db: ReadDb,
    reviewer: SignedInReviewer,
    field: Annotated[str, Form()] = "",
) -> Response:
    session, entry = get_session(read_db, session_id), get_entry(read_db, entry_id)
    _open_case(read_db, session, entry, reviewer)
    reopen_label(db, reviewer, entry, field)
    return redirect(f"/sessions/{session.id}/adjudication/{entry.id}")


@router.get("/sessions/{session_id}/feedback", dependencies=[needs(Action.READ)])
def show_feedback(request: Request, session_id: Id, db: ReadDb, reviewer: SignedInReviewer) -> Response:
    session = get_session(db, session_id)
    dataset = db.get_one(Dataset, session.dataset_id)
    context = {
        "session": session,
        "dataset": dataset,
        "feedback": find_feedback(db, session, reviewer.id),
        "error_kinds": ERROR_KINDS,
        "reviewer": reviewer,
        "nav_dataset": dataset,
    }
    return render(request, "adjudication/feedback.html", context)


def _open_case(
    db: ReadDb, session: ReviewSession, entry: Entry, reviewer: Reviewer, *, names_shown: bool = False
) -> Case:
    """Refused to who is still to judge the entry, or chose to judge all of them, without knowing what others say.

    Who takes part in a blind session may settle what they have judged, or are not to.
    """
    if reviewer.profile.is_blind:
        refuse_while_blind(reviewer, "settling disputed labels")
    check_may_adjudicate(db, reviewer, entry.id)
    return find_case(db, session, entry, names_shown=names_shown)


def _go_on(db: WriteDb, session: ReviewSession, entry: Entry, reviewer: Reviewer) -> Response:
    """To what is left of the entry, else to the next one that waits, else to the queue."""
    base = f"/sessions/{session.id}/adjudication"
    left = find_queued(db, session, entry.id)
    if left and not left.is_settled:
        return redirect(f"{base}/{entry.id}")
    following = find_next(db, session, entry.id, reviewer.id)
    return redirect(f"{base}?done={entry.id}" if following is None else f"{base}/{following}?done={entry.id}")


def _read(form: FormData) -> dict[str, TypedDecision]:
    only = str(form.get("only", ""))
    names = [only] if only else [name.removeprefix("value.") for name in form if name.startswith("value.")]
    return {
        name: TypedDecision(
            str(form.get(f"value.{name}", "")),
            tuple(str(code) for code in form.getlist(f"categories.{name}")),
            str(form.get(f"kind.{name}", "")),
            str(form.get(f"reason.{name}", "")),
        )
        for name in names
    }


def _show(
    request: Request,
    db: ReadDb,
    session: ReviewSession,
    entry: Entry,
    reviewer: Reviewer,
    case: Case,
    typed: dict[str, TypedDecision] | None = None,
    error: InvalidInput | None = None,
    done: int | None = None,
) -> Response:
    shown = get_shown_entry(db, entry)
    context = {
        "session": session,
        "dataset": entry.dataset,
        "entry": shown,
        "case": case,
        "typed": typed or {},
        "error": error,
        "done": done,
        "error_kinds": ERROR_KINDS,
        "following": find_next(db, session, entry.id, reviewer.id),
        "unlabelled": TypedDecision(),
        "reviewer": reviewer,
        "keymap": reviewer.profile.keymap,
        "nav": "adjudication",
        "nav_dataset": entry.dataset,
        "here": here(request),
        **care_for(request, entry.id, is_harmful=shown.is_severe, is_veiled=shown.is_veiled),
    }
    return render(request, "adjudication/case.html", context, status=422 if error else 200)
