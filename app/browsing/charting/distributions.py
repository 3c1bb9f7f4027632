"""The distribution of every facet within a list of entries; each bar leads to the list narrowed by it."""

from collections.abc import Iterator, Sequence

from app.browsing.charting.breakdowns import severity_tone
from app.browsing.charting.charts import Bar, BarChart, Count
from app.browsing.charting.crossing import SEVERAL, Axis, axis
from app.browsing.charting.populations import Population
from app.browsing.charting.text_lengths import length_chart
from app.browsing.facets import Facet, Value

NOT_ASKED = (
    "A number without a link is of entries that have a chosen value and this one besides: no list asks for both."
)


def distributions(population: Population) -> Iterator[BarChart]:
    """Nothing of a facet that no entry here has a value of."""
    for facet in population.facets.values():
        if facet.values and population.index.shows(facet, population.filters):
            found = axis(population.index, population.ids, facet)
            if any(found.totals):
                yield _distribution(population, found)
    if lengths := length_chart(population):
        yield lengths


def _distribution(population: Population, found: Axis) -> BarChart:
    name = found.facet.name
    chosen = population.filters.chosen.get(name, ())
    bars = tuple(
        _bar(population, name, value, total, value.value in chosen)
        for value, total in zip(found.values, found.totals, strict=True)
    )
    note = " ".join(_notes(found, bars))
    return BarChart(found.facet.title, "entries", population.size, bars, note=note, name=name)


def _bar(population: Population, facet: str, value: Value, total: int, selected: bool) -> Bar:
    tone = severity_tone(value) if facet.startswith("severity") else "plain"
    count = Count(total, value.label, population.query((facet, value.value)), tone)
    return Bar(value.label, value.hint, count, selected=selected)


def _notes(found: Axis, bars: Sequence[Bar]) -> Iterator[str]:
    if found.overlaps:
        yield counted_for_each(found.facet)
    if found.without:
        yield f"{found.without:,} {'has' if found.without == 1 else 'have'} none."
    if found.left_out:
        yield f"{found.left_out:,} values that fewer entries have are left out."
    if any(bar.total.count and bar.total.query is None for bar in bars):
        yield NOT_ASKED


def counted_for_each(facet: Facet) -> str:
    return f"An entry counts for each of its {SEVERAL[facet.name]}."
