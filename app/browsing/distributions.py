"""The distribution of every facet within a list of entries; each bar leads to the list narrowed by it."""

from collections.abc import Iterator, Sequence

from pyroaring import BitMap

from app.browsing.breakdowns import severity_tone
from app.browsing.charts import Bar, BarChart, Count
from app.browsing.crossing import most_common
from app.browsing.facets import Facet, Value
from app.browsing.populations import Population
from app.browsing.text_lengths import length_chart

# Of these an entry may have several values.
SEVERAL = {
    "category": "categories",
    "relation": "relations",
    "contradiction": "contradictions",
    "verdict": "verdicts",
    "reviewer": "reviewers",
    "source": "source models",
}
NOT_ASKED = "A number without a link is of entries that have a chosen value and this one besides: no list asks for both."


def distributions(population: Population) -> Iterator[BarChart]:
    """Nothing of a facet that no entry here has a value of."""
    for facet in population.facets.values():
        if population.index.shows(facet, population.filters) and (chart := _distribution(population, facet)):
            yield chart
    if lengths := length_chart(population):
        yield lengths


def _distribution(population: Population, facet: Facet) -> BarChart | None:
    bitmaps = {value: population.having(facet.name, value.value) for value in facet.values}
    totals = {value: len(bitmap) for value, bitmap in bitmaps.items()}
    if not any(totals.values()):
        return None
    shown = most_common([value for value in facet.values if totals[value] or not value.is_rare], totals)
    chosen = population.filters.chosen.get(facet.name, ())
    bars = tuple(_bar(population, facet.name, value, totals[value], value.value in chosen) for value in shown)
    having = len(BitMap.union(*bitmaps.values()))
    note = " ".join(_notes(facet, bars, list(totals.values()), having, population.size))
    return BarChart(facet.title, "entries", population.size, bars, note=note, name=facet.name)


def _bar(population: Population, facet: str, value: Value, total: int, selected: bool) -> Bar:
    tone = severity_tone(value) if facet.startswith("severity") else "plain"
    count = Count(total, value.label, population.query((facet, value.value)), tone)
    return Bar(value.label, value.hint, count, selected=selected)


def _notes(facet: Facet, bars: Sequence[Bar], totals: Sequence[int], having: int, size: int) -> Iterator[str]:
    if sum(totals) > having:
        yield counted_for_each(facet)
    if having < size:
        yield f"{size - having:,} {'has' if size - having == 1 else 'have'} none."
    if left := sum(map(bool, totals)) - sum(bool(bar.total.count) for bar in bars):
        yield f"{left:,} values that fewer entries have are left out."
    if any(bar.total.count and bar.total.query is None for bar in bars):
        yield NOT_ASKED


def counted_for_each(facet: Facet) -> str:
    return f"An entry counts for each of its {SEVERAL[facet.name]}."
