"""Sorted lists of entries as bitmaps of ranks: `bitmap[a:b]` finds a page at any depth at the same cost.

NumPy is imported when a list is first sorted: a server that only pages through positions starts and stays smaller.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

if TYPE_CHECKING:
    import numpy as np

    Ids = np.ndarray[Any, np.dtype[np.uint32]]

_NO_RANK = 2**32 - 1
_FEW = 50
_NOTHING = BitMap()


@dataclass(frozen=True)
class Order:
    """Entries in sorted order; those that are not among `ids` come after them, by id."""

    ids: "Ids"
    ranks: "Ids"  # of each id, counted from `first_id`
    first_id: int
    stamps: "np.ndarray[Any, Any] | None" = None  # of `ids`, falling: what they are sorted by, when that changes
    members: BitMap = field(default_factory=BitMap)

    def rank(self, entry_id: int) -> int:
        place = entry_id - self.first_id
        return int(self.ranks[place]) if 0 <= place < len(self.ranks) else _NO_RANK

    def apply(self, ids: BitMap) -> "OrderedEntries":
        import numpy as np

        leading = ids & self.members
        if len(leading) == len(self.ids):
            return OrderedEntries(BitMap(range(len(self.ids))), ids - leading, self)
        ranks = self.ranks[np.frombuffer(leading.to_array(), dtype=np.uint32) - np.uint32(self.first_id)]
        return OrderedEntries(BitMap(_sorted(ranks, len(self.ids))), ids - leading, self)


def _sorted(ranks: "Ids", of: int) -> "Ids":
    """Different numbers below `of`: to tick them off is faster than to sort them, unless they are few."""
    import numpy as np

    if len(ranks) < of // _FEW:
        return np.sort(ranks)
    ticked = np.zeros(of, dtype=bool)
    ticked[ranks] = True
    return np.flatnonzero(ticked).astype(np.uint32)


def make_order(ids: Any, stamps: Any = None) -> Order:
    """`ids` as they are to stand; `stamps` belong to them and are falling."""
    import numpy as np

    in_order = np.asarray(ids, dtype=np.uint32)
    first = int(in_order.min()) if len(in_order) else 0
    ranks = np.full(int(in_order.max()) - first + 1 if len(in_order) else 0, _NO_RANK, dtype=np.uint32)
    ranks[in_order - np.uint32(first)] = np.arange(len(in_order), dtype=np.uint32)
    return Order(in_order, ranks, first, stamps, BitMap(np.sort(in_order)))


def by_key(ids: BitMap, keys: Any) -> Order:
    """Highest key first, then by id; `keys[i]` belongs to the i-th id."""
    import numpy as np

    places = np.argsort(-np.asarray(keys, dtype=np.int64), kind="stable")
    return make_order(np.frombuffer(ids.to_array(), dtype=np.uint32)[places])


def by_value(groups: Iterable[BitMap]) -> Order:
    """The entries of the first group first, each group by id."""
    import numpy as np

    arrays = [np.frombuffer(group.to_array(), dtype=np.uint32) for group in groups]
    return make_order(np.concatenate(arrays) if arrays else [])


def shuffled(ids: BitMap, seed: int) -> Order:
    """A Fisher-Yates shuffle by the Mersenne Twister, whose stream NumPy has frozen (NEP 19): the same everywhere."""
    import numpy as np

    return make_order(np.random.RandomState(seed).permutation(np.frombuffer(ids.to_array(), dtype=np.uint32)))


def by_stamp(stamps: dict[int, int]) -> Order:
    """Latest first, then by id."""
    import numpy as np

    in_order = sorted(stamps, key=lambda entry_id: (-stamps[entry_id], entry_id))
    return make_order(in_order, np.array([stamps[entry_id] for entry_id in in_order], dtype=np.int64))


@dataclass(frozen=True)
class Cursor:
    """The last entry of a page, and where it stood if that may change: `after` in a query string."""

    entry_id: int
    stamp: int | None = None

    def __str__(self) -> str:
        return str(self.entry_id) if self.stamp is None else f"{self.entry_id}-{self.stamp}"


@dataclass(frozen=True)
class OrderedEntries:
    """A selection in an order."""

    leading: BitMap  # ranks
    rest: BitMap  # ids
    order: Order | None = None

    @classmethod
    def by_id(cls, ids: BitMap) -> "OrderedEntries":
        return cls(_NOTHING, ids)

    def __len__(self) -> int:
        return len(self.leading) + len(self.rest)

    def slice(self, start: int, stop: int) -> list[int]:
        start, stop, ranked = max(start, 0), max(stop, 0), len(self.leading)
        if self.order is None or not ranked:
            return list(self.rest[start:stop])
        ids = self.order.ids[list(self.leading[start:stop])].tolist() if start < ranked else []
        return ids + list(self.rest[max(start - ranked, 0) : max(stop - ranked, 0)])

    def place(self, entry_id: int) -> tuple[int, bool]:
        """How many of the selection stand before the entry, and whether it is itself one of them."""
        rank = _NO_RANK if self.order is None else self.order.rank(entry_id)
        if rank == _NO_RANK:
            inside = entry_id in self.rest
            return len(self.leading) + self.rest.rank(entry_id) - inside, inside
        inside = rank in self.leading
        return self.leading.rank(rank) - inside, inside

    def cursor(self, entry_id: int) -> Cursor:
        """Of an entry of the selection."""
        if self.order is None or self.order.stamps is None:
            return Cursor(entry_id)
        rank = self.order.rank(entry_id)
        return Cursor(entry_id, 0 if rank == _NO_RANK else int(self.order.stamps[rank]))

    def after(self, cursor: Cursor) -> int:
        """How many stand up to where the entry was when the cursor was made, so that none is shown twice."""
        if self.order is None or self.order.stamps is None or cursor.stamp is None:
            return sum(self.place(cursor.entry_id))
        if not cursor.stamp:
            return len(self.leading) + self.rest.rank(cursor.entry_id)
        before = _rank_of_stamp(self.order, cursor)
        return self.leading.rank(before - 1) if before else 0


def _rank_of_stamp(order: Order, cursor: Cursor) -> int:
    """How many entries of the order are not after the cursor."""
    import numpy as np

    assert order.stamps is not None  # noqa: S101 - only such orders give cursors with one
    low, high = (int(np.searchsorted(-order.stamps, -(cursor.stamp or 0), side)) for side in ("left", "right"))
    return low + int(np.searchsorted(order.ids[low:high], cursor.entry_id, "right"))
