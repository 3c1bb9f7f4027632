"""The list of entries: find_entries for a page of it, find_neighbours for the way through it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import BrowseIndexes
from app.browsing.engine.ordered import OrderedEntries
from app.browsing.engine.selection import Selection
from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.listing import find_rows
from app.browsing.opting_out import opted_out_ids
from app.browsing.pages import Chip, EntryPage, FacetGroup, FacetValue, LinkedChoice, Neighbours
from app.browsing.query_strings import MATCHES, parse_filters, sorts_of
from app.browsing.searching.suggestions import find_suggestions
from app.browsing.sentences import describe, say_lengths
from app.browsing.versions import is_behind
from app.models import Dataset
from app.terms.profile import Profile

_LOOKED_AT, _MOST_PASSED = 500, 1000
Pairs = Collection[tuple[str, str]]


def find_entries(
    db: Session,
    indexes: BrowseIndexes,
    dataset: Dataset,
    query: Pairs,
    view: Sequence[tuple[str, str]] = (),
    *,
    suggests: bool = False,
    with_rows: bool = True,
) -> EntryPage:
    """Raises InvalidInput for a query string that cannot be read. `view` is kept in every link.

    Without rows there are no entries: for a page that shows the list in another way.
    """
    with indexes.using(db, dataset, query=query) as index:
        filters = replace(parse_filters(query, index.facets), view=tuple(view))
        selection = select(db, index, filters)
        ordered = selection.in_order
        place = find_place(ordered, filters)
        ids = ordered.slice(place.start, place.start + filters.limit)
        groups = _facet_groups(selection, index, filters)
        statuses = {entry_id: index.status(entry_id) for entry_id in ids}
        flagged = index.flagged
    rows = find_rows(db, ids, index.shape, filters.search, statuses, flagged) if with_rows else ()
    last = ordered.cursor(ids[-1]) if ids and place.start + len(ids) < len(ordered) else None
    return EntryPage(
        total=len(ordered),
        of=len(index.everything if "withdrawn" in filters.names else index.all),
        sentence=describe(filters, index.facets),
        first_place=place.start + 1 if ids else 0,
        entries=tuple(rows),
        facets=groups,
        chips=tuple(_chips(filters, index.facets)),
        sorts=tuple(_sorts(filters, index.facets)),
        sort=filters.sort,
        seed=filters.seed,
        q=filters.q,
        query=filters.query_string(page=False),
        min_length=filters.min_length,
        max_length=filters.max_length,
        limit=filters.limit,
        hidden=tuple(filters.pairs_without_search()),
        next=None if last is None else filters.from_start(after=last).query_string(),
        previous=_previous(filters, ordered, place.start),
        first=filters.query_string(page=False) if place.start else None,
        last=_last(filters, len(ordered), place.start),
        number=place.start // filters.limit + 1,
        pages=max(-(-len(ordered) // filters.limit), 1),
        missing_entry=place.missing_entry,
        is_behind=is_behind(db, index, dataset),
        next_after=None if last is None else str(last),
        suggestions=find_suggestions(db, indexes, dataset, filters) if suggests and not len(ordered) else None,
    )


class Place(NamedTuple):
    start: int  # how many entries of the list stand before the page
    missing_entry: int | None  # was asked for, but is not in the list


def find_place(ordered: OrderedEntries, filters: Filters) -> Place:
    if filters.after is not None:
        return Place(ordered.after(filters.after), None)
    if filters.entry is not None:
        before, inside = ordered.place(filters.entry)
        return Place(before // filters.limit * filters.limit, None if inside else filters.entry)
    return Place((filters.page - 1) * filters.limit if filters.page else 0, None)


def find_neighbours(
    db: Session,
    indexes: BrowseIndexes,
    dataset: Dataset,
    query: Pairs,
    entry_id: int,
    profile: Profile | None = None,
    *,
    may_lag: bool = False,
) -> tuple[Filters, Neighbours]:
    """The entry need not be in the list (any more): next is then the first one that stands after it."""
    with indexes.using(db, dataset, query=query, may_lag=may_lag) as index:
        filters = parse_filters(query, index.facets)
        ordered = select(db, index, filters).in_order
        before, inside = ordered.place(entry_id)
        previous = ordered.slice(before - 1, before)
        following = ordered.slice(before + inside, before + inside + 1)
        ends = ordered.slice(0, 1) + ordered.slice(len(ordered) - 1, len(ordered))
        onward, passed_over = _go_on(ordered, before + inside, opted_out_ids(index, profile or Profile()))
        sentence = describe(filters, index.facets)
    return filters, Neighbours(
        total=len(ordered),
        place=before + 1 if inside else None,
        previous=previous[0] if previous else None,
        next=following[0] if following else None,
        first=ends[0] if ends else None,
        last=ends[-1] if ends else None,
        query=filters.query_string(page=False),
        sentence=sentence,
        onward=onward,
        passed_over=passed_over,
    )


def _go_on(ordered: OrderedEntries, start: int, avoided: BitMap) -> tuple[int | None, tuple[int, ...]]:
    """The first entry from there that is not avoided, and those before it."""
    passed: list[int] = []
    for at in range(start, len(ordered), _LOOKED_AT):
        for entry_id in ordered.slice(at, at + (_LOOKED_AT if avoided else 1)):
            if entry_id not in avoided:
                return entry_id, tuple(passed[:_MOST_PASSED])
            passed.append(entry_id)
    return None, tuple(passed[:_MOST_PASSED])


def find_first_entry(
    db: Session,
    indexes: BrowseIndexes,
    dataset: Dataset,
    query: Pairs,
    profile: Profile | None = None,
    put_off: Sequence[int] = (),
) -> int | None:
    """Where a reviewer's queue begins: what they put off comes last."""
    with indexes.using(db, dataset, query=query) as index:
        ordered = select(db, index, parse_filters(query, index.facets)).in_order
        avoided = opted_out_ids(index, profile or Profile())
        first, _ = _go_on(ordered, 0, avoided | BitMap(put_off))
        return first or next((entry_id for entry_id in put_off if ordered.place(entry_id)[1]), None)


def find_first_of(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs, entry_ids: Iterable[int]
) -> int | None:
    """The first of these that is in the list."""
    with indexes.using(db, dataset, query=query, may_lag=True) as index:
        ordered = select(db, index, parse_filters(query, index.facets)).in_order
        return next((entry_id for entry_id in entry_ids if ordered.place(entry_id)[1]), None)


def find_ids(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> BitMap:
    """Every entry of the list."""
    with indexes.using(db, dataset, query=query) as index:
        return select(db, index, parse_filters(query, index.facets)).ids


def find_ordered(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> OrderedEntries:
    """Every entry of the list, in its order."""
    with indexes.using(db, dataset, query=query) as index:
        return select(db, index, parse_filters(query, index.facets)).in_order


def select(db: Session, index: DatasetIndex, filters: Filters) -> Selection:
    if filters.sort == "relevance":
        index.rank_hits(db, filters.search)
    return index.select(filters, index.matching(db, filters.search))


def _facet_groups(selection: Selection, index: DatasetIndex, filters: Filters) -> tuple[FacetGroup, ...]:
    """Remembered with the selection, of which there may be several pages and views: their links differ."""
    links = (filters.limit, filters.view)
    if links not in selection.groups:
        shown = (facet for facet in index.facets if index.shows(facet, filters))
        selection.groups[links] = tuple(_facet_group(selection, filters, facet) for facet in shown)
    return selection.groups[links]


def _facet_group(selection: Selection, filters: Filters, facet: Facet) -> FacetGroup:
    counts = selection.counts(facet)
    chosen, excluded = filters.chosen.get(facet.name, ()), filters.excluded.get(facet.name, ())
    scale, queries = 100 / (max(counts.values(), default=0) or 1), filters.toggles(facet)
    values = []
    for value in facet.values:
        code = value.value
        count, is_chosen, is_excluded = counts[code], code in chosen, code in excluded
        if count or is_chosen or is_excluded or not value.is_rare:
            share = round(scale * count)
            values.append(
                FacetValue(code, value.label, value.hint, count, share, is_chosen, is_excluded, *queries[code])
            )
    matches = tuple(_matches(filters)) if facet.name == "category" and chosen else ()
    return FacetGroup(facet.name, facet.title, tuple(values), matches)


def _matches(filters: Filters) -> Iterable[LinkedChoice]:
    for value, label in MATCHES.items():
        query = filters.from_start(all_categories=value == "all").query_string()
        yield LinkedChoice(value, label, query, filters.all_categories == (value == "all"))


def _chips(filters: Filters, facets: Sequence[Facet]) -> Iterable[Chip]:
    for facet in facets:
        for value in filters.chosen.get(facet.name, ()):
            yield Chip(facet.title, facet.by_value[value].label, filters.toggled(facet.name, value).query_string())
        for value in filters.excluded.get(facet.name, ()):
            query = filters.excluding(facet.name, value).query_string()
            yield Chip(facet.title, f"not {facet.by_value[value].label}", query)
    if lengths := say_lengths(filters.min_length, filters.max_length):
        yield Chip("Length", lengths, filters.from_start(min_length=None, max_length=None).query_string())
    if filters.q:
        yield Chip("Search", f"“{filters.q}”", filters.from_start(q="").query_string())


def _sorts(filters: Filters, facets: Sequence[Facet]) -> Iterable[LinkedChoice]:
    for value, label in sorts_of(facets).items():
        yield LinkedChoice(value, label, filters.from_start(sort=value).query_string(), filters.sort == value)


def _previous(filters: Filters, ordered: OrderedEntries, start: int) -> str | None:
    if start == 0:
        return None
    before = ordered.slice(start - filters.limit - 1, start - filters.limit)
    return filters.from_start(after=ordered.cursor(before[0]) if before else None).query_string()


def _last(filters: Filters, total: int, start: int) -> str | None:
    last = -(-total // filters.limit)
    return filters.from_start(page=last).query_string() if start + filters.limit < total else None
