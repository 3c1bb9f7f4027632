"""Limits of an error rate that hold when errors are few and weights differ.

Korn and Graubard (1998, Survey Methodology 24, 193-201) put the effective sample size into the limits of Clopper and
Pearson. Alone that fails when strata are sampled unequally and errors are rare: those of a stratum in which each entry
stands for many are mostly not in the sample, and then not in the estimated variance either. So the upper limit is
computed, as Fay and Feuer (1997, Statistics in Medicine 16, 791-801) do for weighted rates, as if one more were wrong
where an entry stands for the most (and, of clusters, one of average size as a whole); for a simple random sample that
is the limit of Clopper and Pearson as it stands. Both limits are the mid-p ones (Fay and Kim 2017, Biometrical Journal
59, 549-566), because those of Clopper and Pearson cover more than they say. `make bench-statistics` compares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.agreement.estimation.tally import Tally
from app.agreement.measures.intervals import Interval


@dataclass(frozen=True)
class Beta:
    """A confidence distribution of a rate."""

    a: float
    b: float

    def cdf(self, rate: float) -> float:
        from scipy.special import betainc

        return float(betainc(self.a, self.b, rate))

    def quantile(self, probability: float) -> float:
        from scipy.special import betaincinv

        return float(betaincinv(self.a, self.b, probability))


def overall_rate(tallies: Sequence[Tally]) -> float:
    return sum(tally.size * tally.rate for tally in tallies) / sum(tally.size for tally in tallies)


def variance(tallies: Sequence[Tally]) -> float:
    overall = overall_rate(tallies)
    return sum(tally.size**2 * tally.variance(overall) for tally in tallies) / sum(tally.size for tally in tallies) ** 2


def effective_size(tallies: Sequence[Tally], confidence: float) -> float:
    """Of a simple random sample without finite population that would tell as much."""
    rate, n = overall_rate(tallies), sum(tally.entries for tally in tallies)
    spread = variance(tallies)
    if spread <= rate * (1 - rate) * 1e-12 or n == 1:
        # No stratum in which answers differ: what the weights alone tell (Kish 1965, 11.7).
        size = sum(tally.size for tally in tallies) ** 2 / sum(
            tally.size**2 * (1 - tally.fraction) * tally.weight_squares / tally.weight**2 for tally in tallies
        )
    else:
        size = rate * (1 - rate) / spread * n / (n - 1)
    return size * _for_few_units(tallies, n, confidence)


def _for_few_units(tallies: Sequence[Tally], n: int, confidence: float) -> float:
    """The variance is itself estimated, with fewer degrees of freedom than a simple random sample has."""
    from scipy.special import stdtrit

    freedom = sum(tally.units for tally in tallies) - len(tallies)
    if freedom == n - 1:
        return 1.0
    tail = (1 + confidence) / 2
    return float(stdtrit(n - 1, tail) / stdtrit(max(freedom, 1), tail)) ** 2


def midp_interval(tallies: Sequence[Tally], confidence: float) -> Interval:
    """For rates of at most a half; what is more common is mirrored by the caller."""
    if all(tally.fraction >= 1 for tally in tallies):
        return Interval(overall_rate(tallies), overall_rate(tallies))
    tail = (1 - confidence) / 2
    rate = overall_rate(tallies)
    more = _one_more_error(tallies)
    size = effective_size(more, confidence)
    above = Beta(overall_rate(more) * size, (1 - overall_rate(more)) * size + 1)
    if rate == 0:
        # The lower distribution has all its mass at 0, so half of all mass is there.
        return Interval(0.0, above.quantile(1 - 2 * tail))
    size = effective_size(tallies, confidence)
    below = Beta(rate * size, (1 - rate) * size + 1)
    return Interval(_quantile_of_both(below, above, tail), _quantile_of_both(below, above, 1 - tail))


def _one_more_error(tallies: Sequence[Tally]) -> list[Tally]:
    most = max(range(len(tallies)), key=lambda place: tallies[place].step)
    return [tally.with_one_more_error() if place == most else tally for place, tally in enumerate(tallies)]


def _quantile_of_both(below: Beta, above: Beta, probability: float) -> float:
    from scipy.optimize import brentq

    ends = sorted((below.quantile(probability), above.quantile(probability)))
    if ends[1] - ends[0] < 1e-15:
        return ends[0]
    found = brentq(lambda rate: (below.cdf(rate) + above.cdf(rate)) / 2 - probability, *ends, xtol=1e-15, rtol=1e-14)
    return float(found)
