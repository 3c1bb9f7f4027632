"""How many entries a simple random sample needs, and how sure one is after so many (Cochran 1977, sections 4.4-4.5)."""

from math import ceil, sqrt
from statistics import NormalDist

from app.errors import InvalidInput


def sample_size(half_width: float, rate: float, population: int, confidence: float = 0.95) -> int:
    """Entries for an interval of `rate` plus or minus `half_width`, both as shares; normal approximation with the
    finite population correction.

    Raises InvalidInput for what is no share.
    """
    _check(rate, confidence)
    if not 0 < half_width < 1:
        raise InvalidInput("The half-width is more than 0 and less than 100 %.", "half_width")
    of_any = _z(confidence) ** 2 * rate * (1 - rate) / half_width**2
    return min(population, max(1, ceil(of_any / (1 + (of_any - 1) / population)))) if population else 0


def half_width(n: int, rate: float, population: int, confidence: float = 0.95) -> float | None:
    """To be expected of a sample of `n`; None where nothing can be said of it."""
    _check(rate, confidence)
    if n < 1 or population < 1:
        return None
    correction = (population - n) / (population - 1) if population > 1 else 0.0
    return _z(confidence) * sqrt(max(correction, 0.0) * rate * (1 - rate) / n)


def _check(rate: float, confidence: float) -> None:
    if not 0 < rate < 1:
        raise InvalidInput("The guessed rate is more than 0 and less than 100 %.", "rate")
    if not 0.5 <= confidence < 1:
        raise InvalidInput("The confidence is from 50 to less than 100 %.", "confidence")


def _z(confidence: float) -> float:
    return NormalDist().inv_cdf((1 + confidence) / 2)
