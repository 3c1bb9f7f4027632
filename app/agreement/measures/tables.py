"""Counts that measures are made of."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.agreement.measures.measure import Ratings

Counts = NDArray[np.float64]
Distance = Callable[[Any, Any], float]


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


def values_of(ratings: Ratings) -> list[Any]:
    """Those that occur, in their order."""
    found = {value for given in ratings for value in given if value is not None}
    return sorted(found, key=lambda value: (str(type(value)), value if isinstance(value, (int, float)) else str(value)))


def quadratic(size: int) -> Counts:
    """Weights of agreement between ordered values: 1 - (i - j)^2 / (k - 1)^2 (Cohen 1968)."""
    places = np.arange(size)
    return 1 - (places[:, None] - places[None, :]) ** 2 / max(size - 1, 1) ** 2
