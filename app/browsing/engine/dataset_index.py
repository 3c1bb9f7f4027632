"""The browse engine: one roaring bitmap of entry ids per facet value, so that every count is an exact intersection."""

from array import array
from collections import defaultdict
from copy import copy
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.bitmaps import bitmap_of, ids_of
from app.browsing.engine.ordered import ById, OrderedEntries
from app.browsing.engine.orders import Order, by_key, by_stamp, by_value, rank_all, shuffled
from app.browsing.engine.postings import Postings
from app.browsing.engine.remembering import Lru
from app.browsing.engine.rows import (
    find_changed_entries,
    find_review_facts,
    find_reviewer_names,
    find_touched_entries,
    newest_event,
    search_ids,
    search_in_order,
)
from app.browsing.engine.selection import DEFAULTS, OTHERS, Selection
from app.browsing.facets import UNKNOWN, Facet, facets_of
from app.browsing.filters import Filters
from app.browsing.opinions import NOBODYS, without_opinions
from app.browsing.searching.search import Search, match_all, match_any, parse_search
from app.browsing.shape import Shape

_NOTHING = BitMap()
_NAMED_BY_DATA = ("split", "subset", "source", "prompt_source")


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
    reviewed_at: dict[int, int] = field(default_factory=dict)  # microseconds, of the latest review
    facets: tuple[Facet, ...] = ()
    own: BitMap | None = None  # the entries of which others' opinions may be told; None: of all
    seen_by: str | None = None  # whose view of the index this is
    withdrawn: BitMap = field(init=False)
    all: BitMap = field(init=False)  # but the withdrawn ones
    _texts: Lru[BitMap] = field(init=False)
    _by_length: Lru[BitMap] = field(init=False)
    _selections: Lru[Selection] = field(init=False)
    _orders: Lru[Order] = field(init=False)
    _in_order: Lru[OrderedEntries] = field(init=False)

    def __post_init__(self) -> None:
        # A bitmap of n entries takes up to n / 8 bytes, an order 8 n.
        millions = max(len(self.everything) / 1_000_000, 1)
        self._texts, self._by_length = Lru(int(128 / millions)), Lru(int(64 / millions))
        self._selections, self._orders, self._in_order = Lru(int(64 / millions) + 1), Lru(4), Lru(24)
        self.withdrawn = self.labels.get("withdrawn", {}).get("yes", _NOTHING)
        self.all = self.everything - self.withdrawn if self.withdrawn else self.everything

    def bitmap(self, facet: str, value: str) -> BitMap:
        """Entries that have the value, without the withdrawn ones."""
        found = self.with_withdrawn(facet, value)
        return found & self.all if self.withdrawn else found

    def with_withdrawn(self, facet: str, value: str) -> BitMap:
        if value == DEFAULTS.get(facet):
            return self.everything - BitMap.union(*(self._posting(facet, other) for other in OTHERS[facet]))
        return self._posting(facet, value)

    def _posting(self, facet: str, value: str) -> BitMap:
        if facet in self.labels:
            return self.labels[facet].get(value, _NOTHING)
        return self.reviews[facet][value] if facet in self.reviews else _NOTHING

    def as_seen_by(self, reviewer: str) -> "DatasetIndex":
        """The same entries and labels; of others' opinions only what this reviewer may know, who has said their own."""
        view = copy(self)
        view.seen_by, view.own = reviewer, self.with_withdrawn("reviewer", reviewer)
        view.facets = without_opinions(self.facets, reviewer)
        return view

    def status(self, entry_id: int) -> str:
        """Empty where it must not be told."""
        reviewed = (status for status in OTHERS["status"] if entry_id in self._posting("status", status))
        found = next(reviewed, DEFAULTS["status"])
        return found if found == NOBODYS or self._may_tell(entry_id) else ""

    @property
    def flagged(self) -> BitMap:
        """As far as it may be told."""
        found = self.with_withdrawn("flag", "yes")
        return found if self.own is None else found & self.own

    def _may_tell(self, entry_id: int) -> bool:
        return self.own is None or entry_id in self.own

    def shows(self, facet: Facet, filters: Filters) -> bool:
        """A rare facet is shown when some entry of the dataset has it, or when it is asked for."""
        return not facet.is_rare or facet.name in filters.names or bool(self._posting(facet.name, "yes"))

    def select(self, filters: Filters, texts: BitMap | None = None) -> Selection:
        """`texts` are the entries that its search matches."""
        return self._selections.remember((self.seen_by, filters.key), lambda: self._select(filters, texts))

    def _select(self, filters: Filters, texts: BitMap | None) -> Selection:
        base = self.everything if texts is None else self.everything & texts
        if filters.min_length is not None or filters.max_length is not None:
            base = base & self.between(filters.min_length, filters.max_length)
        passed = {name: self._passed(filters, name) for name in filters.names}
        if self.withdrawn and "withdrawn" not in passed:
            passed["withdrawn"] = self.all
        return Selection(self, filters, base, passed)

    def _passed(self, filters: Filters, name: str) -> BitMap:
        chosen, excluded = (
            [self.with_withdrawn(name, value) for value in values.get(name, ())]
            for values in (filters.chosen, filters.excluded)
        )
        combine = BitMap.intersection if filters.narrows(name) else BitMap.union
        passed = combine(*chosen) if chosen else self.everything
        return passed - BitMap.union(*excluded) if excluded else passed

    def between(self, least: int | None, most: int | None) -> BitMap:
        """Entries with so many characters, withdrawn ones too."""
        return self._by_length.remember((least, most), lambda: self._find_between(least, most))

    def _find_between(self, least: int | None, most: int | None) -> BitMap:
        import numpy as np

        lengths = np.frombuffer(self.lengths, dtype=np.uint32)
        inside = (lengths >= (least or 0)) & (lengths <= (2**32 - 1 if most is None else min(most, 2**32 - 1)))
        return bitmap_of(ids_of(self.everything)[inside])

    def in_order(self, ids: BitMap, filters: Filters) -> OrderedEntries:
        order = self._order(filters)
        if order is None:
            return OrderedEntries((ById(ids),))
        return self._in_order.remember(filters.key, lambda: order.apply(ids))

    def _order(self, filters: Filters) -> Order | None:
        """None where the entries stand by id."""
        sort, search = filters.sort, filters.search
        if sort == "random":
            return self._orders.remember((sort, filters.seed), lambda: shuffled(self.everything, filters.seed))
        if sort == "relevance":
            return self._orders.get((sort, _ranked_by(search)))
        makers = {"length": self._longest_first, "severity": self._by_severity, "reviewed_at": self._latest_first}
        return self._orders.remember(sort, makers[sort]) if sort in makers else None

    def _longest_first(self) -> Order:
        return by_key(self.everything, self.lengths)

    def _by_severity(self) -> Order:
        postings = self.labels.get("severity", {})
        levels = sorted((int(value) for value in postings if value != UNKNOWN), reverse=True)
        return by_value(postings[value] for value in [*map(str, levels), UNKNOWN] if value in postings)

    def _latest_first(self) -> Order:
        return by_stamp(self.reviewed_at)

    def look_up(self, db: Session, typed: str, *, ranked: bool) -> None:
        """Finds the hits of a search, so that `matching` and `order` have them when nobody is to wait for them."""
        search = parse_search(typed)
        self.matching(db, search)
        if ranked:
            self.rank_hits(db, search)

    def rank_hits(self, db: Session, search: Search | None) -> None:
        """Makes the order by relevance; without words to find, entries are all equally relevant."""
        if wanted := _ranked_by(search):
            self._orders.remember(("relevance", wanted), lambda: self._most_relevant_first(db, wanted))

    def _most_relevant_first(self, db: Session, wanted: str) -> Order:
        import numpy as np

        hits = search_in_order(db, wanted)
        own = ids_of(self.everything & bitmap_of(hits))
        return rank_all(hits[np.isin(hits, own)])

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
        self._selections.clear()
        self._in_order.clear()
        self._orders.pop("reviewed_at", None)

    def _take_in(self, db: Session, entry_ids: list[int]) -> None:
        ids = BitMap(entry_ids)
        for values in self.reviews.values():
            for bitmap in values.values():
                bitmap -= ids
        for entry_id, facts in find_review_facts(db, entry_ids).items():
            for facet, value in facts.facet_values(has_labels=bool(self.shape.label_fields)):
                self.reviews[facet][value].add(entry_id)
            if facts.reviewed_at:
                self.reviewed_at[entry_id] = facts.reviewed_at
            else:
                self.reviewed_at.pop(entry_id, None)

    def _make_facets(self, reviewers: list[str]) -> tuple[Facet, ...]:
        found = {facet: sorted(self.labels.get(facet, ())) for facet in _NAMED_BY_DATA}
        unknown = frozenset(facet for facet, values in self.labels.items() if UNKNOWN in values)
        return facets_of(
            self.shape, found={**found, "reviewer": reviewers}, unknown=unknown, has_hashes=self.has_hashes
        )


def _ranked_by(search: Search | None) -> str:
    """Empty where there is nothing to find."""
    return match_all(search.wanted) if search else ""
