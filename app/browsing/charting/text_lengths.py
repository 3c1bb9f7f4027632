"""How long the entries' texts are, as a histogram whose every bar is a range of lengths."""

from itertools import pairwise

from app.browsing.charting.charts import Bar, BarChart, Count, round_width
from app.browsing.charting.narrowing import narrow_lengths
from app.browsing.charting.populations import Population

_BINS = 12
_LOOKED_AT = 10_000  # lengths that the bins are chosen by
_NOTE = "In characters: an entry's prompt and responses together."
_TAIL = 0.99  # of the entries are shorter than where the last bin begins, or about so


def length_chart(population: Population) -> BarChart | None:
    edges = _edges(population)
    if len(edges) < 2:
        return None
    bars = [_bar(population, low, high) for low, high in pairwise([edges[0] or None, *edges[1:], None])]
    while bars and not bars[-1].total.count:
        bars.pop()
    return BarChart("Length of the texts", "entries", population.size, tuple(bars), note=_NOTE, name="length")


def _bar(population: Population, low: int | None, high: int | None) -> Bar:
    """The first and the last one are open, so that each entry is in one of them."""
    most = None if high is None else high - 1
    label = _label(low or 0, most)
    number = population.ids.intersection_cardinality(population.index.between(low, most))
    query = narrow_lengths(population.filters, low, most).query_string(page=False)
    return Bar(label, "", Count(number, f"{label} characters", query))


def _label(low: int, most: int | None) -> str:
    if most is None:
        return f"{low:,} and more"
    return f"{low:,} to {most:,}" if most > low else f"{low:,}"


def _edges(population: Population) -> list[int]:
    """The same for all populations but those of certain lengths, so that they can be compared."""
    lengths, filters = population.index.lengths, population.filters
    sample = sorted(lengths[:: max(1, len(lengths) // _LOOKED_AT)])
    least, most = filters.min_length or 0, filters.max_length
    seen = [int(length) for length in sample if least <= length and (most is None or length <= most)]
    if not seen or seen[0] == seen[-1]:
        return []
    low, high = seen[0], seen[min(int(_TAIL * len(seen)), len(seen) - 1)]
    width = round_width(max(1, -(-(high - low) // _BINS)))
    first = 0 if low < 2 * width else low // width * width
    return list(range(first, high + width, width))
