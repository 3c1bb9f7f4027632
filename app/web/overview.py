from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import PERMISSIONS, Action
from app.agreement.queries import find_agreement, find_non_response
from app.browsing.charting.figures import find_progress
from app.browsing.queries import find_first_entry
from app.discussing.threads import find_waiting
from app.importing.queries import find_datasets
from app.models import Dataset, Reviewer
from app.reviewing.queries import find_latest_decisions, find_latest_reviews
from app.reviewing.skipping import find_put_off
from app.sessions.queries import find_owed
from app.terms.contradiction import EXPLANATIONS
from app.terms.profile import Profile
from app.terms.role import Role
from app.viewing.queries import find_pinned
from app.web.access import needs
from app.web.blindness import hides_others, is_blind, views_told
from app.web.dependencies import CurrentVisitor, Indexes, ReadDb
from app.web.rendering import render

router = APIRouter()
_TO_REVIEW = [("status", "unreviewed")]


@router.get("/", dependencies=[needs(Action.READ)])
def show_overview(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    reviewer, within = visitor.reviewer, visitor.datasets
    datasets = find_datasets(db, within)
    labelled = [dataset for dataset in datasets if dataset.label_fields]
    firsts = {dataset.id: _find_first(db, indexes, dataset, reviewer) for dataset in labelled}
    hides = hides_others(reviewer)
    agreements = [] if hides else [(dataset, find_agreement(db, dataset)) for dataset in datasets]
    pinned = {key: views_told(reviewer, views) for key, views in find_pinned(db, indexes, datasets).items()}
    context = {
        "is_blind": is_blind(reviewer),
        "hides_others": hides,
        "progress": find_progress(db, indexes, datasets),
        "pinned": {dataset_id: views for dataset_id, views in pinned.items() if views},
        "agreements": [
            (dataset, rows, find_non_response(db, dataset))
            for dataset, rows in agreements
            if any(row.n or row.unsure for row in rows)
        ],
        "latest": [] if hides else find_latest_reviews(db, within),
        "decisions": find_latest_decisions(db, reviewer, within) if reviewer else [],
        "owed": find_owed(db, reviewer.id) if reviewer else [],
        "waiting": find_waiting(db, reviewer, within) if reviewer else [],
        "first_unreviewed": {
            dataset_id: f"/entries/{entry_id}?status=unreviewed" if entry_id else None
            for dataset_id, entry_id in firsts.items()
        },
        "reviewer": reviewer,
        "nav": "overview",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "overview/index.html", context)


def _find_first(db: ReadDb, indexes: Indexes, dataset: Dataset, reviewer: Reviewer | None) -> int | None:
    if reviewer is None:
        return find_first_entry(db, indexes, dataset, _TO_REVIEW)
    put_off = find_put_off(db, reviewer, dataset.id)
    return find_first_entry(db, indexes, dataset, _TO_REVIEW, reviewer.profile, put_off)


@router.get("/help", dependencies=[needs(Action.READ)])
def show_help(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    reviewer, datasets = visitor.reviewer, find_datasets(db, visitor.datasets)
    context = {
        "contradictions": list(EXPLANATIONS.values()),
        "permissions": list(PERMISSIONS.values()),
        "roles": list(Role),
        "keymap": (reviewer.profile if reviewer else Profile()).keymap,
        "reviewer": reviewer,
        "nav": "help",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "help/index.html", context)
