"""The statistics of sessions and datasets, as their pages show them."""

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.api.conditional import answer, json_response
from app.api.own_parameters import chosen, refuse_unknown, taken_out
from app.browsing.versions import version_of
from app.models.label_field import LabelField
from app.web.access import needs
from app.web.agreement import dataset_scope, session_scope
from app.web.dependencies import CurrentVisitor, Id, Indexes, ReadDb

if TYPE_CHECKING:  # brings NumPy: not at every start
    from app.agreement.scopes import Scope

router = APIRouter(tags=["statistics"])
_READ = needs(Action.READ, takes_tokens=True)
INTERVALS = ("no", "yes")
CONDITIONS = ("", "open", "blind")


@router.get("/sessions/{session_id}/agreement", dependencies=[_READ])
def show_session_agreement(
    request: Request, session_id: Id, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor
) -> Response:
    return _show(request, db, indexes, session_scope(db, visitor, session_id), ("intervals",))


@router.get("/sessions/{session_id}/agreement/{label_field}", dependencies=[_READ])
def show_session_field_agreement(
    request: Request, session_id: Id, label_field: str, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor
) -> Response:
    scope = session_scope(db, visitor, session_id)
    return _show_field(request, db, indexes, visitor, scope, scope.field(label_field), ("intervals",))


@router.get("/datasets/{slug}/agreement", dependencies=[_READ])
def show_dataset_agreement(
    request: Request, slug: str, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor
) -> Response:
    scope = dataset_scope(db, visitor, slug, _conditions(request))
    return _show(request, db, indexes, scope, ("intervals", "conditions"))


@router.get("/datasets/{slug}/agreement/{label_field}", dependencies=[_READ])
def show_dataset_field_agreement(
    request: Request, slug: str, label_field: str, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor
) -> Response:
    scope = dataset_scope(db, visitor, slug, _conditions(request))
    return _show_field(request, db, indexes, visitor, scope, scope.field(label_field), ("intervals", "conditions"))


def _conditions(request: Request) -> str:
    given, _ = taken_out(request.query_params.multi_items(), ("conditions",))
    return chosen(given, "conditions", CONDITIONS)


def _wants_intervals(request: Request, known: tuple[str, ...]) -> bool:
    given, others = taken_out(request.query_params.multi_items(), known)
    refuse_unknown(others, known)
    return chosen(given, "intervals", INTERVALS) == "yes"


def _show(request: Request, db: ReadDb, indexes: Indexes, scope: "Scope", known: tuple[str, ...]) -> Response:
    with_intervals = _wants_intervals(request, known)

    def make() -> Response:
        from app.agreement.documents import document
        from app.agreement.statistics import find_statistics

        return json_response(document(find_statistics(db, scope, with_intervals=with_intervals)))

    return answer(request, version_of(db, indexes, scope.dataset), make)


def _show_field(
    request: Request,
    db: ReadDb,
    indexes: Indexes,
    visitor: Visitor,
    scope: "Scope",
    field: LabelField,
    known: tuple[str, ...],
) -> Response:
    with_intervals, with_people = _wants_intervals(request, known), visitor.may(Action.PLAN)

    def make() -> Response:
        from app.agreement.breakdown import find_breakdown
        from app.agreement.documents import breakdown_document, field_document
        from app.agreement.statistics import find_field, find_field_with_intervals

        found = (find_field_with_intervals if with_intervals else find_field)(db, scope, field)
        groups = breakdown_document(find_breakdown(db, scope, field), with_people=with_people)
        return json_response({"label_field": field.name, **field_document(found), "breakdown": groups})

    return answer(request, (*version_of(db, indexes, scope.dataset), with_people), make)
