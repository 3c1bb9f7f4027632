from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.permissions import Action
from app.activity.exporting import FORMATS, write_activity
from app.activity.filters import read_filter
from app.activity.kinds import GROUPS
from app.activity.queries import find_activity, find_people, walk_activity
from app.exporting.formats import MEDIA_TYPES
from app.exporting.recording import record_export
from app.importing.queries import find_datasets
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, ReadDb, WriteDb
from app.web.rendering import render

router = APIRouter()


@router.get("/activity", dependencies=[needs(Action.SEE_ACTIVITY)])
def show_activity(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """Says of reviews and comments that there was one, so that whoever still owes the entry may read it too."""
    wanted = read_filter(db, request.query_params.multi_items(), visitor.datasets)
    context: Mapping[str, Any] = {
        "page": find_activity(db, wanted),
        "groups": GROUPS,
        "people": find_people(db),
        "datasets": find_datasets(db, visitor.datasets),
        "formats": FORMATS,
        "reviewer": visitor.reviewer,
        "nav": "activity",
    }
    return render(request, "activity/index.html", context)


@router.get("/activity/export", dependencies=[needs(Action.SEE_ACTIVITY, takes_tokens=True)])
def export_activity(
    request: Request,
    db: ReadDb,
    write_db: WriteDb,
    visitor: CurrentVisitor,
    format: str = "jsonl",  # noqa: A002
) -> Response:
    """Takes the parameters of the page, and goes on to the first event there was."""
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name != "format"]
    wanted, reviewer = read_filter(db, pairs, visitor.datasets), visitor.reviewer
    rows = write_activity(walk_activity(db, wanted), format)
    record_export(write_db, "the record", format, wanted.given, reviewer_id=reviewer.id if reviewer else None)
    headers = {"Content-Disposition": f'attachment; filename="activity.{format}"'}
    return StreamingResponse(rows, media_type=MEDIA_TYPES[format], headers=headers)
