from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse

from app.exporting.actions import export_stream
from app.exporting.formats import MEDIA_TYPES
from app.importing.queries import get_dataset
from app.web.dependencies import ReadDb

router = APIRouter()


@router.get("/datasets/{slug}/export")
def export_dataset(slug: str, db: ReadDb, what: str = "reviews", format: str = "jsonl") -> Response:  # noqa: A002
    dataset = get_dataset(db, slug)
    stream = export_stream(db, dataset, what, format)
    headers = {"Content-Disposition": f'attachment; filename="{dataset.slug}-{what}.{format}"'}
    return StreamingResponse(stream, media_type=MEDIA_TYPES[format], headers=headers)
