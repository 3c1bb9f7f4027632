"""The counts on a dataset's page, each a link to the entries behind it; the same counts as the browse page's."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.index import BrowseIndexes
from app.models import Dataset

SHOWN = (
    "split",
    "subset",
    "source",
    "prompt_source",
    "safety",
    "conflict",
    "relation",
    "category",
    "contradiction",
    "status",
)


@dataclass(frozen=True)
class Figure:
    label: str
    hint: str
    count: int
    share: float  # of `of`
    query: str | None  # None when no one filter shows what is counted


@dataclass(frozen=True)
class FigureTable:
    title: str
    unit: str  # what is counted: entries, responses
    of: int
    figures: tuple[Figure, ...]

    @property
    def largest(self) -> int:
        return max((figure.count for figure in self.figures), default=0) or 1


def find_figures(db: Session, indexes: BrowseIndexes, dataset: Dataset, split: str | None = None) -> list[FigureTable]:
    """Tables of the whole dataset, or of one split."""
    with indexes.lock:
        index = indexes.current(db, dataset)
        within: dict[str, tuple[str, ...]] = {} if split is None else {"split": (split,)}
        selection = index.select(Filters(chosen=within))
        total = len(selection.ids)
        facets = {facet.name: facet for facet in index.facets}
        counts = {name: selection.counts(facet) for name, facet in facets.items()}
    shown = [name for name in SHOWN if facets[name].values and name not in within]
    tables = [_table(facets[name], counts[name], total, within) for name in shown]
    tables.insert(-4, _severities(facets["severity_0"], counts, total))
    return tables


def find_splits(db: Session, indexes: BrowseIndexes, dataset: Dataset) -> list[str]:
    with indexes.lock:
        return [v.value for f in indexes.current(db, dataset).facets if f.name == "split" for v in f.values]


def _table(facet: Facet, counts: dict[str, int], total: int, within: dict[str, tuple[str, ...]]) -> FigureTable:
    figures = [
        Figure(
            value.label,
            value.hint,
            counts[value.value],
            counts[value.value] / total if total else 0.0,
            urlencode([*((name, v) for name, vs in within.items() for v in vs), (facet.name, value.value)]),
        )
        for value in facet.values
        if counts[value.value] or value.value != "unknown"
    ]
    return FigureTable(facet.title, "entries", total, tuple(figures))


def _severities(facet: Facet, counts: dict[str, dict[str, int]], total: int) -> FigureTable:
    responses = 2 * total
    sums = {v.value: counts["severity_0"].get(v.value, 0) + counts["severity_1"].get(v.value, 0) for v in facet.values}
    figures = [
        Figure(v.label, v.hint, sums[v.value], sums[v.value] / responses if responses else 0.0, None)
        for v in facet.values
    ]
    return FigureTable("Severity of responses", "responses", responses, tuple(figures))


@dataclass(frozen=True)
class Progress:
    """How far the review of a dataset has come."""

    dataset: Dataset
    total: int
    reviewed: int  # at least one submitted review, disputed ones included
    disputed: int
    flagged: int


def find_progress(db: Session, indexes: BrowseIndexes, datasets: Sequence[Dataset]) -> list[Progress]:
    found = []
    for dataset in datasets:
        with indexes.lock:
            index = indexes.current(db, dataset)
            count = {status: len(index.bitmap("status", status)) for status in ("reviewed", "disputed", "adjudicated")}
            flagged = len(index.bitmap("flag", "yes"))
            found.append(Progress(dataset, len(index.all), sum(count.values()), count["disputed"], flagged))
    return found
