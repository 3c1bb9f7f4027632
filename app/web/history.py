from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.comparing.queries import get_entry
from app.discussing.threads import check_reading
from app.reviewing.history import find_history
from app.web.access import needs
from app.web.dependencies import CurrentReviewer, Id, ReadDb
from app.web.rendering import render

router = APIRouter()


@router.get("/entries/{entry_id}/history", dependencies=[needs(Action.READ)])
def show_history(
    request: Request,
    entry_id: Id,
    db: ReadDb,
    reviewer: CurrentReviewer,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    entry = get_entry(db, entry_id)
    check_reading(db, reviewer, entry_id)
    context = {
        "dataset": entry.dataset,
        "entry_id": entry_id,
        "history": find_history(db, entry, before),
        "is_later_page": before is not None,
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
    }
    return render(request, "entries/history.html", context)
