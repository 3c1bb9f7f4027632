from typing import Any

from fastapi import APIRouter, Request

from app.api.schemas import EntryList, Problem, WholeEntry
from app.browsing.queries import find_entries
from app.comparing.queries import get_entry, get_shown_entry
from app.importing.queries import get_dataset
from app.web.dependencies import Id, Indexes, ReadDb

router = APIRouter()
_PROBLEM = {"model": Problem, "content": {"application/problem+json": {}}}
_PROBLEMS: dict[int | str, dict[str, Any]] = {404: _PROBLEM, 422: _PROBLEM}


@router.get("/datasets/{slug}/entries", responses=_PROBLEMS, tags=["entries"])
def list_entries(request: Request, slug: str, db: ReadDb, indexes: Indexes) -> EntryList:
    """Takes the parameters of the page /datasets/{slug}/entries; repeat a name for "any of"."""
    return EntryList.of(find_entries(db, indexes, get_dataset(db, slug), request.query_params.multi_items()))


@router.get("/entries/{entry_id}", responses=_PROBLEMS, tags=["entries"])
def show_entry(entry_id: Id, db: ReadDb) -> WholeEntry:
    entry = get_entry(db, entry_id)
    return WholeEntry.of(entry.dataset, get_shown_entry(db, entry))
