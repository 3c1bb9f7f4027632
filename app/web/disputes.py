"""The entries behind a figure of the statistics: which ones had this stored value and that right one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.errors import InvalidInput
from app.models.label_field import LabelField
from app.web.access import needs
from app.web.agreement import Conditions, about, dataset_scope, session_scope
from app.web.dependencies import CurrentVisitor, Id, ReadDb
from app.web.rendering import render

if TYPE_CHECKING:
    from app.agreement.outcomes import Outcomes
    from app.agreement.scopes import Scope

router = APIRouter()
MOST = 100


@dataclass(frozen=True)
class Asked:
    """A cell of the table of stored and right values, or what is contested."""

    stored: str = ""
    right: str = ""
    contested: bool = False

    def of(self, outcomes: "Outcomes") -> Sequence[int]:
        if self.contested:
            return outcomes.contested
        if not (self.stored and self.right):
            raise InvalidInput(
                "Give stored and right, as the table of stored and right values does, or contested=yes.", "stored"
            )
        return outcomes.cells.get((self.stored, self.right), ())


@router.get("/sessions/{session_id}/agreement/{label_field}/entries", dependencies=[needs(Action.READ)])
def list_session_outcomes(
    request: Request,
    session_id: Id,
    label_field: str,
    db: ReadDb,
    visitor: CurrentVisitor,
    stored: str = "",
    right: str = "",
    contested: bool = False,
    page: int = 1,
) -> Response:
    scope = session_scope(db, visitor, session_id)
    return _list(request, db, visitor, scope, scope.field(label_field), Asked(stored, right, contested), page)


@router.get("/datasets/{slug}/agreement/{label_field}/entries", dependencies=[needs(Action.READ)])
def list_dataset_outcomes(
    request: Request,
    slug: str,
    label_field: str,
    db: ReadDb,
    visitor: CurrentVisitor,
    stored: str = "",
    right: str = "",
    contested: bool = False,
    page: int = 1,
    conditions: Conditions = "",
) -> Response:
    scope = dataset_scope(db, visitor, slug, conditions)
    return _list(request, db, visitor, scope, scope.field(label_field), Asked(stored, right, contested), page)


def _list(
    request: Request, db: ReadDb, visitor: Visitor, scope: "Scope", field: LabelField, asked: Asked, page: int
) -> Response:
    from app.agreement.judged import find_judged
    from app.agreement.statistics import find_field

    entries = asked.of(find_field(db, scope, field).outcomes)
    pages = max(1, -(-len(entries) // MOST))
    if not 1 <= page <= pages:
        raise InvalidInput(f"There are {pages} pages, and no page {page}.", "page")
    context = {
        **about(visitor, scope),
        "field": field,
        "asked": asked,
        "count": len(entries),
        "entries": find_judged(db, scope, field, entries[(page - 1) * MOST : page * MOST]),
        "shows_people": visitor.may(Action.PLAN),
        "page": page,
        "pages": pages,
        "queries": {step: _query(request.query_params, page + step) for step in (-1, 1)},
    }
    return render(request, "agreement/entries.html", context)


def _query(params: Mapping[str, str], page: int) -> str:
    return urlencode({**params, "page": page})
