"""What every measure of agreement gives, and what it takes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from app.agreement.measures.intervals import Interval

# A list for each entry, in it a value for each rater; None where there is none.
Ratings = Sequence[Sequence[Hashable | None]]


@dataclass(frozen=True)
class Measure:
    """A value with what it stands on, or a sentence why there is none."""

    name: str
    method: str  # its anchor on /help/statistics
    value: float | None
    n: int  # entries that it is made of
    why_undefined: str = ""
    interval: Interval | None = None


def undefined(name: str, method: str, n: int, why: str) -> Measure:
    return Measure(name, method, None, n, why)


NO_PAIRS = "No entry has two ratings."
ONE_VALUE = "Every rating is the same value: by chance alone all would agree, so there is nothing to correct for."
