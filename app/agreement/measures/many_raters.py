"""Agreement of any number of raters, of whom not everybody need have rated everything."""

from collections.abc import Hashable, Sequence

import numpy as np

from app.agreement.measures.measure import NO_PAIRS, ONE_VALUE, Measure, Ratings, undefined
from app.agreement.measures.tables import Counts, Distance, count_values, quadratic, values_of


def percent_agreement(ratings: Ratings) -> Measure:
    """The mean over entries of the share of pairs of raters that agree; entries with one rating say nothing."""
    counts = _paired(count_values(ratings, values_of(ratings)))
    if not len(counts):
        return undefined("Percent agreement", "percent-agreement", 0, NO_PAIRS)
    return Measure("Percent agreement", "percent-agreement", float(_agreeing(counts).mean()), len(counts))


def fleiss_kappa(ratings: Ratings) -> Measure:
    """For the same number of ratings of every entry (Fleiss 1971, Psychol. Bull. 76, 378-382)."""
    name, method = "Fleiss’ kappa", "fleiss-kappa"
    counts = _paired(count_values(ratings, values_of(ratings)))
    if not len(counts):
        return undefined(name, method, 0, NO_PAIRS)
    if len(set(counts.sum(1))) > 1:
        return undefined(name, method, len(counts), "Not every entry has the same number of ratings.")
    by_chance = float(((counts.sum(0) / counts.sum()) ** 2).sum())
    if np.isclose(by_chance, 1, atol=1e-12):
        return undefined(name, method, len(counts), ONE_VALUE)
    return Measure(name, method, (float(_agreeing(counts).mean()) - by_chance) / (1 - by_chance), len(counts))


def krippendorff_alpha(ratings: Ratings, distance: str | Distance = "nominal") -> Measure:
    """1 - D_o / D_e from the table of coincidences (Krippendorff 2011, Computing Krippendorff's Alpha-Reliability).

    `distance` is "nominal", "ordinal" (values in their order), or a function of two values.
    """
    name = "Krippendorff’s alpha" + (f", {distance}" if isinstance(distance, str) else ", of sets")
    method, values = "krippendorff-alpha", values_of(ratings)
    return alpha_of(_paired(count_values(ratings, values)), values, distance, name, method)


def alpha_of(
    counts: Counts,
    values: Sequence[Hashable],
    distance: str | Distance,
    name: str,
    method: str,
    weights: Counts | None = None,
) -> Measure:
    """Of entries with two ratings or more; `weights` say how often each entry counts, as a bootstrap draws them."""
    if not len(counts):
        return undefined(name, method, 0, NO_PAIRS)
    raters = counts.sum(1)
    weights = np.ones(len(counts)) if weights is None else weights
    scaled = counts * (weights / (raters - 1))[:, None]
    coincidences = scaled.T @ counts - np.diag(scaled.sum(0))
    margins = coincidences.sum(1)
    total = margins.sum()
    between = _distances(values, margins, distance)
    expected = float((np.outer(margins, margins) * between).sum() / (total - 1)) if total > 1 else 0.0
    if not expected:
        return undefined(name, method, len(counts), ONE_VALUE)
    return Measure(name, method, 1 - float((coincidences * between).sum()) / expected, len(counts))


def gwet_ac1(ratings: Ratings, values: Sequence[Hashable]) -> Measure:
    """For any number of raters, some missing (Gwet 2014, Handbook of Inter-Rater Reliability, 4th ed., ch. 5).

    `values` are all that might have been given, whether or not they were.
    """
    return _gwet(ratings, values, np.eye(len(values)), "Gwet’s AC1", "gwet-ac1")


def gwet_ac2(ratings: Ratings, values: Sequence[Hashable]) -> Measure:
    """AC1 with quadratic weights, for ordered values."""
    return _gwet(ratings, values, quadratic(len(values)), "Gwet’s AC2", "gwet-ac2")


def _gwet(ratings: Ratings, values: Sequence[Hashable], weights: Counts, name: str, method: str) -> Measure:
    counts = count_values(ratings, values)
    paired, rated = _paired(counts), counts[counts.sum(1) > 0]
    if not len(paired):
        return undefined(name, method, 0, NO_PAIRS)
    raters = paired.sum(1)
    agreeing = (paired * (paired @ weights - 1)).sum(1) / (raters * (raters - 1))
    shares = (rated / rated.sum(1)[:, None]).mean(0)
    size = len(values)
    by_chance = float(weights.sum() / max(size * (size - 1), 1) * (shares * (1 - shares)).sum())
    if np.isclose(by_chance, 1, atol=1e-12):
        return undefined(name, method, len(paired), ONE_VALUE)
    return Measure(name, method, (float(agreeing.mean()) - by_chance) / (1 - by_chance), len(paired))


def _paired(counts: Counts) -> Counts:
    """Entries with two ratings at least."""
    paired: Counts = counts[counts.sum(1) >= 2]
    return paired


def _agreeing(counts: Counts) -> Counts:
    """The share of pairs of raters that agree, of each entry."""
    raters = counts.sum(1)
    shares: Counts = ((counts * counts).sum(1) - raters) / (raters * (raters - 1))
    return shares


def _distances(values: Sequence[Hashable], margins: Counts, distance: str | Distance) -> Counts:
    size = len(values)
    if callable(distance):
        return np.array([[float(distance(one, other)) for other in values] for one in values], dtype=np.float64)
    if distance == "nominal":
        return np.asarray(1 - np.eye(size), dtype=np.float64)
    reach = np.cumsum(margins) - margins / 2  # Krippendorff's ordinal metric: ranks between, with half of the ends
    squared: Counts = (reach[:, None] - reach[None, :]) ** 2
    return squared
