from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.api.conditional import answer, json_response
from app.api.description.document import Known, openapi_document
from app.api.description.how_to import how_to
from app.api.description.parameters import merged
from app.api.description.reference import reference_of
from app.browsing.blindness import harmless_facets
from app.browsing.versions import version_of_all
from app.importing.queries import find_datasets
from app.models import SessionState
from app.models.label_field import fields_of
from app.sessions.queries import find_sessions
from app.web.access import needs
from app.web.blindness import is_blind
from app.web.dependencies import CurrentVisitor, Indexes, ReadDb
from app.web.rendering import render

router = APIRouter()


@router.get("/openapi.json", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_description(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    depends_on = (
        *version_of_all(db, indexes, find_datasets(db, visitor.datasets)),
        request.base_url,
        is_blind(visitor.reviewer),
        visitor.is_team,
        visitor.reviewer_id,
    )
    return answer(request, depends_on, lambda: json_response(openapi_document(_known(request, db, indexes, visitor))))


@router.get("/docs", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_reference(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    known = _known(request, db, indexes, visitor)
    reference, about = reference_of(openapi_document(known)), how_to(known)
    context = {"reference": reference, **about, "reviewer": visitor.reviewer, "nav": "help"}
    return render(request, "api/docs.html", context)


def _known(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Known:
    """Examples name the first dataset, so that they can be tried at once."""
    facets, first_ids = [], []
    datasets = find_datasets(db, visitor.datasets)
    for dataset in datasets:
        with indexes.using(db, dataset) as index:
            facets.append(harmless_facets(index.facets) if is_blind(visitor.reviewer) else index.facets)
            first_ids.append(index.all[0] if index.all else 1)
    return Known(
        str(request.base_url).rstrip("/"),
        datasets[0].slug if datasets else "sample",
        first_ids[0] if first_ids else 1,
        merged(facets),
        visitor.is_team,
        _closed_session(db, visitor),
        next((field.name for dataset in datasets for field in fields_of(dataset)), "response_0.is_safe"),
        visitor.reviewer_id,
    )


def _closed_session(db: ReadDb, visitor: Visitor) -> int | None:
    """The newest of which this visitor may see the statistics."""
    of_reviewer = None if visitor.may(Action.PLAN) else visitor.reviewer_id
    found = find_sessions(db, visitor.datasets, of_reviewer)
    return next((row.session.id for row in found if row.session.state == SessionState.CLOSED), None)
