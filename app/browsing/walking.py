"""A whole list of entries from first to last, for whoever reads it long after the index was let go."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.index import BrowseIndexes
from app.browsing.engine.ordered import OrderedEntries
from app.browsing.engine.selection import DEFAULTS, OTHERS
from app.browsing.opinions import NOBODYS
from app.browsing.queries import Pairs, find_place, select
from app.browsing.query_strings import parse_filters
from app.models import Dataset


@dataclass(frozen=True)
class ReviewStates:
    """Of all entries of a list at one moment."""

    by_status: Mapping[str, BitMap]  # but the unreviewed ones, which are most
    flagged: BitMap
    own: BitMap | None = None  # the entries of which others' opinions may be told; None: of all

    def status(self, entry_id: int) -> str:
        """Empty where it must not be told."""
        found = next((status for status, ids in self.by_status.items() if entry_id in ids), DEFAULTS["status"])
        return found if found == NOBODYS or self.own is None or entry_id in self.own else ""


@dataclass(frozen=True)
class Walk:
    ordered: OrderedEntries
    start: int
    states: ReviewStates

    def chunks(self, size: int) -> Iterator[list[int]]:
        for start in range(self.start, len(self.ordered), size):
            yield self.ordered.slice(start, start + size)


def walk_entries(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs) -> Walk:
    """From where the query's place in the list is; raises InvalidInput for one that cannot be read."""
    with indexes.using(db, dataset, query=query) as index:
        filters = parse_filters(query, index.facets)
        selection = select(db, index, filters)
        return Walk(
            selection.in_order,
            find_place(selection.in_order, filters).start,
            ReviewStates(
                {status: index.with_withdrawn("status", status) & selection.ids for status in OTHERS["status"]},
                index.flagged & selection.ids,
                None if index.own is None else index.own & selection.ids,
            ),
        )
