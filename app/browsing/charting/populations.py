"""The entries that figures are about, counted by the same bitmaps as the list of entries."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import and_

from pyroaring import BitMap

from app.browsing.charting.charts import Count
from app.browsing.charting.narrowing import narrow
from app.browsing.engine.selection import Selection
from app.browsing.facets import UNKNOWN, Facet, Value
from app.browsing.filters import Filters

Pair = tuple[str, str]  # facet and value, as in a query string


class Population:
    """All entries of a dataset, or those of one split, or those of a list."""

    def __init__(self, selection: Selection, filters: Filters | None = None) -> None:
        """`filters` as they are to stand in links, where those of the selection are not."""
        self.index = selection.index
        self.filters = selection.filters if filters is None else filters
        self.ids = selection.ids
        self._known: dict[Pair, BitMap] = {}
        self._facets = {facet.name: facet for facet in self.index.facets}

    @property
    def size(self) -> int:
        return len(self.ids)

    @property
    def facets(self) -> Mapping[str, Facet]:
        return self._facets

    def values(self, facet: str) -> list[Value]:
        """Those that entries here have; none when the dataset has no such facet."""
        found = self._facets[facet].values if facet in self._facets else ()
        return [value for value in found if value.value != UNKNOWN or self.number((facet, UNKNOWN))]

    def title(self, facet: str) -> str:
        return self._facets[facet].title

    def number(self, *pairs: Pair) -> int:
        """Of entries that have all of these."""
        return len(reduce(and_, [self._having(*pair) for pair in pairs] or [self.ids]))

    def _having(self, facet: str, value: str) -> BitMap:
        if (facet, value) not in self._known:
            self._known[facet, value] = self.ids & self.index.with_withdrawn(facet, value)
        return self._known[facet, value]

    def count(self, label: str, *pairs: Pair, tone: str = "plain") -> Count:
        return Count(self.number(*pairs), label, self.query(*pairs), tone)

    def query(self, *pairs: Pair) -> str | None:
        """None when no list holds just the entries that have all of these."""
        filters: Filters | None = self.filters
        for pair in pairs:
            filters = filters and narrow(filters, *pair)
        return None if filters is None else filters.query_string(page=False)

    def withdrawn(self) -> Count:
        """Entries that a later revision no longer has; of them nothing else is counted."""
        filters = replace(self.filters, chosen={**self.filters.chosen, "withdrawn": ("yes",)})
        gone = self.index.select(filters).ids
        return Count(len(gone), "withdrawn entries", filters.query_string(page=False))
