"""The page on which reviewers say how they want to review: each part a plain form that is saved by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.profiles import SECTIONS, FilledForm, change_profile
from app.errors import InvalidInput, NotFound
from app.exposure.queries import find_exposure
from app.importing.queries import find_datasets
from app.models import Dataset, Reviewer
from app.reviewing.passed_over import forget_passed_over
from app.terms.keymap import ACTIONS, KeyAction
from app.terms.taxonomy import HarmCategory
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, ReadDb, SignedInReviewer, WriteDb
from app.web.rendering import leave_page, redirect, render

router = APIRouter()
_KEY_GROUPS = {
    "Judging": ("agree", "disagree", "unsure", "safe", "unsafe", "tie", "take_back"),
    "Saving": ("rest", "save", "skip", "undo", "flag", "comment"),
    "Reading": ("diff", "find", "definitions", "larger", "smaller"),
    "Care": ("blur", "leave"),
}
_OTHER_KEYS = "Moving"


async def _values(request: Request) -> dict[str, list[str]]:
    form = await request.form(max_files=0, max_fields=400)
    return {name: [str(value) for value in form.getlist(name)] for name in form}


Values = Annotated[dict[str, list[str]], Depends(_values)]


@dataclass(frozen=True)
class OfferedCategories:
    """Harm categories of the datasets that have the same ones, and no dataset before."""

    datasets: tuple[str, ...]  # titles
    categories: tuple[tuple[int, HarmCategory], ...]  # with their numbers


@router.get("/settings", dependencies=[needs(Action.SET_OWN)])
def show_settings(request: Request, db: ReadDb, visitor: CurrentVisitor, saved: str = "") -> Response:
    if visitor.reviewer is None:
        return redirect("/reviewers?next=/settings")
    return _page(request, visitor.reviewer, find_datasets(db, visitor.datasets), saved=saved)


@router.get("/settings/exposure", dependencies=[needs(Action.SET_OWN)])
def show_exposure(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """Of the one who asks, and of nobody else."""
    reviewer = visitor.reviewer
    if reviewer is None:
        return redirect("/reviewers?next=/settings/exposure")
    context = {
        "exposure": find_exposure(db, reviewer, visitor.datasets),
        "reviewer": reviewer,
        "nav": "settings",
        "nav_dataset": next(iter(find_datasets(db, visitor.datasets)), None),
    }
    return render(request, "care/exposure.html", context)


@router.post("/settings/{section}", dependencies=[needs(Action.SET_OWN)])
def save_settings(
    request: Request,
    section: str,
    values: Values,
    read_db: ReadDb,
    db: WriteDb,
    visitor: CurrentVisitor,
    reviewer: SignedInReviewer,
) -> Response:
    if section not in SECTIONS:
        raise NotFound("There is no such part of the settings.")
    datasets = find_datasets(read_db, visitor.datasets)
    offered = [category.code for group in _offered(datasets) for _, category in group.categories]
    try:
        changes = SECTIONS[section](FilledForm(values, reviewer.profile, offered))
    except InvalidInput as error:
        typed = {name: one[0] for name, one in values.items()}
        return _page(request, reviewer, datasets, typed=typed, error=error)
    profile = change_profile(db, reviewer.id, **changes)
    if section == "opt-out":
        forget_passed_over(db, reviewer.id, profile)
    back_to = values.get("next", [f"/settings?saved={section}#{section}"])[0]
    return leave_page(request, back_to)


def _page(
    request: Request,
    reviewer: Reviewer,
    datasets: Sequence[Dataset],
    *,
    saved: str = "",
    typed: Mapping[str, str] | None = None,
    error: InvalidInput | None = None,
) -> Response:
    """`typed` is what a rejected form came with: it comes back as it was."""
    context: dict[str, Any] = {
        "profile": reviewer.profile,
        "typed": typed or {},
        "error": error,
        "saved": saved,
        "key_groups": _key_groups(),
        "offered": _offered(datasets),
        "reviewer": reviewer,
        "nav": "settings",
        "nav_dataset": next(iter(datasets), None),
    }
    return render(request, "settings/index.html", context, status=422 if error else 200)


def _key_groups() -> list[tuple[str, list[KeyAction]]]:
    titles = {name: title for title, names in _KEY_GROUPS.items() for name in names}
    return [
        (title, [action for action in ACTIONS if titles.get(action.name, _OTHER_KEYS) == title])
        for title in (*_KEY_GROUPS, _OTHER_KEYS)
    ]


def _offered(datasets: Iterable[Dataset]) -> list[OfferedCategories]:
    """Each code once: a reviewer who wants to see none of a kind wants that of every dataset."""
    groups: dict[tuple[HarmCategory, ...], list[str]] = {}
    for dataset in datasets:
        groups.setdefault(dataset.taxonomy.categories, []).append(dataset.title)
    seen: set[str] = set()
    offered = []
    for categories, titles in groups.items():
        new = tuple((n, category) for n, category in enumerate(categories, 1) if category.code not in seen)
        seen.update(category.code for _, category in new)
        if new:
            offered.append(OfferedCategories(tuple(titles), new))
    return offered
