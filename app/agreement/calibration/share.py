"""A share with what it stands on."""

from dataclasses import dataclass

from app.agreement.measures.intervals import Interval, wilson_interval


@dataclass(frozen=True)
class Share:
    count: int
    n: int

    @property
    def value(self) -> float | None:
        return self.count / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """95 % Wilson."""
        return wilson_interval(self.count, self.n) if self.n else None
