from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.activity.exporting import as_row
from app.activity.filters import read_filter
from app.activity.queries import activity_version, find_activity
from app.api.conditional import answer, json_response
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, ReadDb

router = APIRouter(tags=["activity"])


@router.get("/activity", dependencies=[needs(Action.SEE_ACTIVITY, takes_tokens=True)])
def list_activity(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    wanted = read_filter(db, request.query_params.multi_items(), visitor.datasets)

    def make() -> Response:
        page = find_activity(db, wanted)
        return json_response({"activity": [as_row(deed) for deed in page.deeds], "next": page.next})

    within = visitor.datasets if visitor.datasets is None else sorted(visitor.datasets)
    return answer(request, (activity_version(db), within), make)
