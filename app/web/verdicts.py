"""One verdict on a label of many entries of a list: asked for, counted, confirmed."""

from collections.abc import Collection
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.models import Dataset, Reviewer
from app.models.label_field import LabelKind, fields_of
from app.reviewing.bulk import BulkVerdict, corrected_choices, judge_entries, plan_verdicts, read_bulk_verdict
from app.reviewing.forms import TypedVerdict
from app.reviewing.many import check_number
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.dependencies import Indexes, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import render
from app.web.selections import SelectionForm, hidden_fields, list_address, selected_ids, show_change

router = APIRouter()
_TYPED = ("field", "verdict", "reason")


@router.post("/datasets/{slug}/verdicts/new", dependencies=[needs(Action.REVIEW)])
def ask_for_verdict(
    request: Request, slug: str, form: SelectionForm, db: ReadDb, indexes: Indexes, reviewer: SignedInReviewer
) -> Response:
    dataset = get_dataset(db, slug)
    refuse_while_blind(reviewer, "a verdict on many entries at once")
    ids = selected_ids(form, db, indexes, dataset)
    check_number(len(ids))
    return _ask(request, form, dataset, reviewer, ids)


@router.post("/datasets/{slug}/verdicts/confirm", dependencies=[needs(Action.REVIEW)])
def count_verdicts(
    request: Request, slug: str, form: SelectionForm, db: ReadDb, indexes: Indexes, reviewer: SignedInReviewer
) -> Response:
    dataset = get_dataset(db, slug)
    ids = selected_ids(form, db, indexes, dataset)
    try:
        verdict = _read(form, dataset)
    except InvalidInput as error:
        return _ask(request, form, dataset, reviewer, ids, error)
    plan = plan_verdicts(db, reviewer, dataset, ids, verdict)
    typed = [(name, str(value)) for name, value in form.multi_items() if name in _TYPED or name.startswith("corrected")]
    context = {
        "plan": plan,
        "number": len(ids),
        "verdict": verdict,
        "typed": typed,
        "instead": _instead(verdict, dataset),
    }
    return _show(request, "confirm", form, dataset, reviewer, ids, context)


@router.post("/datasets/{slug}/verdicts", dependencies=[needs(Action.REVIEW)])
def judge_selected(
    slug: str, form: SelectionForm, db: WriteDb, read_db: ReadDb, indexes: Indexes, reviewer: SignedInReviewer
) -> Response:
    dataset = get_dataset(read_db, slug)
    ids = selected_ids(form, read_db, indexes, dataset)
    numbers, replace = str(form.get("confirmed", "")), form.get("replace") == "yes"
    verdict = _read(form, dataset)
    change = judge_entries(db, reviewer, dataset, ids, verdict, confirmed=numbers, replaces=replace)
    return show_change(form, change)


def _read(form: FormData, dataset: Dataset) -> BulkVerdict:
    """There are corrected values of every kind of label in the form, and those of the chosen one count."""
    name = str(form.get("field", ""))
    kind = next((field.kind for field in fields_of(dataset) if field.name == name), "")
    corrected = tuple(str(value) for value in form.getlist(f"corrected.{kind}"))
    answer = TypedVerdict(str(form.get("verdict", "")), corrected, str(form.get("reason", "")))
    return read_bulk_verdict(dataset, name, answer)


def _instead(verdict: BulkVerdict, dataset: Dataset) -> str:
    if not verdict.disagrees:
        return ""
    labels = {choice.value: choice.label for choice in corrected_choices(verdict.field, dataset)}
    return ", ".join(labels[value] for value in verdict.answer.corrected) or "none"


def _ask(
    request: Request,
    form: FormData,
    dataset: Dataset,
    reviewer: Reviewer,
    ids: Collection[int],
    error: InvalidInput | None = None,
) -> Response:
    fields = fields_of(dataset)
    kinds = [kind for kind in LabelKind if any(field.kind is kind for field in fields)]
    choices = {kind: corrected_choices(next(f for f in fields if f.kind is kind), dataset) for kind in kinds}
    typed = {name: str(form.get(name, "")) for name in _TYPED}
    corrected = {kind: form.getlist(f"corrected.{kind}") for kind in kinds}
    context = {"fields": fields, "choices": choices, "typed": typed, "corrected": corrected, "number": len(ids)}
    context["error"] = error.message if error else None
    return _show(request, "new", form, dataset, reviewer, ids, context, status=error.status if error else 200)


def _show(
    request: Request,
    page: str,
    form: FormData,
    dataset: Dataset,
    reviewer: Reviewer,
    ids: Collection[int],
    context: dict[str, Any],
    status: int = 200,
) -> Response:
    usual = {
        "dataset": dataset,
        "hidden": hidden_fields(form, ids),
        "list_address": list_address(form, dataset),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": dataset,
    }
    return render(request, f"verdicts/{page}.html", context | usual, status=status)
