"""The entries that a list's filters let through, how many have each value, and in which order they stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyroaring import BitMap

from app.browsing.engine.ordered import OrderedEntries
from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.pages import FacetGroup

if TYPE_CHECKING:
    from app.browsing.engine.dataset_index import DatasetIndex

# Nearly every entry is unreviewed, without a flag and there: those are what is left when the others are taken away.
DEFAULTS = {"status": "unreviewed", "flag": "no", "outdated": "no", "withdrawn": "no"}
OTHERS = {
    "status": ("in_review", "reviewed", "disputed", "adjudicated"),
    "flag": ("yes",),  # whatever it is for
    "outdated": ("yes",),
    "withdrawn": ("yes",),
}


@dataclass
class Selection:
    """Remembered by the index until a review or an import changes what it says."""

    index: "DatasetIndex"
    filters: Filters
    base: BitMap  # what search and length let through
    passed: Mapping[str, BitMap]  # what each facet that is filtered by lets through
    groups: dict[object, tuple[FacetGroup, ...]] = field(default_factory=dict)  # as they were shown
    _counts: dict[str, dict[str, int]] = field(default_factory=dict)

    @cached_property
    def ids(self) -> BitMap:
        return self._without(None)

    def _without(self, facet: str | None) -> BitMap:
        return _intersection(self.base, (bitmap for name, bitmap in self.passed.items() if name != facet))

    def counts(self, facet: Facet) -> dict[str, int]:
        """Exact, and without the facet's own filter, so that other values can be added."""
        if facet.name not in self._counts:
            adds = facet.name in self.passed and not self.filters.narrows(facet.name)
            self._counts[facet.name] = self._count(facet, self._without(facet.name) if adds else self.ids)
        return self._counts[facet.name]

    def _count(self, facet: Facet, within: BitMap) -> dict[str, int]:
        default, counted = DEFAULTS.get(facet.name), within.intersection_cardinality
        counts = {
            value.value: 0 if value.value == default else counted(self.index.with_withdrawn(facet.name, value.value))
            for value in facet.values
        }
        if default in counts:
            others = (self.index.with_withdrawn(facet.name, value) for value in OTHERS[facet.name])
            counts[default] = len(within) - sum(map(counted, others))
        return counts

    @cached_property
    def in_order(self) -> OrderedEntries:
        return self.index.in_order(self.ids, self.filters)


def _intersection(base: BitMap, others: Iterable[BitMap]) -> BitMap:
    for other in others:
        base = base & other
    return base
