"""What of a list of entries tells other people's opinions, to who is still to say their own.

Filtering by a verdict tells it, as does an order or a count; that nobody has judged an entry tells no opinion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from app.browsing.facets import Facet
from app.browsing.filters import NOT

NOBODYS = "unreviewed"  # the status that tells no opinion, for there is none
TELLING_SORT = "reviewed_at"
_TELLING = frozenset(["verdict", "outdated", "flag"])
_CROSSED = ("rows", "columns")  # whose values are names of facets


def without_opinions(facets: Iterable[Facet], reviewer: str) -> tuple[Facet, ...]:
    """What the reviewer of this name may filter by: of reviewers by themself alone."""
    return tuple(_harmless(facet, reviewer) for facet in facets if facet.name not in _TELLING)


def _harmless(facet: Facet, reviewer: str) -> Facet:
    kept = {"status": {NOBODYS}, "reviewer": {reviewer}}.get(facet.name)
    return facet if kept is None else replace(facet, values=tuple(v for v in facet.values if v.value in kept))


def find_telling_opinion(query: Iterable[tuple[str, str]], reviewer: str) -> str | None:
    """The first parameter that would tell the reviewer of this name what others think, as it was given."""
    for name, value in query:
        if _tells(name.removeprefix(NOT), value, reviewer):
            return f"{name}={value[:60]}"
    return None


def _tells(name: str, value: str, reviewer: str) -> bool:
    if name in _CROSSED:
        return value in _TELLING
    return (
        name in _TELLING
        or (name == "status" and value not in ("", NOBODYS))
        or (name == "reviewer" and value not in ("", reviewer))
        or (name == "sort" and value == TELLING_SORT)
    )


def tells_opinions(facets: Sequence[Facet]) -> bool:
    """Whether these are the facets of somebody who may know all of them."""
    return any(facet.name == "flag" for facet in facets)
