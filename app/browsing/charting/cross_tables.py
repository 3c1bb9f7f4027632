"""Two facets crossed, as a table to be drawn: shares, shades, and where each number leads."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.browsing.charting.charts import Count, Shade, shade_of, shade_scale
from app.browsing.charting.crossing import Axis, Cross
from app.browsing.charting.distributions import NOT_ASKED, counted_for_each
from app.browsing.charting.populations import Population
from app.browsing.facets import Facet, Value

SHARES = {"all": "of all", "row": "of its row", "column": "of its column"}


@dataclass(frozen=True)
class CrossCell:
    count: Count
    share: float
    step: int = 0  # of shade


@dataclass(frozen=True)
class CrossRow:
    value: Value
    cells: tuple[CrossCell, ...]
    total: CrossCell


@dataclass(frozen=True)
class Legend:
    step: int  # of shade
    label: str


@dataclass(frozen=True)
class CrossTable:
    rows: Facet
    columns: Facet
    values: tuple[Value, ...]  # of the columns
    body: tuple[CrossRow, ...]
    totals: tuple[CrossCell, ...]
    total: int
    legend: tuple[Legend, ...]
    notes: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.rows.title} by {self.columns.title[0].lower()}{self.columns.title[1:]}"


def cross_table(population: Population, found: Cross, share: str) -> CrossTable:
    """`population` knows the filters that each number narrows."""
    levels = [[_level(found, share, row, column) for column in _places(found.columns)] for row in _places(found.rows)]
    scale = shade_scale(max((level for row in levels for level in row), default=0), power=2 if share == "all" else 1)
    body = tuple(
        _row(population, found, share, row, [shade_of(n, scale) for n in levels[row]]) for row in _places(found.rows)
    )
    totals = tuple(_total(population, found, found.columns, place) for place in _places(found.columns))
    return CrossTable(
        found.rows.facet,
        found.columns.facet,
        found.columns.values,
        body,
        totals,
        found.total,
        legend=tuple(Legend(shade.step, _range(shade, share)) for shade in scale),
        notes=tuple(_notes(found, body)),
    )


def _places(axis: Axis) -> range:
    return range(len(axis.values))


def _row(population: Population, found: Cross, share: str, row: int, steps: Sequence[int]) -> CrossRow:
    cells = (
        CrossCell(_count(population, found, row, column), _share(found, share, row, column), steps[column])
        for column in _places(found.columns)
    )
    return CrossRow(found.rows.values[row], tuple(cells), _total(population, found, found.rows, row))


def _count(population: Population, found: Cross, row: int, column: int) -> Count:
    across, along = found.rows.values[row], found.columns.values[column]
    query = population.query((found.rows.facet.name, across.value), (found.columns.facet.name, along.value))
    return Count(found.counts[row][column], f"{across.label}, {along.label}", query)


def _total(population: Population, found: Cross, axis: Axis, place: int) -> CrossCell:
    value = axis.values[place]
    count = Count(axis.totals[place], value.label, population.query((axis.facet.name, value.value)))
    return CrossCell(count, count.share(found.total))


def _share(found: Cross, share: str, row: int, column: int) -> float:
    of = {"all": found.total, "row": found.rows.totals[row], "column": found.columns.totals[column]}[share]
    return found.counts[row][column] / of if of else 0.0


def _level(found: Cross, share: str, row: int, column: int) -> int:
    """What a cell is shaded by: how many it counts or, where rows or columns are compared, per mille."""
    count = found.counts[row][column]
    return count if share == "all" or not count else max(1, round(1000 * _share(found, share, row, column)))


def _range(shade: Shade, share: str) -> str:
    if share == "all":
        return f"{shade.least:,} to {shade.most:,}" if shade.most > shade.least else f"{shade.least:,}"
    return f"{shade.least / 10:.1f} to {shade.most / 10:.1f} %"


def _notes(found: Cross, body: Sequence[CrossRow]) -> Iterator[str]:
    axes = (found.rows,) if found.rows.facet == found.columns.facet else (found.rows, found.columns)
    for axis in axes:
        title = axis.facet.title.lower()
        if axis.overlaps:
            yield counted_for_each(axis.facet)
        if axis.without:
            has, stand = ("has", "it stands") if axis.without == 1 else ("have", "they stand")
            yield f"{axis.without:,} of the {found.total:,} entries {has} no {title}: {stand} in the total only."
        if axis.left_out:
            yield f"{axis.left_out:,} values of {title} are left out: those that fewest entries have."
    if any(cell.count.count and cell.count.query is None for row in body for cell in (*row.cells, row.total)):
        yield NOT_ASKED
