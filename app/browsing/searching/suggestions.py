"""What to do about a list that is empty: other searches and fewer filters, each with how many entries it would show."""

from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import BrowseIndexes
from app.browsing.facets import Facet, either
from app.browsing.filters import Filters
from app.browsing.pages import Suggestion, Suggestions
from app.browsing.searching.rewriting import find_rewritings
from app.browsing.sentences import say_lengths
from app.models import Dataset

_MOST = 5


def find_suggestions(db: Session, indexes: BrowseIndexes, dataset: Dataset, filters: Filters) -> Suggestions:
    with indexes.using(db, dataset) as index:
        everything = index.everything
    # Nobody is kept waiting while texts are looked up.
    found = find_rewritings(db, everything, filters.search) if filters.search and everything else {}
    with indexes.using(db, dataset) as index:
        searches = []
        for q, hits in found.items():
            rewritten = filters.from_start(q=q)
            searches.append(Suggestion(q, rewritten.query_string(), len(index.select(rewritten, hits).ids)))
        fewer = [
            Suggestion(label, less.query_string(), _count(db, index, less))
            for label, less in _with_fewer(filters, index.facets)
        ]
    return Suggestions(_best(searches), _best(fewer))


def _count(db: Session, index: DatasetIndex, filters: Filters) -> int:
    return len(index.select(filters, index.matching(db, filters.search)).ids)


def _best(suggestions: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    some = [suggestion for suggestion in suggestions if suggestion.count]
    return tuple(sorted(some, key=lambda suggestion: -suggestion.count)[:_MOST])


def _with_fewer(filters: Filters, facets: Sequence[Facet]) -> Iterator[tuple[str, Filters]]:
    """How it is said, and what is left."""
    for facet in facets:
        if facet.name in filters.names:
            chosen, excluded = (
                {name: values for name, values in given.items() if name != facet.name}
                for given in (filters.chosen, filters.excluded)
            )
            yield (
                f"without {facet.title}: {_values(facet, filters)}",
                filters.from_start(chosen=chosen, excluded=excluded),
            )
    if lengths := say_lengths(filters.min_length, filters.max_length):
        yield f"without Length: {lengths}", filters.from_start(min_length=None, max_length=None)
    if filters.q and (filters.names or lengths):
        yield "without the search", filters.from_start(q="")
    if filters.q and len(filters.names) + bool(lengths) > 1:
        yield "the search alone", Filters(q=filters.q, sort=filters.sort, limit=filters.limit, view=filters.view)


def _values(facet: Facet, filters: Filters) -> str:
    labels = [facet.by_value[value].label for value in filters.chosen.get(facet.name, ())]
    labels += [f"not {facet.by_value[value].label}" for value in filters.excluded.get(facet.name, ())]
    return either(labels)
