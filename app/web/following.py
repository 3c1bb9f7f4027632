"""Tells a page how far its import is, by server-sent events, until it is over."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app.accounts.permissions import Action
from app.db import Database
from app.importing.outcomes import count_before, get_listed_import
from app.importing.queries import get_import
from app.importing.queue import is_alive, mark_interrupted
from app.web.access import needs
from app.web.dependencies import Id, WholeDatabase
from app.web.rendering import ENVIRONMENT

router = APIRouter()
_SECONDS_BETWEEN = 0.5


def _known_import(import_id: Id, database: WholeDatabase) -> int:
    """Asked before the answer begins: later it could no longer be 404."""
    with database.read() as db:
        return get_import(db, import_id).id


@router.get("/imports/{import_id}/events", response_class=EventSourceResponse, dependencies=[needs(Action.IMPORT)])
async def follow_import(
    request: Request, import_id: Annotated[int, Depends(_known_import)]
) -> AsyncIterator[ServerSentEvent]:
    """A fragment whenever something has changed; `over` is the last event, after which the page asks for the result."""
    told, database = "", request.state.database
    while not request.state.closing.is_set():
        # In a thread and only for a moment: there are few threads, and a page may be left open for hours.
        progress = await anyio.to_thread.run_sync(_progress, database, import_id)
        if progress is None:
            yield ServerSentEvent(event="over", raw_data=str(import_id))
            return
        if progress != told:
            yield ServerSentEvent(raw_data=progress)
            told = progress
        await anyio.sleep(_SECONDS_BETWEEN)


def _progress(database: Database, import_id: int) -> str | None:
    """None once there is no more to come."""
    with database.read() as db:
        listed = get_listed_import(db, import_id)
        before_it = count_before(db, listed.record)
    if listed.is_over:
        return None
    if not is_alive(database.path, import_id):
        mark_interrupted(database)
        return None
    return ENVIRONMENT.get_template("imports/_progress.html").render(listed=listed, before_it=before_it)
