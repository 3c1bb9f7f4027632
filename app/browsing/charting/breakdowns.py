"""The charts of a dataset's page, one function each; None where the dataset has nothing to show in it."""

from collections.abc import Sequence

from app.browsing.charting.charts import (
    Bar,
    BarChart,
    Cell,
    Count,
    Grid,
    GridRow,
    Heading,
    Series,
    shade_of,
    shade_scale,
)
from app.browsing.charting.populations import Pair, Population
from app.browsing.facets import UNKNOWN, Value
from app.terms.taxonomy import HarmCategory

_TONES = ("t0", "t1", "t2", "t3", "t4", "t5")


def facet_chart(population: Population, facet: str, title: str = "", skip: Sequence[str] = ()) -> BarChart | None:
    """One bar per value; nothing when no entry has any."""
    bars = [
        Bar(value.label, value.hint, population.count(value.label, (facet, value.value)))
        for value in population.values(facet)
        if value.value not in skip
    ]
    if not any(bar.total.count for bar in bars):
        return None
    return BarChart(title or population.title(facet), "entries", population.size, tuple(bars))


def origin_chart(population: Population) -> BarChart | None:
    """Splits and source models against each other, as far as there are more than one of them."""
    splits = [] if "split" in population.filters.chosen else population.values("split")
    sources = population.values("source")
    if len(splits) < 2:
        return facet_chart(population, "source", "Entries per source model")
    if not sources:
        return facet_chart(population, "split", "Entries per split")
    series = _series(splits)
    bars = [_divided(population, "all models", "", (), "split", series, splits)]
    bars += [_divided(population, s.label, s.hint, (("source", s.value),), "split", series, splits) for s in sources]
    note = "" if sum(bar.total.count for bar in bars[1:]) <= population.size else _TWO_MODELS
    return BarChart("Entries per source model and split", "entries", population.size, tuple(bars), series, note)


_TWO_MODELS = "An entry whose responses are of two models counts for both."


def _series(values: Sequence[Value]) -> tuple[Series, ...]:
    return tuple(Series(value.label, _TONES[place % len(_TONES)]) for place, value in enumerate(values))


def _divided(
    population: Population,
    label: str,
    hint: str,
    whole: tuple[Pair, ...],
    facet: str,
    series: Sequence[Series],
    values: Sequence[Value],
) -> Bar:
    """One bar, divided by the values of a facet."""
    parts = (
        population.count(f"{label}, {one.label}", *whole, (facet, value.value), tone=one.tone)
        for one, value in zip(series, values, strict=True)
    )
    return Bar(label, hint, population.count(label, *whole), tuple(parts))


def severity_chart(population: Population, positions: Sequence[int]) -> BarChart | None:
    """Over responses: a bar of two holds those of both."""
    if len(positions) < 2 or not population.values("severity_0"):
        return facet_chart(population, "severity", "Severity")
    series = tuple(Series(f"response {position}", _TONES[position]) for position in positions)
    values = {v.value: v for position in positions for v in population.values(f"severity_{position}")}
    bars = tuple(_severity_bar(population, value, positions, series) for value in values.values())
    return BarChart("Severity per response", "responses", len(positions) * population.size, bars, series)


def _severity_bar(population: Population, value: Value, positions: Sequence[int], series: Sequence[Series]) -> Bar:
    parts = tuple(
        population.count(f"{one.label}, severity {value.label}", (f"severity_{position}", value.value), tone=one.tone)
        for position, one in zip(positions, series, strict=True)
    )
    return Bar(value.label, value.hint, Count(sum(part.count for part in parts), value.label), parts)


def category_chart(population: Population, categories: Sequence[HarmCategory]) -> BarChart | None:
    """Each category's entries, divided by their highest severity where severities are known."""
    if not any(population.number(("category", category.code)) for category in categories):
        return None
    severities = [value for value in population.values("severity") if _with_categories(population, categories, value)]
    if all(value.value == UNKNOWN for value in severities):
        severities = []
    series = tuple(Series(value.label, severity_tone(value)) for value in severities)
    bars = tuple(
        _divided(population, c.name, c.definition, (("category", c.code),), "severity", series, severities)
        for c in categories
    )
    note = "An entry counts for each of its categories"
    note += ", by its highest severity." if series else "."
    return BarChart("Harm categories", "entries", population.size, bars, series, note)


def _with_categories(population: Population, categories: Sequence[HarmCategory], severity: Value) -> bool:
    return any(population.number(("category", c.code), ("severity", severity.value)) for c in categories)


def severity_tone(severity: Value) -> str:
    return f"s{min(int(severity.value), 3)}" if severity.value.isdecimal() else "unknown"


def co_occurrence_grid(population: Population, categories: Sequence[HarmCategory]) -> Grid | None:
    """Which categories stand at the same entry; a pair stands once, below the diagonal."""
    together = [[_together(population, row, column) for column in categories[:n]] for n, row in enumerate(categories)]
    scale = shade_scale(max((count.count for counts in together for count in counts), default=0))
    if not scale:
        return None
    headings = [Heading(f"S{place}", category.name) for place, category in enumerate(categories, start=1)]
    rows = []
    for heading, category, counts in zip(headings, categories, together, strict=True):
        alone = Cell(population.count(category.name, ("category", category.code)), None)
        below = [Cell(count, shade_of(count.count, scale)) for count in counts]
        rows.append(GridRow(heading, (*below, alone, *[None] * (len(categories) - len(below) - 1))))
    return Grid("Categories that occur together", population.size, tuple(headings), tuple(rows), scale, _TOGETHER)


_TOGETHER = "Entries that have both categories; on the diagonal, those that have the one."


def _together(population: Population, row: HarmCategory, column: HarmCategory) -> Count:
    pairs = (("category", column.code), ("category", row.code))
    return population.count(f"{column.name} and {row.name}", *pairs)


def preference_grid(population: Population) -> Grid | None:
    better, safer = population.values("better"), population.values("safer")
    counts = [[_preferred(population, one, other) for other in safer] for one in better]
    scale = shade_scale(max((count.count for row in counts for count in row), default=0))
    if not scale:
        return None
    rows = (
        GridRow(Heading(f"{_side(value)} is better"), tuple(Cell(count, shade_of(count.count, scale)) for count in row))
        for value, row in zip(better, counts, strict=True)
    )
    columns = tuple(Heading(f"{_side(value)} is safer") for value in safer)
    return Grid("Better against safer", population.size, columns, tuple(rows), scale)


def _preferred(population: Population, better: Value, safer: Value) -> Count:
    label = f"{_side(better)} better, {_side(safer)} safer"
    return population.count(label, ("better", better.value), ("safer", safer.value))


def _side(value: Value) -> str:
    return "unknown which" if value.value == UNKNOWN else value.label
