from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.browsing.listing import PROMPT_CHARACTERS
from app.browsing.pages import Neighbours, alone
from app.browsing.queries import find_entries, find_first_entry, find_first_of, find_neighbours
from app.browsing.row_lengths import find_lengths
from app.browsing.searching.search import parse_search
from app.comparing.queries import Showing, get_entry, get_shown_entry
from app.discussing.threads import count_comments
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.models import Entry, Reviewer, ReviewState
from app.reviewing.filling import get_form
from app.reviewing.forms import ReviewForm
from app.reviewing.queries import count_other_reviews, find_done, find_state
from app.reviewing.sight import Sight, Stage, owes_opinions, sight_on
from app.reviewing.sights import find_sights
from app.reviewing.skipping import find_put_off
from app.reviewing.tasks import FREE, Task
from app.sessions.holding import find_lesson, find_task
from app.terms.flag_kind import FlagKind
from app.terms.profile import Profile
from app.viewing.queries import find_saved_as
from app.web.access import needs
from app.web.blindness import as_seen_by, hides_others, is_blind
from app.web.care import care_for
from app.web.dependencies import CurrentReviewer, CurrentVisitor, Id, Indexes, ReadDb
from app.web.list_display import COLUMNS, display_of, folded_facets
from app.web.rendering import here, redirect, render, wants_partial
from app.web.selections import find_change, without_change

router = APIRouter()
PUT_OFF = "put_off"  # in the query string: the queue has come to what was put off
ITEM = "item"  # in the query string: of the queue of a review session
_OWN = frozenset(["saved", "undone", PUT_OFF, ITEM])  # parameters of the entry's page, and none of the list
_LOOKING = Sight(Stage.LOOKING)


@router.get("/datasets/{slug}/entries", dependencies=[needs(Action.READ)])
def list_entries(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset, display = get_dataset(db, slug), display_of(request)
    pairs = request.query_params.multi_items()
    asked = without_change(pairs)
    page = as_seen_by(db, reviewer, find_entries(db, indexes, dataset, asked, suggests=True))
    context = {
        "dataset": dataset,
        "page": page,
        "saved_as": find_saved_as(db, dataset, page.query),
        "display": display,
        "columns": COLUMNS,
        "folded": folded_facets(request),
        "lengths": find_lengths(db, page.entries) if "length" in display.columns else None,
        "change": find_change(db, reviewer, dataset, pairs),
        "flag_kinds": list(FlagKind),
        "is_blind": is_blind(reviewer),
        "hides_others": hides_others(reviewer),
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": dataset,
    }
    # The address shows the list again, not what was done to it.
    headers = {} if asked == pairs else {"HX-Replace-Url": f"{request.url.path}?{page.query}"}
    return render(request, "entries/index.html", context, partial="entries/_browse.html", headers=headers)


@router.get("/datasets/{slug}/review", dependencies=[needs(Action.REVIEW)])
def start_reviewing(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    """Opens the first entry of the list that the query string describes."""
    pairs, dataset = request.query_params.multi_items(), get_dataset(db, slug)
    put_off = find_put_off(db, reviewer, dataset.id) if reviewer else ()
    first = find_first_entry(db, indexes, dataset, pairs, reviewer.profile if reviewer else None, put_off)
    query = request.url.query
    return redirect(f"/datasets/{slug}/entries?{query}" if first is None else f"/entries/{first}?{query}")


@router.get("/entries/{entry_id}", dependencies=[needs(Action.READ)])
def show_entry(request: Request, entry_id: Id, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    entry, reviewer = get_entry(db, entry_id), visitor.reviewer
    if reviewer is None or not visitor.may(Action.REVIEW):
        return render_entry(request, db, indexes, entry, reviewer, None)
    task = find_asked_task(request, db, reviewer, entry_id)
    state = find_state(db, reviewer, entry_id, task.item_id)
    sight = sight_on(reviewer, state.review, entry, task)
    return render_entry(request, db, indexes, entry, reviewer, get_form(entry, state, sight))


@router.get("/entries/{entry_id}/texts", dependencies=[needs(Action.READ)])
def show_texts(request: Request, entry_id: Id, db: ReadDb, reviewer: CurrentReviewer, q: str = "") -> Response:
    """What a row of the list unfolds to; a page of its own would be the entry's."""
    if not wants_partial(request):
        return redirect(f"/entries/{entry_id}")
    entry, search = get_entry(db, entry_id), parse_search(q) if q.strip() else None
    showing = Showing()
    if reviewer and is_blind(reviewer):
        sight = find_sights(db, reviewer, [entry_id])[entry_id]
        showing = Showing(reviewer.profile, sight.positions, sight.is_shuffled, hides_labels=True)
    shown = get_shown_entry(db, entry, search, showing)
    return render(request, "entries/_reading.html", {"entry": shown, "shown_of_prompt": PROMPT_CHARACTERS})


def find_asked_task(request: Request, db: ReadDb, reviewer: Reviewer, entry_id: int) -> Task:
    """Raises NotFound, Forbidden or Conflict for an item that is not the reviewer's to judge now."""
    item_id = read_item(request.query_params.get(ITEM))
    return find_task(db, reviewer.id, entry_id, item_id) if item_id else FREE


def read_item(text: str | None) -> int:
    """0 outside of sessions."""
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InvalidInput("item must be the number of an item of a review session.", ITEM)
    return int(text)


@dataclass(frozen=True)
class Place:
    """Where the page stands: in which list, and what is told of the step that led here."""

    query: list[tuple[str, str]]  # the list's
    own: dict[str, str] = field(default_factory=dict)

    @property
    def is_put_off(self) -> bool:
        return PUT_OFF in self.own


def read_place(request: Request) -> Place:
    pairs = request.query_params.multi_items()
    own = {name: value for name, value in pairs if name in _OWN}
    return Place([pair for pair in pairs if pair[0] not in _OWN], own)


def find_onward(
    db: ReadDb, indexes: Indexes, entry: Entry, reviewer: Reviewer | None, place: Place, neighbours: Neighbours
) -> str | None:
    """The address of what comes next in the queue: after the last entry of the list, what was put off."""
    tail = [neighbours.query] if neighbours.query else []
    following = None if place.is_put_off else neighbours.onward
    if following is None and reviewer is not None:
        put_off = [other for other in find_put_off(db, reviewer, entry.dataset_id) if other != entry.id]
        following = find_first_of(db, indexes, entry.dataset, place.query, put_off) if put_off else None
        tail.append(f"{PUT_OFF}=yes")
    return None if following is None else f"/entries/{following}{'?' if tail else ''}{'&'.join(tail)}"


def _list_url(entry: Entry, neighbours: Neighbours) -> str:
    query = f"{neighbours.query}&" if neighbours.query else ""
    return f"/datasets/{entry.dataset.slug}/entries?{query}entry={entry.id}#e{entry.id}"


def _may_read_others(reviewer: Reviewer | None, sight: Sight, form: ReviewForm | None) -> bool:
    """As app.reviewing.sight.may_read_others says, of what the page knows already."""
    if form is not None and form.state == ReviewState.SUBMITTED:
        return True
    return sight.stage in (Stage.LOOKING, Stage.OPEN) and not owes_opinions(reviewer)


def render_entry(
    request: Request,
    db: ReadDb,
    indexes: Indexes,
    entry: Entry,
    reviewer: Reviewer | None,
    form: ReviewForm | None,
    status: int = 200,
) -> Response:
    """The entry's page, also in answer to a form that could not be saved; `saved=ID` in the query tells what was."""
    place, sight = read_place(request), form.sight if form else _LOOKING
    profile = reviewer.profile if reviewer else Profile()
    task, search = sight.task, None
    if task.item_id:
        neighbours, onward = alone(f"{ITEM}={task.item_id}"), None
    else:
        filters, neighbours = find_neighbours(db, indexes, entry.dataset, place.query, entry.id, profile)
        search, onward = filters.search, find_onward(db, indexes, entry, reviewer, place, neighbours)
    showing = Showing(profile, sight.positions, sight.is_shuffled, hides_labels=sight.is_blind)
    shown = get_shown_entry(db, entry, search, showing)
    own = {PUT_OFF: "yes"} if place.is_put_off else {}
    may_read = not task.item_id and _may_read_others(reviewer, sight, form)
    query = "&".join(filter(None, [neighbours.query, urlencode(own)]))
    context: dict[str, Any] = {
        "dataset": entry.dataset,
        "entry": shown,
        "sight": sight,
        "neighbours": neighbours,
        "query": query,
        "onward": onward,
        "task": task,
        "lesson": find_lesson(db, task) if task.is_practice and form and form.state == ReviewState.SUBMITTED else None,
        "list_url": f"/sessions/{task.session_id}" if task.item_id else _list_url(entry, neighbours),
        "form": form,
        "saved": find_done(db, form.decision if form else None, place.own.get("saved", "")),
        "undone": place.own.get("undone"),
        "others": count_other_reviews(db, entry.id, reviewer) if may_read else 0,
        "comments": count_comments(db, entry.id) if may_read else None,
        "keymap": profile.keymap,
        "reviewer": reviewer,
        "nav": "entries",
        "nav_dataset": entry.dataset,
        "here": f"/entries/{entry.id}?{query}" if query else f"/entries/{entry.id}",
        "is_severe": shown.is_severe and not sight.is_blind,
        **care_for(request, entry.id, is_harmful=sight.is_blind or shown.is_severe, is_veiled=shown.is_veiled),
    }
    # Not to who goes back or forward: a new step in the browser's history would cut off those that follow.
    headers = {"HX-Push-Url": here(request)} if request.method == "GET" and wants_partial(request) else {}
    return render(request, "entries/show.html", context, partial="entries/_entry.html", status=status, headers=headers)
