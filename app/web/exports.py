from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.permissions import Action
from app.exporting.actions import export_stream
from app.exporting.exports import prepare_export
from app.exporting.formats import MEDIA_TYPES, writer_of
from app.exporting.recording import record_export
from app.importing.queries import get_dataset
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.dependencies import CurrentReviewer, Indexes, ReadDb, WholeDatabase, WriteDb
from app.web.export_process import ExportProcess, PipedResponse

router = APIRouter()


@router.get("/datasets/{slug}/export", dependencies=[needs(Action.EXPORT, takes_tokens=True)])
def export_dataset(
    request: Request,
    slug: str,
    db: ReadDb,
    indexes: Indexes,
    write_db: WriteDb,
    database: WholeDatabase,
    reviewer: CurrentReviewer,
    what: str = "reviews",
    format: str = "jsonl",  # noqa: A002
) -> Response:
    """Takes the parameters of the list of entries too: its link exports what is shown there, all pages of it."""
    dataset = get_dataset(db, slug)
    refuse_while_blind(reviewer, "an export")
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in ("what", "format")]
    export = prepare_export(db, indexes, dataset, what, pairs)
    writer_of(format)  # else 422
    record_export(write_db, what, format, pairs, dataset_id=dataset.id, reviewer_id=reviewer.id if reviewer else None)
    headers = {"Content-Disposition": f'attachment; filename="{dataset.slug}-{what}.{format}"'}
    if format == "parquet":
        return PipedResponse(ExportProcess(database.path, slug, what, format, pairs), MEDIA_TYPES[format], headers)
    return StreamingResponse(export_stream(export, format), media_type=MEDIA_TYPES[format], headers=headers)
