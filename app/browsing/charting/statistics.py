"""Exact counts within a filter: of every value of every facet, and of two facets against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.charting.crossing import Cross, cross, get_facet
from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import BrowseIndexes
from app.browsing.facets import Facet
from app.browsing.pages import say_all
from app.browsing.prompts import PromptCount
from app.browsing.queries import Pairs, select
from app.browsing.query_strings import parse_filters, sorts_of
from app.browsing.sentences import describe
from app.browsing.versions import is_behind
from app.models import Dataset

Counts = dict[str, int]  # by value
_REVIEWED = ("reviewed", "disputed", "adjudicated")


class ReviewCounts(NamedTuple):
    """How far they agree is None to who is still to say their own."""

    reviewed: int
    disputed: int | None
    flagged: int | None


@dataclass(frozen=True)
class Statistics:
    total: int
    of: int
    sentence: str
    distinct_prompts: int
    reviews: ReviewCounts
    facets: dict[str, Counts]
    cross: Cross | None
    is_behind: bool  # an import changes, or has changed, what is not counted yet


def find_statistics(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs, crossed: tuple[str, str] | None = None
) -> Statistics:
    """`crossed` names two facets. Raises InvalidInput for what cannot be read."""
    with indexes.using(db, dataset, query=query) as index:
        filters = parse_filters(query, index.facets)
        axes = [get_facet(index.facets, *named) for named in zip(crossed or (), ("rows", "columns"), strict=False)]
        selection = select(db, index, filters)
        ids = selection.ids
        facets = [facet for facet in index.facets if index.shows(facet, filters)]
        of = len(index.everything if "withdrawn" in filters.names else index.all)
        sentence = say_all(len(ids), of, describe(filters, index.facets))
        reviews = _review_counts(index, ids)
        counts = {facet.name: _counts(index, facet, ids) for facet in facets}
        crossing = cross(selection, *axes) if axes else None
        prompts = PromptCount.of(index, ids)
        behind = is_behind(db, index, dataset)
    distinct = prompts.finish(db, dataset.id)
    return Statistics(len(ids), of, sentence, distinct, reviews, counts, crossing, behind)


def _counts(index: DatasetIndex, facet: Facet, within: BitMap) -> Counts:
    counts = {v.value: within.intersection_cardinality(index.with_withdrawn(facet.name, v.value)) for v in facet.values}
    return {value: count for value, count in counts.items() if count or not facet.by_value[value].is_rare}


def _review_counts(index: DatasetIndex, within: BitMap) -> ReviewCounts:
    count = {s: within.intersection_cardinality(index.with_withdrawn("status", s)) for s in _REVIEWED}
    flagged = within.intersection_cardinality(index.with_withdrawn("flag", "yes"))
    told = (count["disputed"], flagged) if index.own is None else (None, None)
    return ReviewCounts(sum(count.values()), *told)


@dataclass(frozen=True)
class Outline:
    """What there is to ask of a dataset, and how much."""

    entries: int
    withdrawn: int
    reviews: ReviewCounts
    splits: Counts
    facets: Sequence[Facet]
    sorts: dict[str, str]


def find_outline(db: Session, indexes: BrowseIndexes, dataset: Dataset) -> Outline:
    with indexes.using(db, dataset) as index:
        splits = next(facet for facet in index.facets if facet.name == "split")
        return Outline(
            len(index.all),
            len(index.withdrawn),
            _review_counts(index, index.all),
            _counts(index, splits, index.all),
            index.facets,
            sorts_of(index.facets),
        )
