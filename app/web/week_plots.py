"""Shares week by week, as points with their intervals in an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.agreement.calibration.weeks import Week

WIDTH, HEIGHT = 400, 160


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    low: float
    high: float
    name: str


@dataclass(frozen=True)
class WeekPlot:
    """In a box of WIDTH x HEIGHT, from 0 to 100 %; weeks without a verdict leave a gap."""

    points: tuple[Point, ...]

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def plot_weeks(weeks: Sequence[Week]) -> WeekPlot | None:
    """None where there is nothing to be drawn."""
    decided = [week for week in weeks if week.agree.n]
    if not decided:
        return None
    first, last = decided[0].begins, decided[-1].begins
    span = (last - first).days
    points = []
    for week in decided:
        x = round(WIDTH * (week.begins - first).days / span, 1) if span else WIDTH / 2
        share, interval = week.agree.value or 0.0, week.agree.interval
        low, high = (interval.low, interval.high) if interval else (share, share)
        points.append(Point(x, _height(share), _height(low), _height(high), week.name))
    return WeekPlot(tuple(points))


def _height(share: float) -> float:
    return round(HEIGHT * (1 - share), 1)
