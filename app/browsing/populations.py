"""The entries that figures are about, counted by the same bitmaps as the list of entries."""

from collections.abc import Iterable
from functools import reduce
from operator import and_
from urllib.parse import urlencode

from pyroaring import BitMap

from app.browsing.charts import Count
from app.browsing.dataset_index import DatasetIndex
from app.browsing.facets import UNKNOWN, Value
from app.browsing.filters import Filters

Pair = tuple[str, str]  # facet and value, as in a query string


class Population:
    """All entries of a dataset, or those of one split."""

    def __init__(self, index: DatasetIndex, split: str | None) -> None:
        self.index = index
        self.split = split
        self._within: list[Pair] = [] if split is None else [("split", split)]
        self._chosen: dict[str, tuple[str, ...]] = {} if split is None else {"split": (split,)}
        self.ids = index.select(Filters(chosen=self._chosen)).ids
        self._known: dict[Pair, BitMap] = {}
        self._facets = {facet.name: facet for facet in index.facets}

    @property
    def size(self) -> int:
        return len(self.ids)

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
            self._known[facet, value] = self.ids & self.index.bitmap(facet, value)
        return self._known[facet, value]

    def count(self, label: str, *pairs: Pair, tone: str = "plain", also: Iterable[Pair] = ()) -> Count:
        """`also` belongs to the link only: it says how the list is to read the pairs."""
        return Count(self.number(*pairs), label, self.query(*pairs, *also), tone)

    def withdrawn(self) -> Count:
        """Entries that a later revision no longer has; of them nothing else is counted."""
        gone = self.index.select(Filters(chosen={**self._chosen, "withdrawn": ("yes",)})).ids
        return Count(len(gone), "withdrawn entries", self.query(("withdrawn", "yes")))

    def query(self, *pairs: Pair) -> str:
        return urlencode([*self._within, *pairs])
