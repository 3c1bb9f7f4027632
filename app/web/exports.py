from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.browsing.queries import find_ids
from app.exporting.actions import export_stream
from app.exporting.formats import MEDIA_TYPES
from app.importing.queries import get_dataset
from app.web.dependencies import Indexes, ReadDb

router = APIRouter()


@router.get("/datasets/{slug}/export")
def export_dataset(
    request: Request,
    slug: str,
    db: ReadDb,
    indexes: Indexes,
    what: str = "reviews",
    format: str = "jsonl",  # noqa: A002
) -> Response:
    """Takes the parameters of the list of entries too: its link exports what is shown there."""
    dataset = get_dataset(db, slug)
    filters = [(name, value) for name, value in request.query_params.multi_items() if name not in ("what", "format")]
    within = find_ids(db, indexes, dataset, filters) if filters else None
    stream = export_stream(db, dataset, what, format, within)
    headers = {"Content-Disposition": f'attachment; filename="{dataset.slug}-{what}.{format}"'}
    return StreamingResponse(stream, media_type=MEDIA_TYPES[format], headers=headers)
