"""The browse engine: one roaring bitmap of entry ids per facet value, so that every count is an exact intersection."""

from array import array
from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.facets import UNKNOWN, Facet, facets_of
from app.browsing.filters import Filters
from app.browsing.orders import Order, make_order, order_by_value
from app.browsing.postings import Postings
from app.browsing.rows import (
    find_changed_entries,
    find_review_facts,
    find_reviewer_names,
    find_touched_entries,
    newest_event,
    search_ids,
)
from app.browsing.search import Search, match_all, match_any
from app.browsing.selection import Selection
from app.browsing.shape import Shape

_REMEMBERED = 128
_NOTHING = BitMap()
_NAMED_BY_DATA = ("split", "subset", "source", "prompt_source")
# Nearly every entry is unreviewed, without a flag and there: those are what is left when the others are taken away.
_DEFAULTS = {"status": "unreviewed", "flag": "no", "outdated": "no", "withdrawn": "no"}
_OTHERS = {
    "status": ("in_review", "reviewed", "disputed", "adjudicated"),
    "flag": ("yes",),
    "outdated": ("yes",),
    "withdrawn": ("yes",),
}


class Lru(OrderedDict[object, BitMap]):
    def remember(self, key: object, make: Callable[[], BitMap]) -> BitMap:
        if key not in self:
            self[key] = make()
            if len(self) > _REMEMBERED:
                self.popitem(last=False)
        self.move_to_end(key)
        return self[key]


@dataclass
class DatasetIndex:
    dataset_id: int
    data_version: int
    shape: Shape
    everything: BitMap
    labels: Postings
    lengths: "array[int]"  # of everything, by id
    distinct_prompts: int
    has_hashes: bool
    event_id: int = -1  # how far the event log has been followed
    reviews: Postings = field(default_factory=lambda: defaultdict(lambda: defaultdict(BitMap)))
    facets: tuple[Facet, ...] = ()
    withdrawn: BitMap = field(init=False)
    all: BitMap = field(init=False)  # but the withdrawn ones
    _orders: dict[str, Order] = field(default_factory=dict)
    _texts: Lru = field(default_factory=Lru)
    _ranked: Lru = field(default_factory=Lru)
    _by_length: Lru = field(default_factory=Lru)

    def __post_init__(self) -> None:
        self.withdrawn = self.labels.get("withdrawn", {}).get("yes", _NOTHING)
        self.all = self.everything - self.withdrawn if self.withdrawn else self.everything

    def bitmap(self, facet: str, value: str) -> BitMap:
        """Entries that have the value, without the withdrawn ones."""
        found = self.with_withdrawn(facet, value)
        return found & self.all if self.withdrawn else found

    def with_withdrawn(self, facet: str, value: str) -> BitMap:
        if value == _DEFAULTS.get(facet):
            return self.everything - BitMap.union(*(self._posting(facet, other) for other in _OTHERS[facet]))
        return self._posting(facet, value)

    def _posting(self, facet: str, value: str) -> BitMap:
        if facet in self.labels:
            return self.labels[facet].get(value, _NOTHING)
        return self.reviews[facet][value] if facet in self.reviews else _NOTHING

    def status(self, entry_id: int) -> str:
        reviewed = (status for status in _OTHERS["status"] if entry_id in self._posting("status", status))
        return next(reviewed, _DEFAULTS["status"])

    def shows(self, facet: Facet, filters: Filters) -> bool:
        """A rare facet is shown when some entry of the dataset has it, or when it is asked for."""
        return not facet.is_rare or facet.name in filters.chosen or bool(self._posting(facet.name, "yes"))

    def select(self, filters: Filters, texts: BitMap | None = None) -> Selection:
        base = self.everything if texts is None else self.everything & texts
        if filters.min_length is not None or filters.max_length is not None:
            base = base & self.between(filters.min_length, filters.max_length)
        passed = {name: self._passed(filters, name, values) for name, values in filters.chosen.items()}
        if self.withdrawn and "withdrawn" not in passed:
            passed["withdrawn"] = self.all
        return Selection(self, filters, base, passed)

    def _passed(self, filters: Filters, name: str, values: tuple[str, ...]) -> BitMap:
        bitmaps = [self.with_withdrawn(name, value) for value in values]
        return BitMap.intersection(*bitmaps) if filters.narrows(name) else BitMap.union(*bitmaps)

    def between(self, least: int | None, most: int | None) -> BitMap:
        """Entries with so many characters, withdrawn ones too."""
        return self._by_length.remember((least, most), lambda: self._find_between(least, most))

    def _find_between(self, least: int | None, most: int | None) -> BitMap:
        order = self.order("length")
        assert order is not None  # noqa: S101 - only "position" has none

        def shortness(entry_id: int) -> int:
            return -self.lengths[self.everything.rank(entry_id) - 1]

        start = 0 if most is None else bisect_left(order.ids, -most, key=shortness)
        stop = len(order.ids) if least is None else bisect_right(order.ids, -least, key=shortness)
        return BitMap(order.ids[start:stop])

    def order(self, sort: str) -> Order | None:
        if sort == "position":
            return None
        if sort not in self._orders:
            self._orders[sort] = self._by_severity() if sort == "severity" else self._longest_first()
        return self._orders[sort]

    def _longest_first(self) -> Order:
        return make_order(array("I", self.everything), self.lengths)

    def _by_severity(self) -> Order:
        postings = self.labels.get("severity", {})
        levels = sorted((int(value) for value in postings if value != UNKNOWN), reverse=True)
        return order_by_value(postings[value] for value in [*map(str, levels), UNKNOWN] if value in postings)

    def ranked(self, ids: BitMap, order: Order, key: object) -> BitMap:
        return self._ranked.remember((key, self.event_id), lambda: order.ranked(ids))

    def matching(self, db: Session, search: Search | None) -> BitMap | None:
        """Entries whose texts match; None when nothing is searched for. Texts change only with the data version."""
        if search is None or not search.terms:
            return None
        if not search.can_match:
            return _NOTHING
        hits = self.everything
        if search.wanted:
            wanted = match_all(search.wanted)
            hits = self._texts.remember(wanted, lambda: search_ids(db, wanted))
        if search.unwanted:
            unwanted = match_any(search.unwanted)
            hits = hits - self._texts.remember(unwanted, lambda: search_ids(db, unwanted))
        return hits

    def follow(self, db: Session) -> None:
        """Takes in every review event since the last time."""
        newest = newest_event(db)
        if newest <= self.event_id:  # another request, with a later view of the database, was here first
            return
        if self.event_id < 0:
            changed = find_touched_entries(db, self.dataset_id)
        else:
            changed = find_changed_entries(db, self.dataset_id, self.event_id)
        self._take_in(db, changed)
        self.facets = self._make_facets(find_reviewer_names(db))
        self.event_id = newest

    def _take_in(self, db: Session, entry_ids: list[int]) -> None:
        ids = BitMap(entry_ids)
        for values in self.reviews.values():
            for bitmap in values.values():
                bitmap -= ids
        for entry_id, facts in find_review_facts(db, entry_ids).items():
            for facet, value in facts.facet_values(has_labels=bool(self.shape.label_fields)):
                self.reviews[facet][value].add(entry_id)

    def _make_facets(self, reviewers: list[str]) -> tuple[Facet, ...]:
        found = {facet: sorted(self.labels.get(facet, ())) for facet in _NAMED_BY_DATA}
        unknown = frozenset(facet for facet, values in self.labels.items() if UNKNOWN in values)
        return facets_of(
            self.shape, found={**found, "reviewer": reviewers}, unknown=unknown, has_hashes=self.has_hashes
        )
