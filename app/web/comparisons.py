"""What helps to read two responses against each other."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.comparing.differing import compare_texts
from app.comparing.queries import Showing, get_entry, get_shown_entry
from app.errors import NotFound
from app.reviewing.queries import find_review
from app.reviewing.sight import sight_of
from app.reviewing.tasks import FREE
from app.terms.profile import Profile
from app.web.access import needs
from app.web.care import care_for
from app.web.dependencies import CurrentReviewer, Id, ReadDb
from app.web.entries import find_asked_task
from app.web.rendering import here, render

router = APIRouter()


@router.get("/entries/{entry_id}/diff", dependencies=[needs(Action.READ)])
def show_difference(request: Request, entry_id: Id, db: ReadDb, reviewer: CurrentReviewer) -> Response:
    """The responses stand as they do on the page of the entry; of their labels nothing is told."""
    entry = get_entry(db, entry_id)
    if len(entry.responses) < 2:
        raise NotFound(f"Entry {entry_id} is no pair: there is nothing to compare.")
    profile = reviewer.profile if reviewer else Profile()
    task = find_asked_task(request, db, reviewer, entry_id) if reviewer else FREE
    review = find_review(db, reviewer.id, entry_id, task.item_id) if reviewer else None
    sight = sight_of(reviewer, review, entry_id, task=task)
    showing = Showing(profile, sight.positions, sight.is_shuffled, hides_labels=sight.is_blind)
    shown = get_shown_entry(db, entry, showing=showing)
    left, right = (entry.responses[position].text for position in sight.positions)
    context = {
        "dataset": entry.dataset,
        "entry": shown,
        "difference": compare_texts(left, right),
        "keymap": profile.keymap,
        "query": request.url.query,
        "here": here(request),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
        **care_for(request, entry_id, is_harmful=sight.is_blind or shown.is_severe, is_veiled=shown.is_veiled),
    }
    return render(request, "comparisons/diff.html", context, partial="comparisons/_diff.html")
