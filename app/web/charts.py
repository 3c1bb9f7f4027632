from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.browsing.charting.pages import find_charts
from app.importing.queries import get_dataset
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.dependencies import CurrentReviewer, Indexes, ReadDb
from app.web.list_display import folded_facets
from app.web.rendering import render

router = APIRouter()


@router.get("/datasets/{slug}/charts", dependencies=[needs(Action.READ)])
def show_charts(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    refuse_while_blind(reviewer, "charts")
    charted = find_charts(db, indexes, dataset, request.query_params.multi_items())
    context = {
        "dataset": dataset,
        "charted": charted,
        "folded": folded_facets(request),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": dataset,
    }
    return render(request, "charts/index.html", context, partial="charts/_browse.html")
