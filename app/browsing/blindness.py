"""What of a list of entries somebody may see who is still to judge their labels, and knows nobody's opinion of them.

Filtering by a label tells it, as does an order or a count: whoever reviews blind filters by what tells none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.browsing.charting.statistics import Outline
from app.browsing.facets import Facet, facets_of
from app.browsing.filters import NOT
from app.browsing.pages import EntryPage, EntryRow, FacetGroup, ResponseBeginning
from app.browsing.query_strings import SORTS
from app.browsing.shape import Shape
from app.models.label_field import LABEL_FIELDS
from app.terms.taxonomy import HarmCategory, SeverityLevel, Taxonomy
from app.terms.unit import Unit

# A subset is often named for the model that wrote its responses.
_HARMLESS_FACETS = frozenset(["split", "prompt_source", "withdrawn"])
_HARMLESS_STATUSES = frozenset(["unreviewed", "in_review"])  # the others tell whether reviewers agree
_HARMLESS_SORTS = frozenset(["position", "relevance", "length", "random"])


def _facet_names() -> frozenset[str]:
    """Of datasets that have every label."""
    taxonomy = Taxonomy((HarmCategory("any", "Any", ""),), (SeverityLevel(0, "any", ""),))
    shapes = [Shape(unit, frozenset(LABEL_FIELDS), taxonomy) for unit in Unit]
    return frozenset(facet.name for shape in shapes for facet in facets_of(shape, found={}))


_TELLING_FACETS = _facet_names() - _HARMLESS_FACETS - {"status"} | {"category_match"}


def find_telling(query: Iterable[tuple[str, str]]) -> str | None:
    """The first parameter that would tell labels or opinions, as it was given."""
    for name, value in query:
        facet = name.removeprefix(NOT)
        if facet in _TELLING_FACETS:
            return name
        is_telling_sort = name == "sort" and value in SORTS and value not in _HARMLESS_SORTS
        is_telling_status = facet == "status" and value and value not in _HARMLESS_STATUSES
        if is_telling_sort or is_telling_status:
            return f"{name}={value[:60]}"
    return None


def hide_labels(page: EntryPage, positions: Mapping[int, Sequence[int]]) -> EntryPage:
    """`positions` are those of each entry's responses, from left to right."""
    return replace(
        page,
        entries=tuple(_without_labels(row, positions[row.id]) for row in page.entries),
        facets=tuple(_harmless_groups(page.facets)),
        sorts=tuple(sort for sort in page.sorts if sort.value in _HARMLESS_SORTS),
    )


def _without_labels(row: EntryRow, positions: Sequence[int]) -> EntryRow:
    sides = [row.responses[position] for position in positions if position < len(row.responses)]
    return row._replace(
        subset=None,
        row=0,
        responses=tuple(
            ResponseBeginning(place, side.pieces, None, None, None, ()) for place, side in enumerate(sides)
        ),
        better_response_id=None,
        safer_response_id=None,
        notes=(),
        status="",
        flagged=False,
    )


def _harmless_groups(groups: Iterable[FacetGroup]) -> Iterable[FacetGroup]:
    for group in groups:
        if group.name in _HARMLESS_FACETS:
            yield group
        elif group.name == "status":
            yield replace(group, values=tuple(value for value in group.values if value.value in _HARMLESS_STATUSES))


def harmless_facets(facets: Iterable[Facet]) -> list[Facet]:
    return [facet for facet in facets if facet.name in _HARMLESS_FACETS]


def without_labels(outline: Outline) -> Outline:
    sorts = {name: words for name, words in outline.sorts.items() if name in _HARMLESS_SORTS}
    return replace(outline, facets=harmless_facets(outline.facets), sorts=sorts)
