"""What reviewers who judge blind do not get to see, wherever they ask for it."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from app.browsing.blindness import find_telling, hide_labels
from app.browsing.pages import EntryPage
from app.models import Reviewer
from app.reviewing.sight import refuse_while_blind
from app.reviewing.sights import find_sights
from app.web.dependencies import CurrentReviewer, ReadDb

_WITH_LISTS = ("/datasets/", "/entries/", "/api/")  # their query strings may be those of a list


async def _refuse_telling_filters(request: Request, reviewer: CurrentReviewer) -> None:
    """Every page that stands in a list of entries tells by its place, its count and its neighbours what the list is."""
    if is_blind(reviewer) and request.url.path.startswith(_WITH_LISTS):
        refuse_telling(reviewer, request.query_params.multi_items())


REFUSES_TELLING_FILTERS = Depends(_refuse_telling_filters)


def is_blind(reviewer: Reviewer | None) -> bool:
    return reviewer is not None and reviewer.profile.is_blind


def refuse_telling(reviewer: Reviewer | None, query: str | Iterable[tuple[str, str]]) -> None:
    """The query string of a list, from wherever it came."""
    if not is_blind(reviewer):
        return
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else query
    if telling := find_telling(pairs):
        refuse_while_blind(reviewer, f"a list by the parameter “{telling}”")


def as_seen_by(db: ReadDb, reviewer: Reviewer | None, page: EntryPage) -> EntryPage:
    """A blind reviewer's list: no labels, and responses where that reviewer has them on the entry's page."""
    if reviewer is None or not is_blind(reviewer):
        return page
    sights = find_sights(db, reviewer, [row.id for row in page.entries])
    return hide_labels(page, {entry_id: sight.positions for entry_id, sight in sights.items()})
