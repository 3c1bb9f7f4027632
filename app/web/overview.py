from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.agreement.queries import find_agreement
from app.browsing.charting.figures import find_progress
from app.browsing.queries import find_first_entry
from app.discussing.threads import find_waiting
from app.importing.queries import find_datasets
from app.reviewing.queries import find_latest_reviews
from app.terms.contradiction import EXPLANATIONS
from app.terms.profile import Profile
from app.viewing.queries import find_pinned
from app.web.dependencies import CurrentReviewer, Indexes, ReadDb
from app.web.rendering import render

router = APIRouter()
_TO_REVIEW = [("status", "unreviewed")]


@router.get("/")
def show_overview(request: Request, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    datasets = find_datasets(db)
    labelled = [dataset for dataset in datasets if dataset.label_fields]
    firsts = {dataset.id: find_first_entry(db, indexes, dataset, _TO_REVIEW) for dataset in labelled}
    agreements = [(dataset, find_agreement(db, dataset)) for dataset in datasets]
    context = {
        "progress": find_progress(db, indexes, datasets),
        "pinned": find_pinned(db, indexes, datasets),
        "agreements": [(dataset, rows) for dataset, rows in agreements if any(row.n or row.unsure for row in rows)],
        "latest": find_latest_reviews(db),
        "waiting": find_waiting(db, reviewer) if reviewer else [],
        "first_unreviewed": {
            dataset_id: f"/entries/{entry_id}?status=unreviewed" if entry_id else None
            for dataset_id, entry_id in firsts.items()
        },
        "reviewer": reviewer,
        "nav": "overview",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "overview/index.html", context)


@router.get("/help")
def show_help(request: Request, db: ReadDb, reviewer: CurrentReviewer) -> Response:
    datasets = find_datasets(db)
    context = {
        "contradictions": list(EXPLANATIONS.values()),
        "keymap": (reviewer.profile if reviewer else Profile()).keymap,
        "reviewer": reviewer,
        "nav": "help",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "help/index.html", context)
