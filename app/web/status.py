from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from app.accounts.permissions import Action
from app.operations.health import check_readiness
from app.web.access import needs
from app.web.dependencies import ReadDb

router = APIRouter()


@router.get("/healthz", dependencies=[needs(Action.ENTER)])
def is_alive() -> Response:
    return JSONResponse({"status": "ok"})


@router.get("/readyz", dependencies=[needs(Action.ENTER)])
def is_ready(db: ReadDb) -> Response:
    readiness = check_readiness(db)
    return JSONResponse(readiness.as_dict(), status_code=200 if readiness.schema_is_current else 503)
