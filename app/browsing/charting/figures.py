"""The figures of a dataset's page: what it holds, in charts whose every number agrees with the list of entries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.browsing.charting.breakdowns import (
    category_chart,
    co_occurrence_grid,
    facet_chart,
    origin_chart,
    preference_grid,
    severity_chart,
)
from app.browsing.charting.charts import BarChart, ChartGroup, Count, Grid
from app.browsing.charting.populations import Population
from app.browsing.charting.text_lengths import length_chart
from app.browsing.engine.index import BrowseIndexes
from app.browsing.filters import Filters
from app.browsing.prompts import count_prompts
from app.importing.schemas.known import PREFERENCES
from app.models import Dataset
from app.terms.unit import Unit

_OF_PROMPTS = ("prompt_repeated", "prompt_in_several_splits")  # relations that speak of the prompt alone


@dataclass(frozen=True)
class Figures:
    entries: Count
    distinct_prompts: int
    prompts: tuple[Count, ...]  # entries whose prompt is not theirs alone
    withdrawn: Count  # left out of all the others
    groups: tuple[ChartGroup, ...]


def find_figures(db: Session, indexes: BrowseIndexes, dataset: Dataset, split: str | None = None) -> Figures:
    """Of the whole dataset, or of one split."""
    with indexes.using(db, dataset) as index:
        population = Population(index.select(Filters(chosen={} if split is None else {"split": (split,)})))
        groups = _groups(population, dataset) if population.size else ()
        return Figures(
            population.count("entries"),
            population.index.distinct_prompts if split is None else count_prompts(db, dataset.id, split),
            tuple(_shared_prompts(population)),
            population.withdrawn(),
            tuple(group for group in groups if group.charts),
        )


def _groups(population: Population, dataset: Dataset) -> tuple[ChartGroup, ...]:
    return _contents(population), _harm(population, dataset), _preferences(population, dataset), _remarkable(population)


def _shared_prompts(population: Population) -> Iterator[Count]:
    for value in population.values("relation"):
        if value.value in _OF_PROMPTS:
            yield population.count(f"entries {value.phrase}", ("relation", value.value))


def _contents(population: Population) -> ChartGroup:
    subset = facet_chart(population, "subset") if len(population.values("subset")) > 1 else None
    charts = (origin_chart(population), subset, facet_chart(population, "prompt_source"), length_chart(population))
    return _group("Where it comes from", charts)


def _harm(population: Population, dataset: Dataset) -> ChartGroup:
    categories = dataset.taxonomy.categories
    charts = (
        facet_chart(population, "safety"),
        severity_chart(population, Unit(dataset.unit).positions),
        category_chart(population, categories),
        co_occurrence_grid(population, categories),
    )
    return _group("Safety and harm", charts)


def _preferences(population: Population, dataset: Dataset) -> ChartGroup:
    if dataset.schema == PREFERENCES.name:  # the import shuffled the sides: which one is better tells nothing
        return _group("Preferences", ())
    charts = (
        preference_grid(population) or facet_chart(population, "better"),
        facet_chart(population, "conflict", "Better and safer: the same response?"),
    )
    return _group("Preferences", charts)


def _remarkable(population: Population) -> ChartGroup:
    charts = (facet_chart(population, "relation", skip=_OF_PROMPTS), facet_chart(population, "contradiction"))
    return _group("Worth a look", charts)


def _group(title: str, charts: Iterable[BarChart | Grid | None]) -> ChartGroup:
    return ChartGroup(title, tuple(chart for chart in charts if chart is not None))


def find_splits(db: Session, indexes: BrowseIndexes, dataset: Dataset) -> list[str]:
    with indexes.using(db, dataset) as index:
        return [v.value for f in index.facets if f.name == "split" for v in f.values]


@dataclass(frozen=True)
class Progress:
    """How far the review of a dataset has come."""

    dataset: Dataset
    total: int
    reviewed: int  # at least one submitted review, disputed ones included
    disputed: int | None  # None to who is still to say their own
    flagged: int | None


def find_progress(db: Session, indexes: BrowseIndexes, datasets: Sequence[Dataset]) -> list[Progress]:
    found = []
    for dataset in datasets:
        with indexes.using(db, dataset) as index:
            count = {status: len(index.bitmap("status", status)) for status in ("reviewed", "disputed", "adjudicated")}
            told = (count["disputed"], len(index.bitmap("flag", "yes"))) if index.own is None else (None, None)
            found.append(Progress(dataset, len(index.all), sum(count.values()), *told))
    return found
