"""The charts of a list of entries: every facet's distribution, and two facets crossed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.browsing.charts import BarChart
from app.browsing.cross_panels import PARAMETERS, CrossPanel, cross_panel, parse_view
from app.browsing.distributions import distributions
from app.browsing.filters import parse_filters
from app.browsing.index import BrowseIndexes
from app.browsing.pages import EntryPage
from app.browsing.populations import Population
from app.browsing.queries import find_entries, select
from app.models import Dataset


@dataclass(frozen=True)
class ChartsPage:
    page: EntryPage  # the list that is charted
    list_query: str
    charts: tuple[BarChart, ...]
    cross: CrossPanel | None


def find_charts(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Iterable[tuple[str, str]]) -> ChartsPage:
    """Raises InvalidInput for a query string that cannot be read."""
    pairs = list(query)
    view, filtering = parse_view(pairs), [pair for pair in pairs if pair[0] not in PARAMETERS]
    with indexes.using(db, dataset) as index:
        page = find_entries(db, indexes, dataset, filtering, view.pairs, suggests=True)
        filters = parse_filters(filtering, index.facets)
        selection = select(db, index, filters)
        here = Population(selection, replace(filters, view=view.pairs))
        charts = tuple(distributions(here))
        return ChartsPage(page, filters.query_string(page=False), charts, cross_panel(selection, filters, view))
