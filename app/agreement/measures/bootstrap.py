"""Intervals by drawing the prompts again: pairs of one prompt are judged alike, so they are drawn together."""

from collections.abc import Callable, Sequence

import numpy as np

from app.agreement.measures.intervals import Interval
from app.agreement.measures.tables import Counts, Places

DRAWS = 1_000
Statistic = Callable[[Counts], float | None]


def bootstrap_intervals(
    prompts: Places, rows: Places, statistics: Sequence[Statistic], seed: int, draws: int = DRAWS
) -> list[tuple[Interval | None, int]]:
    """95 % percentile intervals (Efron 1979), each with the draws its statistic was undefined in, which are left out.

    Of each entry its prompt and its row (entries that were rated alike share one), as numbers from 0; a statistic takes
    how often each row counts. None where it is undefined in more than half of the draws, or there is one prompt only.
    """
    count = int(prompts.max()) + 1 if len(prompts) else 0
    if count < 2:
        return [(None, 0)] * len(statistics)
    generator = np.random.default_rng(seed)
    found: list[list[float]] = [[] for _ in statistics]
    for _ in range(draws):
        times = np.bincount(generator.integers(0, count, count), minlength=count)
        weights: Counts = np.bincount(rows, times[prompts]).astype(np.float64)
        for values, statistic in zip(found, statistics, strict=True):
            value = statistic(weights)
            if value is not None:
                values.append(value)
    return [_limits(values, draws) for values in found]


def _limits(values: Sequence[float], draws: int) -> tuple[Interval | None, int]:
    if len(values) < draws / 2:
        return None, draws - len(values)
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(float(low), float(high)), draws - len(values)
