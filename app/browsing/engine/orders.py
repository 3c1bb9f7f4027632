"""What a list can be sorted by: applied to a selection, each gives its entries in that order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap

from app.browsing.engine.bitmaps import bitmap_of, bitmap_of_different, ids_of
from app.browsing.engine.ordered import ById, ByRank, Cursor, OrderedEntries

if TYPE_CHECKING:
    import numpy as np

    from app.browsing.engine.bitmaps import Ids

_NO_RANK = 2**32 - 1


@dataclass(frozen=True)
class Grouped:
    """The entries of the first group first, each group by id; no group has an entry of another."""

    groups: tuple[BitMap, ...]

    def apply(self, ids: BitMap) -> OrderedEntries:
        return OrderedEntries(tuple(ById(ids & group, group) for group in self.groups))


@dataclass(frozen=True)
class Ranking:
    """Entries in sorted order; those that are not among `ids` come after them, by id."""

    ids: "Ids"
    ranks: "Ids"  # of each id, counted from `first_id`
    first_id: int
    stamps: "np.ndarray[Any, Any] | None" = None  # of `ids`, falling: what they are sorted by, when that changes
    members: BitMap = field(default_factory=BitMap)

    def rank(self, entry_id: int) -> int | None:
        place = entry_id - self.first_id
        rank = int(self.ranks[place]) if 0 <= place < len(self.ranks) else _NO_RANK
        return None if rank == _NO_RANK else rank

    def apply(self, ids: BitMap) -> OrderedEntries:
        import numpy as np

        leading, size = ids & self.members, len(self.ids)
        if len(leading) == size:
            ranks = BitMap(range(size))
        else:
            ranks = bitmap_of_different(self.ranks[ids_of(leading) - np.uint32(self.first_id)], size)
        changing = None if self.stamps is None else self
        return OrderedEntries((ByRank(ranks, self), ById(ids - leading)), changing)

    def stamp(self, entry_id: int) -> int:
        """0 for those that come after."""
        rank = self.rank(entry_id)
        return 0 if rank is None or self.stamps is None else int(self.stamps[rank])

    def count_up_to(self, cursor: Cursor) -> int:
        """How many entries of the order are not after the cursor."""
        import numpy as np

        assert self.stamps is not None  # noqa: S101 - only such orders give cursors with one
        low, high = (int(np.searchsorted(-self.stamps, -(cursor.stamp or 0), side)) for side in ("left", "right"))
        return low + int(np.searchsorted(self.ids[low:high], cursor.entry_id, "right"))


Order = Grouped | Ranking


def rank_all(ids: Any, stamps: Any = None) -> Ranking:
    """`ids` as they are to stand; `stamps` belong to them and are falling."""
    import numpy as np

    in_order = np.asarray(ids, dtype=np.uint32)
    first = int(in_order.min()) if len(in_order) else 0
    ranks = np.full(int(in_order.max()) - first + 1 if len(in_order) else 0, _NO_RANK, dtype=np.uint32)
    ranks[in_order - np.uint32(first)] = np.arange(len(in_order), dtype=np.uint32)
    members = bitmap_of((np.flatnonzero(ranks != _NO_RANK) + first).astype(np.uint32))
    return Ranking(in_order, ranks, first, stamps, members)


def by_key(ids: BitMap, keys: Any) -> Ranking:
    """Highest key first, then by id; `keys[i]` belongs to the i-th id."""
    import numpy as np

    places = np.argsort(-np.asarray(keys, dtype=np.int64), kind="stable")
    return rank_all(ids_of(ids)[places])


def by_value(groups: Iterable[BitMap]) -> Grouped:
    return Grouped(tuple(groups))


def shuffled(ids: BitMap, seed: int) -> Ranking:
    """A Fisher-Yates shuffle by the Mersenne Twister, whose stream NumPy has frozen (NEP 19): the same everywhere."""
    import numpy as np

    return rank_all(np.random.RandomState(seed).permutation(ids_of(ids)))


def by_stamp(stamps: dict[int, int]) -> Ranking:
    """Latest first, then by id."""
    import numpy as np

    in_order = sorted(stamps, key=lambda entry_id: (-stamps[entry_id], entry_id))
    return rank_all(in_order, np.array([stamps[entry_id] for entry_id in in_order], dtype=np.int64))
