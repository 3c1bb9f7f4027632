"""The list of entries: find_entries for a page of it, find_neighbours for the way through it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.dataset_index import DatasetIndex
from app.browsing.facets import Facet
from app.browsing.filters import MATCHES, Filters, describe, parse_filters, say_lengths, sorts_of
from app.browsing.index import BrowseIndexes
from app.browsing.listing import find_rows
from app.browsing.pages import Chip, EntryPage, FacetGroup, FacetValue, LinkedChoice, Neighbours
from app.browsing.selection import Selection
from app.models import Dataset

Pairs = Iterable[tuple[str, str]]


def find_entries(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> EntryPage:
    """Raises InvalidInput for a query string that cannot be read."""
    with indexes.using(db, dataset) as index:
        filters = parse_filters(query, index.facets)
        selection = _select(db, index, filters)
        ordered = selection.in_order()
        start = 0
        if filters.after is not None:
            before, inside = ordered.place(filters.after)
            start = before + inside
        ids = ordered.slice(start, start + filters.limit)
        facets = tuple(_facet_group(selection, facet) for facet in index.facets if index.shows(facet, filters))
        statuses = {entry_id: index.status(entry_id) for entry_id in ids}
        flagged = index.with_withdrawn("flag", "yes")
        previous_after = ordered.slice(start - filters.limit - 1, start - filters.limit)
    rows = find_rows(db, ids, index.shape, filters.search, statuses, flagged)
    total = len(ordered)
    more = start + len(ids) < total
    return EntryPage(
        total=total,
        of=len(index.everything if "withdrawn" in filters.chosen else index.all),
        sentence=describe(filters, index.facets),
        first_place=start + 1 if ids else 0,
        entries=tuple(rows),
        facets=facets,
        chips=tuple(_chips(filters, index.facets)),
        sorts=tuple(_sorts(filters, index.facets)),
        q=filters.q,
        query=filters.query_string(page=False),
        min_length=filters.min_length,
        max_length=filters.max_length,
        hidden=tuple(filters.pairs_without_search()),
        next=replace(filters, after=ids[-1]).query_string() if more and ids else None,
        previous=_previous(filters, start, previous_after),
        first=filters.query_string(page=False) if start else None,
        next_after=ids[-1] if more and ids else None,
    )


def find_neighbours(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs, entry_id: int, *, may_lag: bool = False
) -> tuple[Filters, Neighbours]:
    """The entry need not be in the list (any more): next is then the first one that stands after it."""
    with indexes.using(db, dataset, may_lag=may_lag) as index:
        filters = parse_filters(query, index.facets)
        ordered = _select(db, index, filters).in_order()
        before, inside = ordered.place(entry_id)
        previous = ordered.slice(before - 1, before)
        following = ordered.slice(before + inside, before + inside + 1)
        sentence = describe(filters, index.facets)
    return filters, Neighbours(
        total=len(ordered),
        place=before + 1 if inside else None,
        previous=previous[0] if previous else None,
        next=following[0] if following else None,
        query=filters.query_string(page=False),
        sentence=sentence,
    )


def find_first_entry(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> int | None:
    with indexes.using(db, dataset) as index:
        ids = _select(db, index, parse_filters(query, index.facets)).in_order().slice(0, 1)
    return ids[0] if ids else None


def find_ids(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> BitMap:
    """Every entry of the list."""
    with indexes.using(db, dataset) as index:
        return _select(db, index, parse_filters(query, index.facets)).ids


def _select(db: Session, index: DatasetIndex, filters: Filters) -> Selection:
    return index.select(filters, index.matching(db, filters.search))


def _facet_group(selection: Selection, facet: Facet) -> FacetGroup:
    counts, chosen = selection.counts(facet), selection.filters.chosen.get(facet.name, ())
    largest = max(counts.values(), default=0) or 1
    queries = selection.filters.toggles(facet)
    return FacetGroup(
        facet.name,
        facet.title,
        tuple(
            FacetValue(
                value=value.value,
                label=value.label,
                hint=value.hint,
                count=counts[value.value],
                share=round(100 * counts[value.value] / largest),
                selected=value.value in chosen,
                query=queries[value.value],
            )
            for value in facet.values
            if counts[value.value] or value.value in chosen or not value.is_rare
        ),
        tuple(_matches(selection.filters)) if facet.name == "category" and chosen else (),
    )


def _matches(filters: Filters) -> Iterable[LinkedChoice]:
    for value, label in MATCHES.items():
        query = replace(filters, all_categories=value == "all", after=None).query_string()
        yield LinkedChoice(value, label, query, filters.all_categories == (value == "all"))


def _chips(filters: Filters, facets: Sequence[Facet]) -> Iterable[Chip]:
    for facet in facets:
        for value in filters.chosen.get(facet.name, ()):
            yield Chip(facet.title, facet.by_value[value].label, filters.toggled(facet.name, value).query_string())
    if lengths := say_lengths(filters.min_length, filters.max_length):
        query = replace(filters, min_length=None, max_length=None, after=None).query_string()
        yield Chip("Length", lengths, query)
    if filters.q:
        yield Chip("Search", f"“{filters.q}”", replace(filters, q="", after=None).query_string())


def _sorts(filters: Filters, facets: Sequence[Facet]) -> Iterable[LinkedChoice]:
    for value, label in sorts_of(facets).items():
        query = replace(filters, sort=value, after=None).query_string()
        yield LinkedChoice(value, label, query, filters.sort == value)


def _previous(filters: Filters, start: int, after: list[int]) -> str | None:
    if start == 0:
        return None
    return replace(filters, after=after[0] if after else None).query_string()
