"""What reviews say about the labels: of a session, or of a whole dataset, and label by label."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.errors import Forbidden
from app.importing.queries import get_dataset
from app.models import ReviewSession, SessionState
from app.models.label_field import LabelField
from app.reviewing.sight import owes_opinions, refuse_while_blind
from app.sessions.holding import get_session
from app.sessions.people import takes_part
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, Id, ReadDb
from app.web.rendering import render

if TYPE_CHECKING:  # they bring NumPy: not at every start
    from app.agreement.field_statistics import FieldStatistics
    from app.agreement.scopes import Scope

router = APIRouter()
_READ = needs(Action.READ)
Conditions = Annotated[str, Query(max_length=60)]


@router.get("/sessions/{session_id}/agreement", dependencies=[_READ])
def show_session_agreement(request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    return _show(request, db, visitor, session_scope(db, visitor, session_id))


@router.get("/datasets/{slug}/agreement", dependencies=[_READ])
def show_dataset_agreement(
    request: Request, slug: str, db: ReadDb, visitor: CurrentVisitor, conditions: Conditions = ""
) -> Response:
    return _show(request, db, visitor, dataset_scope(db, visitor, slug, conditions))


@router.get("/sessions/{session_id}/agreement/{label_field}", dependencies=[_READ])
def show_session_field(
    request: Request, session_id: Id, label_field: str, db: ReadDb, visitor: CurrentVisitor, intervals: bool = False
) -> Response:
    scope = session_scope(db, visitor, session_id)
    return _show_field(request, db, visitor, scope, scope.field(label_field), intervals=intervals)


@router.get("/datasets/{slug}/agreement/{label_field}", dependencies=[_READ])
def show_dataset_field(
    request: Request,
    slug: str,
    label_field: str,
    db: ReadDb,
    visitor: CurrentVisitor,
    conditions: Conditions = "",
    intervals: bool = False,
) -> Response:
    scope = dataset_scope(db, visitor, slug, conditions)
    return _show_field(request, db, visitor, scope, scope.field(label_field), intervals=intervals)


def session_scope(db: ReadDb, visitor: Visitor, session_id: int) -> "Scope":
    from app.agreement.scopes import of_session

    session = get_session(db, session_id)
    check_may_see(db, visitor, session)
    return of_session(db, session)


def dataset_scope(db: ReadDb, visitor: Visitor, slug: str, conditions: str) -> "Scope":
    from app.agreement.scopes import of_dataset

    dataset = get_dataset(db, slug)
    refuse_while_blind(visitor.reviewer, "statistics")
    if owes_opinions(visitor.reviewer) and not visitor.may(Action.PLAN):
        raise Forbidden(
            "What all reviewers say about the labels of a dataset is shown to leads: you are still to judge entries."
        )
    return of_dataset(dataset, conditions)


def check_may_see(db: ReadDb, visitor: Visitor, session: ReviewSession) -> None:
    """Who still judges does not learn what others said; who neither took part nor leads has no business here."""
    part = takes_part(db, session.id, visitor.reviewer_id)
    if part and session.state != SessionState.CLOSED:
        raise Forbidden(f"You review in “{session.name}”: what others said in it you see once the session is closed.")
    if not (part or visitor.may(Action.PLAN)):
        raise Forbidden("What a session says is shown to who took part in it, and to leads.")


def _show(request: Request, db: ReadDb, visitor: Visitor, scope: "Scope") -> Response:
    from app.adjudication.queries import count_waiting
    from app.agreement.statistics import find_statistics
    from app.agreement.wording import compare_agreement

    found = find_statistics(db, scope)
    context = {
        **about(visitor, scope),
        "found": found,
        "waiting": count_waiting(db, scope.session.id) if scope.session else None,
        "comparisons": [(one.field, said) for one in found.fields if (said := compare_agreement(one))],
        "plot_up_to": plot_up_to(found.fields),
    }
    return render(request, "agreement/show.html", context)


def plot_up_to(fields: Sequence["FieldStatistics"]) -> float:
    """The share at the right end of the plots of error rates: the next 10 % that has all of them."""
    highs = [one.error_rate.high for one in fields if one.error_rate and one.error_rate.high is not None]
    return min(1.0, (int(max(highs, default=0.0) * 10) + 1) / 10)


def _show_field(
    request: Request, db: ReadDb, visitor: Visitor, scope: "Scope", field: LabelField, *, intervals: bool
) -> Response:
    from app.agreement.breakdown import find_breakdown
    from app.agreement.statistics import find_field, find_field_with_intervals, values_of
    from app.agreement.wording import compare_agreement
    from app.web.heat_maps import changes, heat_map

    found = (find_field_with_intervals if intervals else find_field)(db, scope, field)
    taxonomy = scope.dataset.taxonomy
    context = {
        **about(visitor, scope),
        "one": found,
        "field": field,
        "has_intervals": intervals,
        "breakdown": find_breakdown(db, scope, field),
        "shows_people": visitor.may(Action.PLAN),
        "comparison": compare_agreement(found),
        "heat_map": heat_map(field, list(values_of(field, taxonomy)), found.outcomes, taxonomy),
        "changes": changes(field, found.outcomes, taxonomy) if found.category_changes else [],
        "category_names": {category.code: category.name for category in taxonomy.categories},
    }
    return render(request, "agreement/field.html", context)


def about(visitor: Visitor, scope: "Scope") -> dict[str, Any]:
    """What every page of statistics is rendered with."""
    return {
        "scope": scope,
        "session": scope.session,
        "dataset": scope.dataset,
        "reviewer": visitor.reviewer,
        "nav": "sessions" if scope.session else "agreement",
        "nav_dataset": scope.dataset,
    }
