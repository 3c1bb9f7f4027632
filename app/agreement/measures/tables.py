"""Counts that measures are made of."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.measure import Ratings

Counts = NDArray[np.float64]
Places = NDArray[np.int64]
Distances = Callable[[Sequence[Any]], Counts]  # of each of some values from each


def contingency(pairs: Sequence[tuple[Hashable, Hashable]], values: Sequence[Hashable]) -> Counts:
    """A square table: rows are the first rater's values, columns the second's, in the order of `values`."""
    places = {value: place for place, value in enumerate(values)}
    table = np.zeros((len(values), len(values)))
    for one, other in pairs:
        table[places[one], places[other]] += 1
    return table


def count_values(ratings: Ratings, values: Sequence[Hashable]) -> Counts:
    """A row for each entry, a column for each value: how many raters gave it."""
    places = {value: place for place, value in enumerate(values)}
    counts = np.zeros((len(ratings), len(values)))
    for row, given in enumerate(ratings):
        for value in given:
            if value is not None:
                counts[row, places[value]] += 1
    return counts


@dataclass(frozen=True)
class Pairs:
    """Every ordered pair of values that an entry was given, as places in a list of values."""

    entry: Places
    one: Places
    other: Places
    share: Counts  # 1 / (m - 1), m the entry's ratings: an entry's shares come to m
    is_paired: NDArray[np.bool_]  # of each entry
    values: int

    def count(self, weights: Counts | None) -> int:
        """Entries that say anything, each as often as it counts."""
        return round(float(self.is_paired.sum() if weights is None else weights[self.is_paired].sum()))

    def weighted(self, weights: Counts | None) -> Counts:
        """The share of each pair, as often as its entry counts."""
        return self.share if weights is None else self.share * weights[self.entry]


def pair_values(ratings: Ratings, values: Sequence[Hashable]) -> Pairs:
    places = {value: place for place, value in enumerate(values)}
    found = []
    is_paired = np.zeros(len(ratings), dtype=np.bool_)
    for entry, row in enumerate(ratings):
        given = [places[value] for value in row if value is not None]
        is_paired[entry] = len(given) > 1
        share = 1 / (len(given) - 1) if len(given) > 1 else 0.0
        found += [(entry, one, other, share) for one, other in permutations(given, 2)]
    entry_of, ones, others, shares = zip(*found, strict=True) if found else ((), (), (), ())
    whole = [np.array(column, dtype=np.int64) for column in (entry_of, ones, others)]
    return Pairs(whole[0], whole[1], whole[2], np.array(shares, dtype=np.float64), is_paired, len(values))


def values_of(ratings: Ratings) -> list[Any]:
    """Those that occur, in their order."""
    found = {value for given in ratings for value in given if value is not None}
    return sorted(found, key=lambda value: (str(type(value)), value if isinstance(value, (int, float)) else str(value)))


def quadratic(size: int) -> Counts:
    """Weights of agreement between ordered values: 1 - (i - j)^2 / (k - 1)^2 (Cohen 1968)."""
    places = np.arange(size)
    return 1 - (places[:, None] - places[None, :]) ** 2 / max(size - 1, 1) ** 2
