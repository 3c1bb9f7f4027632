"""Agreement of any number of raters, of whom not everybody need have rated everything.

Each measure is one of entries' ratings, and one of counts (a row for each entry, a column for each value) with weights
that say how often each entry counts, as a bootstrap draws them.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from app.agreement.measures.measure import NO_PAIRS, ONE_VALUE, Measure, Ratings, undefined
from app.agreement.measures.tables import Counts, Distances, Pairs, count_values, pair_values, quadratic, values_of

# From how often each value was given to how far each is from each.
Between = Callable[[Counts], Counts]


def percent_agreement(ratings: Ratings) -> Measure:
    """The mean over entries of the share of pairs of raters that agree; entries with one rating say nothing."""
    return percent_of(pair_values(ratings, values_of(ratings)))


def fleiss_kappa(ratings: Ratings) -> Measure:
    """For the same number of ratings of every entry (Fleiss 1971, Psychol. Bull. 76, 378-382)."""
    return fleiss_of(count_values(ratings, values_of(ratings)))


def krippendorff_alpha(ratings: Ratings, distance: str | Distances = "nominal") -> Measure:
    """1 - D_o / D_e from the table of coincidences (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).

    `distance` is "nominal", "ordinal" (values in their order), or a function from values to how far each is from each.
    """
    values = values_of(ratings)
    name = "Krippendorff’s alpha" + (f", {distance}" if isinstance(distance, str) else ", of sets")
    return alpha_of(pair_values(ratings, values), between_values(values, distance), name)


def gwet_ac1(ratings: Ratings, values: Sequence[Hashable]) -> Measure:
    """For any number of raters, some missing (Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., ch. 5).

    `values` are all that might have been given, whether or not they were.
    """
    return ac1_of(count_values(ratings, values))


def gwet_ac2(ratings: Ratings, values: Sequence[Hashable]) -> Measure:
    """AC1 with quadratic weights, for ordered values."""
    return ac2_of(count_values(ratings, values))


def percent_of(pairs: Pairs, weights: Counts | None = None) -> Measure:
    name, method, n = "Percent agreement", "percent-agreement", pairs.count(weights)
    if not n:
        return undefined(name, method, 0, NO_PAIRS)
    # Each entry counts the same, so its m shares of 1 / (m - 1) are a mean once divided by m.
    of_entry = np.bincount(pairs.entry, pairs.share, len(pairs.is_paired))[pairs.entry]
    agreeing = pairs.weighted(weights) / of_entry * (pairs.one == pairs.other)
    return Measure(name, method, float(agreeing.sum() / n), n)


def fleiss_of(counts: Counts, weights: Counts | None = None) -> Measure:
    name, method = "Fleiss’ kappa", "fleiss-kappa"
    counts, weights = _paired(counts, weights)
    n = round(weights.sum())
    if not n:
        return undefined(name, method, 0, NO_PAIRS)
    raters = counts.sum(1)
    if (raters != raters[0]).any():
        return undefined(name, method, n, "Not every entry has the same number of ratings.")
    by_chance = float(((weights @ counts / (weights @ raters)) ** 2).sum())
    if np.isclose(by_chance, 1, atol=1e-12):
        return undefined(name, method, n, ONE_VALUE)
    return Measure(name, method, (_observed(counts, weights) - by_chance) / (1 - by_chance), n)


def alpha_of(pairs: Pairs, between: Between, name: str, weights: Counts | None = None) -> Measure:
    method, n = "krippendorff-alpha", pairs.count(weights)
    if not n:
        return undefined(name, method, 0, NO_PAIRS)
    coincidences = pairs.weighted(weights)
    margins: Counts = np.bincount(pairs.one, coincidences, pairs.values).astype(np.float64)
    distances = between(margins)
    expected = float(margins @ distances @ margins / (margins.sum() - 1))
    if not expected:
        return undefined(name, method, n, ONE_VALUE)
    observed = float(coincidences @ distances[pairs.one, pairs.other])
    return Measure(name, method, 1 - observed / expected, n)


def ac1_of(counts: Counts, weights: Counts | None = None) -> Measure:
    return _gwet_of(counts, weights, np.eye(counts.shape[1]), "Gwet’s AC1", "gwet-ac1")


def ac2_of(counts: Counts, weights: Counts | None = None) -> Measure:
    return _gwet_of(counts, weights, quadratic(counts.shape[1]), "Gwet’s AC2", "gwet-ac2")


def between_values(values: Sequence[Any], distance: str | Distances) -> Between:
    if distance == "ordinal":
        return _ordinal
    fixed = distance(values) if callable(distance) else np.asarray(1 - np.eye(len(values)), dtype=np.float64)
    return lambda _: fixed


def _ordinal(margins: Counts) -> Counts:
    """Krippendorff's metric: the ranks between two values, with half of the ends."""
    reach = np.cumsum(margins) - margins / 2
    squared: Counts = (reach[:, None] - reach[None, :]) ** 2
    return squared


def _gwet_of(counts: Counts, weights: Counts | None, alike: Counts, name: str, method: str) -> Measure:
    paired, of_paired = _paired(counts, weights)
    n = round(of_paired.sum())
    if not n:
        return undefined(name, method, 0, NO_PAIRS)
    raters = paired.sum(1)
    agreeing = (paired * (paired @ alike - 1)).sum(1) / (raters * (raters - 1))
    rated, of_rated = _rated(counts, weights, 1)
    shares = of_rated @ (rated / rated.sum(1)[:, None]) / of_rated.sum()
    size = len(alike)
    by_chance = float(alike.sum() / max(size * (size - 1), 1) * (shares * (1 - shares)).sum())
    if np.isclose(by_chance, 1, atol=1e-12):
        return undefined(name, method, n, ONE_VALUE)
    return Measure(name, method, (float(of_paired @ agreeing / of_paired.sum()) - by_chance) / (1 - by_chance), n)


def _paired(counts: Counts, weights: Counts | None) -> tuple[Counts, Counts]:
    """Entries with two ratings at least."""
    return _rated(counts, weights, 2)


def _rated(counts: Counts, weights: Counts | None, at_least: int) -> tuple[Counts, Counts]:
    enough = counts.sum(1) >= at_least
    if weights is None:
        return counts[enough], np.ones(int(enough.sum()))
    enough &= weights > 0
    return counts[enough], weights[enough]


def _observed(counts: Counts, weights: Counts) -> float:
    """The share of pairs of raters that agree, a mean over entries."""
    raters = counts.sum(1)
    agreeing = ((counts * counts).sum(1) - raters) / (raters * (raters - 1))
    return float(weights @ agreeing / weights.sum())
