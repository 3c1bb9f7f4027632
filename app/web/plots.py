"""Lines to be drawn, as points of an SVG."""

from dataclasses import dataclass

from app.sampling.acceptance import AcceptancePlan, curve

WIDTH, HEIGHT = 400, 160


@dataclass(frozen=True)
class Plot:
    """An operating characteristic curve: how likely a batch is accepted, by its error rate."""

    points: str  # of a polyline in a box of WIDTH x HEIGHT
    rows: tuple[tuple[float, float], ...]  # some of them, for the table: rate, probability
    up_to: float  # the error rate at the right end


def plot_curve(plan: AcceptancePlan) -> Plot:
    up_to = 0.5
    while up_to > 0.02 and plan.probability_of_acceptance(up_to / 2) < 0.01:
        up_to /= 2
    found = curve(plan, up_to)
    points = " ".join(f"{rate / up_to * WIDTH:.1f},{(1 - chance) * HEIGHT:.1f}" for rate, chance in found)
    return Plot(points, tuple(found[:: max(1, len(found) // 10)]), up_to)
