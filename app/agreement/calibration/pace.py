"""How long a reviewer takes for an entry."""

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate
from math import floor

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.agreement.calibration.looking import Look
from app.agreement.measures.intervals import Interval
from app.models import Review

Seconds = Counter[int | None]  # reviews by the seconds in which the reviewer was active; None: not measured


def find_seconds(db: Session, look: Look) -> Seconds:
    taken = look.reviews(Review.active_seconds, func.count()).group_by(Review.active_seconds)
    return Counter(dict(db.execute(taken).all()))


@dataclass(frozen=True)
class Pace:
    """In seconds. None where nothing was measured."""

    n: int
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    interval: Interval | None  # of the median; none of fewer than six reviews
    not_measured: int


def pace(seconds: Seconds) -> Pace:
    measured = sorted((value, count) for value, count in seconds.items() if value is not None)
    in_order = _InOrder([value for value, _ in measured], list(accumulate(count for _, count in measured)))
    lower, median, upper = (in_order.quantile(share) for share in (0.25, 0.5, 0.75))
    return Pace(in_order.n, median, lower, upper, _interval(in_order), seconds[None])


@dataclass(frozen=True)
class _InOrder:
    """Numbers in their order, each once, with how many there are up to it."""

    values: list[int]
    up_to: list[int]

    @property
    def n(self) -> int:
        return self.up_to[-1] if self.up_to else 0

    def at(self, place: int) -> int:
        """From 0."""
        return next(value for value, count in zip(self.values, self.up_to, strict=True) if place < count)

    def quantile(self, share: float) -> float | None:
        """Between the two nearest in proportion (type 7 of Hyndman and Fan 1996, American Statistician 50)."""
        if not self.n:
            return None
        where = share * (self.n - 1)
        below = floor(where)
        low, high = self.at(below), self.at(min(below + 1, self.n - 1))
        return low + (where - below) * (high - low)


def _interval(numbers: _InOrder) -> Interval | None:
    """95 % of the median, without assuming how times are spread (Conover 1999, section 3.2)."""
    from scipy.stats import binom

    n = numbers.n
    first = int(binom.ppf(0.025, n, 0.5)) if n else 0  # the first of the two, counted from 1
    return Interval(numbers.at(first - 1), numbers.at(n - first)) if first else None
