"""Intervals by drawing the prompts again: pairs of one prompt are judged alike, so they are drawn together."""

from collections.abc import Callable, Sequence

import numpy as np

from app.agreement.measures.intervals import Interval
from app.agreement.measures.tables import Counts

DRAWS = 1_000


def bootstrap_interval(
    clusters: Sequence[int], statistic: Callable[[Counts], float | None], seed: int, draws: int = DRAWS
) -> tuple[Interval | None, int]:
    """95 % percentile interval (Efron 1979), and how many draws the statistic was undefined in, which are left out.

    `clusters` says which prompt each entry has, as numbers from 0; `statistic` takes how often each entry counts.
    None where the statistic is undefined in more than half of the draws, or there is one prompt only.
    """
    of_entry = np.asarray(clusters)
    prompts = int(of_entry.max()) + 1 if len(of_entry) else 0
    if prompts < 2:
        return None, 0
    generator, found = np.random.default_rng(seed), []
    for _ in range(draws):
        times = np.bincount(generator.integers(0, prompts, prompts), minlength=prompts)
        value = statistic(times[of_entry].astype(float))
        if value is not None:
            found.append(value)
    if len(found) < draws / 2:
        return None, draws - len(found)
    low, high = np.quantile(found, [0.025, 0.975])
    return Interval(float(low), float(high)), draws - len(found)
