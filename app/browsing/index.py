"""The browse engine: one roaring bitmap of entry ids per facet value, so that every count is an exact intersection.

Labels change only by an import, which gives the dataset a new data version; then the index is built anew. Review
facets follow the event log, whose ids are in commit order: each request first takes in what is new.
"""

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import RLock

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.facets import UNKNOWN, Facet, facets_of
from app.browsing.filters import Filters
from app.browsing.orders import Order, OrderedEntries, make_order
from app.browsing.postings import Labels, Postings, collect_postings
from app.browsing.rows import (
    find_changed_entries,
    find_label_rows,
    find_review_facts,
    find_reviewer_names,
    find_touched_entries,
    newest_event,
    search_ids,
)
from app.browsing.search import Search, match_all, match_any
from app.models import Dataset, Taxonomy

_REMEMBERED = 128
_NOTHING = BitMap()


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
    taxonomy: Taxonomy
    all: BitMap
    labels: Postings
    sort_keys: dict[str, "array[int]"]  # sort -> one key per entry, by id
    event_id: int = -1  # how far the event log has been followed
    reviews: Postings = field(default_factory=lambda: defaultdict(lambda: defaultdict(BitMap)))
    facets: tuple[Facet, ...] = ()
    _orders: dict[str, Order] = field(default_factory=dict)
    _texts: Lru = field(default_factory=Lru)
    _ranked: Lru = field(default_factory=Lru)

    def bitmap(self, facet: str, value: str) -> BitMap:
        if value == _DEFAULTS.get(facet):
            return self.all - BitMap.union(*(self._review_bitmap(facet, v) for v in _OTHERS[facet]))
        return self.labels.get(facet, {}).get(value) or self._review_bitmap(facet, value)

    def status(self, entry_id: int) -> str:
        reviewed = (status for status in _OTHERS["status"] if entry_id in self._review_bitmap("status", status))
        return next(reviewed, _DEFAULTS["status"])

    def _review_bitmap(self, facet: str, value: str) -> BitMap:
        return self.reviews[facet][value] if facet in self.reviews else _NOTHING

    def select(self, filters: Filters, texts: BitMap | None = None) -> "Selection":
        passed = {
            name: BitMap.union(*(self.bitmap(name, value) for value in values))
            for name, values in filters.chosen.items()
        }
        return Selection(self, filters, self.all if texts is None else self.all & texts, passed)

    def order(self, sort: str) -> Order | None:
        if sort == "position":
            return None
        if sort not in self._orders:
            self._orders[sort] = make_order(array("I", self.all), self.sort_keys[sort])
        return self._orders[sort]

    def ranked(self, ids: BitMap, order: Order, key: object) -> BitMap:
        return self._ranked.remember((key, self.event_id), lambda: order.ranked(ids))

    def matching(self, db: Session, search: Search | None) -> BitMap | None:
        """Entries whose texts match; None when nothing is searched for. Texts change only with the data version."""
        if search is None or not search.terms:
            return None
        if not search.can_match:
            return _NOTHING
        hits = self.all
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
            for facet, value in facts.facet_values():
                self.reviews[facet][value].add(entry_id)

    def _make_facets(self, reviewers: list[str]) -> tuple[Facet, ...]:
        return facets_of(
            self.taxonomy,
            splits=self._values("split"),
            subsets=self._values("subset"),
            sources=self._values("source"),
            prompt_sources=self._values("prompt_source"),
            reviewers=reviewers,
            unknown=frozenset(facet for facet, values in self.labels.items() if UNKNOWN in values),
        )

    def _values(self, facet: str) -> list[str]:
        return sorted(self.labels.get(facet, ()))


# Nearly every entry is unreviewed and without a flag: those are what is left when the others are taken away.
_DEFAULTS = {"status": "unreviewed", "flag": "no"}
_OTHERS = {"status": ("in_review", "reviewed", "disputed", "adjudicated"), "flag": ("yes",)}


@dataclass
class Selection:
    """The entries that each chosen facet lets through, and those that all of them do."""

    index: DatasetIndex
    filters: Filters
    base: BitMap  # what the search lets through
    passed: dict[str, BitMap]
    ids: BitMap = field(init=False)

    def __post_init__(self) -> None:
        self.ids = self._without(None)

    def _without(self, facet: str | None) -> BitMap:
        return _intersection(self.base, (bitmap for name, bitmap in self.passed.items() if name != facet))

    def counts(self, facet: Facet) -> dict[str, int]:
        """Exact, and without the facet's own filter, so that other values can be added."""
        base = self._without(facet.name) if facet.name in self.passed else self.ids
        return {
            value.value: base.intersection_cardinality(self.index.bitmap(facet.name, value.value))
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


class BrowseIndexes:
    """The indexes of this process, one per dataset, each brought up to date when it is asked for."""

    def __init__(self) -> None:
        self.lock = RLock()
        self._indexes: dict[int, DatasetIndex] = {}

    def current(self, db: Session, dataset: Dataset) -> DatasetIndex:
        """Hold `lock` while using what this returns: another request may bring it further."""
        with self.lock:
            index = self._indexes.get(dataset.id)
            if index is None or index.data_version != dataset.data_version:
                index = self._indexes[dataset.id] = build_index(db, dataset)
            index.follow(db)
            return index


def build_index(db: Session, dataset: Dataset) -> DatasetIndex:
    ids_by_labels: dict[Labels, array[int]] = defaultdict(lambda: array("I"))
    ids_by_mask: dict[int, array[int]] = defaultdict(lambda: array("I"))
    ids, lengths, severities = array("I"), array("q"), array("b")
    for entry_id, length, mask, labels in find_label_rows(db, dataset.id):
        ids.append(entry_id)
        ids_by_labels[labels].append(entry_id)
        ids_by_mask[mask].append(entry_id)
        lengths.append(length)
        severities.append(-1 if labels.severity is None else labels.severity)
    return DatasetIndex(
        dataset_id=dataset.id,
        data_version=dataset.data_version,
        taxonomy=dataset.taxonomy,
        all=BitMap(ids),
        labels=collect_postings(ids_by_labels, ids_by_mask, dataset.taxonomy),
        sort_keys={"length": lengths, "severity": severities},
    )
