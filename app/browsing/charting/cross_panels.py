"""Which two facets of a list are crossed, and the ways from there to other ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from app.browsing.charting.cross_tables import SHARES, CrossTable, cross_table
from app.browsing.charting.crossing import cross, get_facet
from app.browsing.charting.populations import Population
from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.selection import Selection
from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.pages import LinkedChoice
from app.errors import InvalidInput

# What people ask first; the first few are offered of those whose facets tell entries apart.
OFFERED = 8
USEFUL = (
    ("category", "severity"),
    ("source", "safety"),
    ("better", "safer"),
    ("category", "prompt_source"),
    ("category", "source"),
    ("severity_0", "severity_1"),
    ("category", "category"),
    ("prompt_source", "safety"),
    ("subset", "safety"),
    ("split", "safety"),
    ("split", "prompt_source"),
    ("prompt_source", "relation"),
)


@dataclass(frozen=True)
class CrossView:
    """As a query string says it: an empty name leaves the choice to the dataset."""

    rows: str = ""
    columns: str = ""
    share: str = "all"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        given = {"rows": self.rows, "columns": self.columns, "share": "" if self.share == "all" else self.share}
        return tuple((name, value) for name, value in given.items() if value)


@dataclass(frozen=True)
class CrossPanel:
    table: CrossTable
    facets: tuple[Facet, ...]  # to choose rows and columns from
    useful: tuple[LinkedChoice, ...]
    shares: tuple[LinkedChoice, ...]
    swapped: str  # the query string with rows for columns
    hidden: tuple[tuple[str, str], ...]  # what a form that chooses others keeps


PARAMETERS = ("rows", "columns", "share")


def parse_view(pairs: Sequence[tuple[str, str]]) -> CrossView:
    """Of a query string, whose other parameters are left alone."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in PARAMETERS and value:
            if name in given:
                raise InvalidInput(f"{name} can be given once only.", name)
            given[name] = value
    share = given.get("share", "all")
    if share not in SHARES:
        raise InvalidInput(f"{share[:60]!r} is no value of share. Valid are: {', '.join(SHARES)}.", "share")
    return CrossView(**given)


def cross_panel(selection: Selection, filters: Filters, view: CrossView) -> CrossPanel | None:
    """None where no two facets tell entries apart, and none were asked for."""
    telling = [facet for facet in selection.index.facets if _tells(selection.index, facet)]
    axes = _axes(selection.index, telling, view)
    if axes is None:
        return None
    rows, columns = axes
    found = cross(selection, rows, columns)
    links = _Links(filters, CrossView(rows.name, columns.name, view.share))
    return CrossPanel(
        cross_table(Population(selection, filters), found, view.share),
        facets=tuple(facet for facet in selection.index.facets if facet in telling or facet in axes),
        useful=tuple(links.useful(telling)),
        shares=tuple(links.shares()),
        swapped=links.to(rows=columns.name, columns=rows.name),
        hidden=links.hidden(),
    )


def _tells(index: DatasetIndex, facet: Facet) -> bool:
    """Some entries have one of its values and others do not."""
    counts = (index.all.intersection_cardinality(index.with_withdrawn(facet.name, v.value)) for v in facet.values)
    return any(0 < count < len(index.all) for count in counts)


def _axes(index: DatasetIndex, telling: Sequence[Facet], view: CrossView) -> tuple[Facet, Facet] | None:
    asked = [get_facet(index.facets, name, p) for name, p in ((view.rows, "rows"), (view.columns, "columns")) if name]
    if len(asked) == 2:
        return asked[0], asked[1]
    by_name = {facet.name: facet for facet in (*telling, *asked)}
    for rows, columns in _pairings(list(by_name)):
        if view.rows in ("", rows) and view.columns in ("", columns):
            return by_name[rows], by_name[columns]
    return None


def _pairings(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The useful ones first."""
    useful = [pair for pair in USEFUL if set(pair) <= set(names)]
    yield from useful
    yield from ((columns, rows) for rows, columns in useful)
    yield from permutations(names, 2)


@dataclass(frozen=True)
class _Links:
    filters: Filters
    view: CrossView

    def to(self, **changes: str) -> str:
        view = replace(self.view, **changes)
        return replace(self.filters, view=view.pairs).query_string(page=False)

    def useful(self, telling: Sequence[Facet]) -> Iterator[LinkedChoice]:
        titles = {facet.name: facet.title for facet in telling}
        for rows, columns in [pair for pair in USEFUL if set(pair) <= titles.keys()][:OFFERED]:
            label = f"{titles[rows]} × {titles[columns].lower()}"
            selected = (rows, columns) == (self.view.rows, self.view.columns)
            yield LinkedChoice(f"{rows}-{columns}", label, self.to(rows=rows, columns=columns), selected)

    def shares(self) -> Iterator[LinkedChoice]:
        for share, label in SHARES.items():
            yield LinkedChoice(share, label, self.to(share=share), share == self.view.share)

    def hidden(self) -> tuple[tuple[str, str], ...]:
        kept = replace(self.filters, view=CrossView(share=self.view.share).pairs)
        return (*kept.pairs_without_search(), *((("q", kept.q),) if kept.q else ()))
