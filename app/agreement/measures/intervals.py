"""Intervals of a share: small functions with their formula's source."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Interval:
    low: float
    high: float


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Score interval of a binomial proportion without continuity correction (Wilson 1927, JASA 22, 209-212).

    Raises ValueError unless 0 <= successes <= n and n > 0.
    """
    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    centre = share + z**2 / (2 * n)
    half = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (centre - half) / scale, (centre + half) / scale
    # Exactly 0 and 1 at the ends: the formula gives them up to rounding.
    return Interval(0.0 if successes == 0 else low, 1.0 if successes == n else high)


def clopper_pearson_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """Exact interval of a binomial proportion (Clopper and Pearson 1934, Biometrika 26, 404-413).

    Raises ValueError unless 0 <= successes <= n and n > 0.
    """
    from scipy.stats import beta

    if not 0 <= successes <= n or n == 0:
        raise ValueError(f"{successes} of {n} is no proportion")
    tail = (1 - confidence) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes == n else float(beta.ppf(1 - tail, successes + 1, n - successes))
    return Interval(low, high)
