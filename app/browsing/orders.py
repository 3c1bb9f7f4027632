"""Sorted lists of entries as bitmaps of ranks: `bitmap[a:b]` finds a page at any depth at the same cost."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from pyroaring import BitMap

_NO_RANK = 2**32 - 1


@dataclass(frozen=True)
class Order:
    """The ids in sorted order, and the rank of each id, counted from `first_id`."""

    ids: "array[int]"
    ranks: "array[int]"
    first_id: int

    def rank(self, entry_id: int) -> int:
        place = entry_id - self.first_id
        return self.ranks[place] if 0 <= place < len(self.ranks) else _NO_RANK

    def ranked(self, ids: BitMap) -> BitMap:
        ranks, first = self.ranks, self.first_id
        return BitMap(array("I", [ranks[entry_id - first] for entry_id in ids]))


def make_order(ids: Sequence[int], keys: Sequence[int]) -> Order:
    """Highest key first, then by id; `keys[i]` belongs to `ids[i]`, and ids are ascending."""
    if not ids:
        return Order(array("I"), array("I"), 0)
    places = sorted(range(len(ids)), key=keys.__getitem__, reverse=True)  # stable: equal keys stay by id
    in_order = array("I", (ids[place] for place in places))
    return Order(in_order, _ranks(in_order, ids[0], ids[-1]), ids[0])


def order_by_value(groups: Iterable[BitMap]) -> Order:
    """The entries of the first group first, each group by id; together they are all there are."""
    in_order = array("I", chain.from_iterable(groups))
    first = min(in_order, default=0)
    return Order(in_order, _ranks(in_order, first, max(in_order, default=-1)), first)


def _ranks(in_order: "array[int]", first: int, last: int) -> "array[int]":
    ranks = array("I", [_NO_RANK]) * (last - first + 1)
    for rank, entry_id in enumerate(in_order):
        ranks[entry_id - first] = rank
    return ranks


@dataclass(frozen=True)
class OrderedEntries:
    """A selection in an order; without one the ids themselves are the ranks."""

    ranks: BitMap
    order: Order | None

    def __len__(self) -> int:
        return len(self.ranks)

    def slice(self, start: int, stop: int) -> list[int]:
        ranks = self.ranks[max(start, 0) : max(stop, 0)]
        return list(ranks) if self.order is None else [self.order.ids[rank] for rank in ranks]

    def place(self, entry_id: int) -> tuple[int, bool]:
        """How many of the selection stand before the entry, and whether it is itself one of them."""
        rank = entry_id if self.order is None else self.order.rank(entry_id)
        inside = rank in self.ranks
        return self.ranks.rank(rank) - inside, inside
