"""A selection of entries in an order, of which a page at any depth costs the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pyroaring import BitMap

if TYPE_CHECKING:
    from app.browsing.engine.orders import Ranking


@dataclass(frozen=True)
class Cursor:
    """The last entry of a page, and where it stood if that may change: `after` in a query string."""

    entry_id: int
    stamp: int | None = None

    def __str__(self) -> str:
        return str(self.entry_id) if self.stamp is None else f"{self.entry_id}-{self.stamp}"


class Part(Protocol):
    """Entries that stand together, after those of the part before."""

    def __len__(self) -> int: ...

    def slice(self, start: int, stop: int) -> list[int]: ...

    def owns(self, entry_id: int) -> bool:
        """Whether the entry would stand here, selected or not."""

    def place(self, entry_id: int) -> tuple[int, bool]:
        """How many of the part stand before the entry, and whether it is one of them."""


@dataclass(frozen=True)
class ById:
    ids: BitMap
    group: BitMap | None = None  # None: whatever no part before owns

    def __len__(self) -> int:
        return len(self.ids)

    def slice(self, start: int, stop: int) -> list[int]:
        return list(self.ids[start:stop])

    def owns(self, entry_id: int) -> bool:
        return self.group is None or entry_id in self.group

    def place(self, entry_id: int) -> tuple[int, bool]:
        inside = entry_id in self.ids
        return self.ids.rank(entry_id) - inside, inside


@dataclass(frozen=True)
class ByRank:
    ranks: BitMap
    ranking: "Ranking"

    def __len__(self) -> int:
        return len(self.ranks)

    def slice(self, start: int, stop: int) -> list[int]:
        ids: list[int] = self.ranking.ids[list(self.ranks[start:stop])].tolist() if start < len(self.ranks) else []
        return ids

    def owns(self, entry_id: int) -> bool:
        return self.ranking.rank(entry_id) is not None

    def place(self, entry_id: int) -> tuple[int, bool]:
        rank = self.ranking.rank(entry_id)
        assert rank is not None  # noqa: S101 - it is asked only of what it owns
        inside = rank in self.ranks
        return self.ranks.rank(rank) - inside, inside


@dataclass(frozen=True)
class OrderedEntries:
    parts: tuple[Part, ...]
    ranking: "Ranking | None" = None  # of the first part, when places in it may change

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    def slice(self, start: int, stop: int) -> list[int]:
        start, stop, found = max(start, 0), max(stop, 0), []
        for part in self.parts:
            found += part.slice(min(start, len(part)), min(stop, len(part)))
            start, stop = max(start - len(part), 0), max(stop - len(part), 0)
        return found

    def place(self, entry_id: int) -> tuple[int, bool]:
        """How many of the selection stand before the entry, and whether it is itself one of them."""
        before = 0
        for part in self.parts:
            if part.owns(entry_id):
                place, inside = part.place(entry_id)
                return before + place, inside
            before += len(part)
        return before, False

    def cursor(self, entry_id: int) -> Cursor:
        """Of an entry of the selection."""
        return Cursor(entry_id, None if self.ranking is None else self.ranking.stamp(entry_id))

    def after(self, cursor: Cursor) -> int:
        """How many stand up to where the entry was when the cursor was made, so that none is shown twice."""
        if self.ranking is None or cursor.stamp is None:
            return sum(self.place(cursor.entry_id))
        first, rest = self.parts
        if not cursor.stamp:
            return len(first) + sum(rest.place(cursor.entry_id))
        assert isinstance(first, ByRank)  # noqa: S101 - it has a ranking
        before = self.ranking.count_up_to(cursor)
        return first.ranks.rank(before - 1) if before else 0
