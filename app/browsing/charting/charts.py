"""Charts of counts, ready to be drawn: every number knows the list of entries behind it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

STEPS = 5  # shades of a grid


@dataclass(frozen=True)
class Count:
    count: int
    label: str
    query: str | None = None  # None when no one list of entries holds what is counted
    tone: str = "plain"  # how it is drawn

    def share(self, of: int) -> float:
        return self.count / of if of else 0.0


@dataclass(frozen=True)
class Series:
    label: str
    tone: str


@dataclass(frozen=True)
class Bar:
    label: str
    hint: str
    total: Count
    parts: tuple[Count, ...] = ()  # one per series
    selected: bool = False  # the list is filtered by it

    def places(self, largest: int) -> Iterator[tuple[Count, float, float]]:
        """Each part that is to be seen, with where it begins and how wide it is, in percent of the largest bar."""
        start = 0
        for part in self.parts or (self.total,):
            if part.count:
                yield part, round(100 * start / largest, 2), round(100 * part.count / largest, 2)
            start += part.count


@dataclass(frozen=True)
class BarChart:
    title: str
    unit: str  # what is counted: entries, responses
    of: int
    bars: tuple[Bar, ...]
    series: tuple[Series, ...] = ()
    note: str = ""
    name: str = ""  # of what is counted, as in a query string
    kind: Literal["bars"] = "bars"

    @property
    def largest(self) -> int:
        return max((bar.total.count for bar in self.bars), default=0) or 1


@dataclass(frozen=True)
class Heading:
    label: str
    name: str = ""  # when the label is but a short form


@dataclass(frozen=True)
class Cell:
    count: Count
    step: int | None  # of shade; None when it stands outside of the comparison


@dataclass(frozen=True)
class Shade:
    step: int  # 1 to STEPS
    least: int
    most: int


@dataclass(frozen=True)
class GridRow:
    heading: Heading
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Grid:
    """A heat map: how often two things come together."""

    title: str
    of: int
    columns: tuple[Heading, ...]
    rows: tuple[GridRow, ...]
    scale: tuple[Shade, ...]
    note: str = ""
    kind: Literal["grid"] = "grid"


@dataclass(frozen=True)
class ChartGroup:
    title: str
    charts: tuple[BarChart | Grid, ...]


def shade_scale(largest: int, power: int = 2) -> tuple[Shade, ...]:
    """Bounds grow with the square: a few counts are many times the others. A short scale has the strong shades."""
    bounds = sorted({largest * step**power // STEPS**power for step in range(STEPS + 1)})
    first = STEPS - len(bounds) + 2
    return tuple(Shade(first + n, low + 1, high) for n, (low, high) in enumerate(pairwise(bounds)))


def shade_of(count: int, scale: Sequence[Shade]) -> int:
    """0 for nothing."""
    return next((shade.step for shade in scale if shade.least <= count <= shade.most), 0)


def round_width(width: int) -> int:
    """The next number of the form 1, 2 or 5 with zeros: a step that people can read."""
    power: int = 10 ** (len(str(max(width, 1))) - 1)
    return next(power * digit for digit in (1, 2, 5, 10) if power * digit >= width)
