"""What reviewers who judge blind do not get to see, wherever they ask for it."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from fastapi import Request

from app.browsing.blindness import find_telling, hide_labels
from app.browsing.opinions import find_telling_opinion
from app.browsing.pages import EntryPage
from app.errors import Forbidden
from app.models import Reviewer
from app.reviewing.sight import owes_opinions, refuse_while_blind
from app.reviewing.sights import find_sights
from app.viewing.views import ShownView
from app.web.dependencies import ReadDb

_WITH_LISTS = ("/datasets/", "/entries/", "/api/")  # their query strings may be those of a list


def refuse_telling_filters(request: Request, reviewer: Reviewer | None) -> None:
    """Every page that stands in a list of entries tells by its place, its count and its neighbours what the list is."""
    if hides_others(reviewer) and request.url.path.startswith(_WITH_LISTS):
        refuse_telling(reviewer, request.query_params.multi_items())


def is_blind(reviewer: Reviewer | None) -> bool:
    return reviewer is not None and reviewer.is_blind


def hides_others(reviewer: Reviewer | None) -> bool:
    """What reviewers think, and how far they agree."""
    return is_blind(reviewer) or owes_opinions(reviewer)


def refuse_telling(reviewer: Reviewer | None, query: str | Iterable[tuple[str, str]]) -> None:
    """The query string of a list, from wherever it came."""
    if reviewer is None or not hides_others(reviewer):
        return
    pairs = parse_qsl(query, keep_blank_values=True) if isinstance(query, str) else list(query)
    if is_blind(reviewer) and (telling := find_telling(pairs)):
        refuse_while_blind(reviewer, f"a list by the parameter “{telling}”")
    if owes_opinions(reviewer) and (telling := find_telling_opinion(pairs, reviewer.name)):
        raise Forbidden(
            f"A list by the parameter “{telling}” would tell you what others think of entries that you are still to "
            "judge. What they said of an entry you see once you have submitted your own review of it."
        )


def views_told(reviewer: Reviewer | None, views: Iterable[ShownView]) -> tuple[ShownView, ...]:
    """Those that tell nothing by their counts and entries which the reviewer is not to know yet."""
    told = tuple(view for view in views if not (is_blind(reviewer) and view.tells_labels))
    if reviewer is None or not owes_opinions(reviewer):
        return told
    return tuple(view for view in told if not find_telling_opinion(parse_qsl(view.query), reviewer.name))


def as_seen_by(db: ReadDb, reviewer: Reviewer | None, page: EntryPage) -> EntryPage:
    """A blind reviewer's list: no labels, and responses where that reviewer has them on the entry's page."""
    if reviewer is None or not is_blind(reviewer):
        return page
    sights = find_sights(db, reviewer, [row.id for row in page.entries])
    return hide_labels(page, {entry_id: sight.positions for entry_id, sight in sights.items()})
