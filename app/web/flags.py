"""Flags on entries of a list: on those that are ticked, or on all that match."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.reviewing.flagging import flag_entries
from app.terms.flag_kind import FlagKind
from app.web.access import needs
from app.web.dependencies import Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import render
from app.web.selections import SelectionForm, hidden_fields, list_address, selected_ids, selects_all, show_change

router = APIRouter()


@router.post("/datasets/{slug}/flags", dependencies=[needs(Action.REVIEW)])
def flag_selected(
    request: Request,
    slug: str,
    form: SelectionForm,
    db: WriteDb,
    read_db: ReadDb,
    indexes: Indexes,
    reviewer: SignedInReviewer,
) -> Response:
    dataset, flag = get_dataset(read_db, slug), _read_flag(form)
    ids = selected_ids(form, read_db, indexes, dataset)
    if selects_all(form) and form.get("confirmed") != "yes":
        context = {
            "dataset": dataset,
            "flag": flag,
            "number": len(ids),
            "hidden": [*hidden_fields(form, ids), ("action", form["action"]), ("kind", str(flag or ""))],
            "list_address": list_address(form, dataset),
        }
        page = {"reviewer": reviewer, "nav": "entries", "nav_dataset": dataset}
        return render(request, "flags/confirm.html", context | page, partial="flags/_confirm.html")
    return show_change(form, flag_entries(db, reviewer, dataset, ids, flag))


def _read_flag(form: FormData) -> FlagKind | None:
    """None takes flags away."""
    action = form.get("action")
    if action not in ("flag", "unflag"):
        raise InvalidInput("action must be flag or unflag.", "action")
    kind = str(form.get("kind") or FlagKind.OTHER)
    if kind not in set(FlagKind):
        raise InvalidInput(f"A flag is one of {', '.join(FlagKind)}.", "kind", list(FlagKind))
    return FlagKind(kind) if action == "flag" else None
