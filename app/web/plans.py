"""Samples: planned on a page that counts along, drawn once, and kept."""

import csv
import io
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData, QueryParams

from app.accounts.permissions import Action
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.models import Dataset, Reviewer
from app.sampling.acceptance import from_json
from app.sampling.actions import draw_plan
from app.sampling.allocation import Allocation
from app.sampling.designs import Kind
from app.sampling.populations import find_divisions, find_population
from app.sampling.previewing import preview
from app.sampling.queries import COLUMNS, find_plans, find_revision, find_sampled, get_plan
from app.sampling.reading import acceptance_of, design_of, read_typed
from app.sampling.sizes import sample_size
from app.web.access import needs
from app.web.blindness import is_blind
from app.web.dependencies import CurrentReviewer, CurrentVisitor, Id, Indexes, ReadDb, WriteDb
from app.web.plots import plot_curve
from app.web.rendering import redirect, render

router = APIRouter()
_MOST_FIELDS = 600


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


@router.get("/datasets/{slug}/plans", dependencies=[needs(Action.PLAN)])
def list_plans(request: Request, slug: str, db: ReadDb, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    context = {"plans": find_plans(db, dataset)}
    return render(request, "plans/index.html", context | _frame(dataset, reviewer))


@router.get("/datasets/{slug}/plans/new", dependencies=[needs(Action.PLAN)])
def new_plan(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    return _render(request, db, indexes, get_dataset(db, slug), reviewer, request.query_params)


@router.post("/datasets/{slug}/plans", dependencies=[needs(Action.PLAN)])
def create_plan(
    request: Request,
    slug: str,
    form: Annotated[FormData, Depends(_form)],
    db: WriteDb,
    indexes: Indexes,
    visitor: CurrentVisitor,
) -> Response:
    dataset = get_dataset(db, slug)
    try:
        typed = read_typed(_lists(form))
        population = find_population(db, indexes, dataset, typed.pairs, typed.strata)
        design = design_of(typed, population.size)
        plan = draw_plan(db, visitor.reviewer, dataset, population, design, typed.title, find_revision(db, dataset))
    except InvalidInput as error:
        return _render(request, db, indexes, dataset, visitor.reviewer, form, error)
    return redirect(f"/datasets/{slug}/plans/{plan.id}")


@router.get("/datasets/{slug}/plans/{plan_id}", dependencies=[needs(Action.PLAN)])
def show_plan(request: Request, slug: str, plan_id: Id, db: ReadDb, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    plan = get_plan(db, dataset, plan_id)
    accepts = plan.design.get("acceptance")
    context = {
        "plan": plan,
        "sampled": sum(stratum["sampled"] for stratum in plan.strata),
        "acceptance": accepts,
        "plot": plot_curve(from_json(accepts)) if accepts else None,
    }
    return render(request, "plans/show.html", context | _frame(dataset, reviewer))


@router.get("/datasets/{slug}/plans/{plan_id}/entries.csv", dependencies=[needs(Action.PLAN)])
def download_plan(slug: str, plan_id: Id, db: ReadDb) -> Response:
    plan = get_plan(db, get_dataset(db, slug), plan_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(find_sampled(db, plan))
    headers = {"Content-Disposition": f'attachment; filename="{slug}-sample-{plan.id}.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _render(
    request: Request,
    db: ReadDb,
    indexes: Indexes,
    dataset: Dataset,
    reviewer: Reviewer | None,
    given: FormData | QueryParams,
    error: InvalidInput | None = None,
) -> Response:
    """The form, with what would be drawn; while somebody types, what cannot be read yet is told and no more."""
    context: dict[str, Any] = {
        "given": {name: str(value) for name, value in given.items()},
        "divisions": find_divisions(db, indexes, dataset, with_values=not is_blind(reviewer)),
        "kinds": Kind,
        "allocations": Allocation,
        "population": None,
        "typed": None,
        "preview": None,
        "plot": None,
        "needed": None,
    }
    try:
        typed = read_typed(_lists(given))
        population = find_population(db, indexes, dataset, typed.pairs, typed.strata)
        context |= {"typed": typed, "population": population}
        plan = acceptance_of(typed, population.size)
        design = design_of(typed, population.size)
        context |= {
            "acceptance": design.acceptance,
            "plot": plot_curve(plan) if plan else None,
            "needed": sample_size(typed.half_width, typed.rate, typed.out_of or population.size, typed.confidence),
            "preview": preview(db, dataset.id, population, design, typed),
        }
    except InvalidInput as wrong:
        error = error or wrong
    context["error"] = error
    status = 422 if error and request.method == "POST" else 200
    context |= _frame(dataset, reviewer)
    return render(request, "plans/new.html", context, partial="plans/_preview.html", status=status)


def _lists(given: FormData | QueryParams) -> dict[str, list[str]]:
    return {name: [str(value) for value in given.getlist(name)] for name in given}


def _frame(dataset: Dataset, reviewer: Reviewer | None) -> dict[str, Any]:
    return {"dataset": dataset, "reviewer": reviewer, "nav": "datasets", "nav_dataset": dataset}
