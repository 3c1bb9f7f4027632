"""The entries that a list's filters let through, how many have each value, and in which order they stand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyroaring import BitMap

from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.orders import OrderedEntries

if TYPE_CHECKING:
    from app.browsing.dataset_index import DatasetIndex


@dataclass
class Selection:
    index: "DatasetIndex"
    filters: Filters
    base: BitMap  # what search and length let through
    passed: dict[str, BitMap]  # what each chosen facet lets through
    ids: BitMap = field(init=False)

    def __post_init__(self) -> None:
        self.ids = self._without(None)

    def _without(self, facet: str | None) -> BitMap:
        return _intersection(self.base, (bitmap for name, bitmap in self.passed.items() if name != facet))

    def counts(self, facet: Facet) -> dict[str, int]:
        """Exact, and without the facet's own filter, so that other values can be added."""
        adds = facet.name in self.passed and not self.filters.narrows(facet.name)
        base = self._without(facet.name) if adds else self.ids
        return {
            value.value: base.intersection_cardinality(self.index.with_withdrawn(facet.name, value.value))
            for value in facet.values
        }

    def in_order(self) -> OrderedEntries:
        order = self.index.order(self.filters.sort)
        ranks = self.ids if order is None else self.index.ranked(self.ids, order, self.filters.key)
        return OrderedEntries(ranks, order)


def _intersection(base: BitMap, others: Iterable[BitMap]) -> BitMap:
    for other in others:
        base = base & other
    return base
