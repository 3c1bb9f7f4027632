"""How long the entries' texts are, as a histogram whose every bar is a range of lengths."""

from itertools import pairwise

from app.browsing.charts import Bar, BarChart, Count, round_width
from app.browsing.dataset_index import DatasetIndex
from app.browsing.populations import Population

_BINS = 12
_LOOKED_AT = 10_000  # lengths that the width of the bins is chosen by
_NOTE = "In characters: an entry's prompt and responses together."
_TAIL = 0.99  # of the entries are shorter than where the last bin begins, or about so


def length_chart(population: Population) -> BarChart | None:
    edges = _edges(population.index)
    if len(edges) < 2:
        return None
    bars = [_bar(population, low, high) for low, high in pairwise(edges)]
    bars.append(_bar(population, edges[-1], None))
    while bars and not bars[-1].total.count:
        bars.pop()
    return BarChart("Length of the texts", "entries", population.size, tuple(bars), note=_NOTE)


def _bar(population: Population, low: int, high: int | None) -> Bar:
    label = f"{low:,} and more" if high is None else f"{low:,} to {high - 1:,}" if high - 1 > low else f"{low:,}"
    bounds = [("min_length", str(low))] if low else []
    if high is not None:
        bounds.append(("max_length", str(high - 1)))
    number = population.ids.intersection_cardinality(population.index.between(low, None if high is None else high - 1))
    return Bar(label, "", Count(number, f"{label} characters", population.query(*bounds)))


def _edges(index: DatasetIndex) -> list[int]:
    """The same for every split, so that they can be compared."""
    lengths = index.lengths
    seen = sorted(lengths[:: max(1, len(lengths) // _LOOKED_AT)])
    if not seen or seen[0] == seen[-1]:
        return []
    low, high = min(lengths), seen[min(int(_TAIL * len(seen)), len(seen) - 1)]
    width = round_width(max(1, -(-(high - low) // _BINS)))
    first = 0 if low < 2 * width else low // width * width
    return list(range(first, high + width, width))
