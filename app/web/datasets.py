from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.agreement.queries import find_agreement, find_non_response
from app.browsing.charting.figures import find_figures, find_progress, find_splits
from app.errors import InvalidInput
from app.importing.card_facts import read_head
from app.importing.licences import LICENCES
from app.importing.queries import find_datasets, find_imports, get_dataset
from app.models import Dataset, DatasetImport
from app.web.access import needs
from app.web.blindness import hides_others, is_blind
from app.web.cards import show_card
from app.web.dependencies import CurrentReviewer, CurrentVisitor, Indexes, ReadDb
from app.web.rendering import render

router = APIRouter()


@router.get("/datasets", dependencies=[needs(Action.READ)])
def list_datasets(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    datasets, reviewer = find_datasets(db, visitor.datasets), visitor.reviewer
    last_imports = [_last_import(find_imports(db, dataset.id)) for dataset in datasets]
    context = {
        "datasets": list(zip(find_progress(db, indexes, datasets), last_imports, strict=True)),
        "is_blind": is_blind(reviewer),
        "hides_others": hides_others(reviewer),
        "reviewer": reviewer,
        "nav": "datasets",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "datasets/index.html", context)


def _last_import(imports: Sequence[DatasetImport]) -> DatasetImport | None:
    """The newest that changed anything: not a dry run."""
    return next((record for record in imports if not record.is_dry_run), None)


@router.get("/datasets/{slug}", dependencies=[needs(Action.READ)])
def show_dataset(
    request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer, split: str | None = None
) -> Response:
    dataset = get_dataset(db, slug)
    splits = find_splits(db, indexes, dataset)
    if split is not None and split not in splits:
        raise InvalidInput(f"{split[:60]!r} is no split of this dataset; it has {', '.join(splits)}.", "split")
    imports = find_imports(db, dataset.id)
    context = {
        "dataset": dataset,
        "progress": find_progress(db, indexes, [dataset])[0],
        **_about(dataset),
        "figures": find_figures(db, indexes, dataset, split),
        "splits": splits,
        "split": split,
        "imports": imports,
        "last_import": _last_import(imports),
        "agreement": find_agreement(db, dataset),
        "non_response": find_non_response(db, dataset),
        "is_blind": is_blind(reviewer),
        "hides_others": hides_others(reviewer),
        "reviewer": reviewer,
        "nav": "datasets",
        "nav_dataset": dataset,
    }
    return render(request, "datasets/show.html", context)


def _about(dataset: Dataset) -> dict[str, Any]:
    """What its card says, and what its licences permit."""
    head = read_head(dataset.card_data, dataset.licence)
    card = show_card(dataset.card) if dataset.card else None
    return {
        "head": head,
        "licences": [(code, LICENCES.get(code)) for code in head.licences],
        "card": card,
        "citation": dataset.citation or (card.citation if card else ""),
    }
