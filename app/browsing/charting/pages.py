"""The charts of a list of entries: every facet's distribution, and two facets crossed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from app.browsing.charting.charts import BarChart
from app.browsing.charting.cross_panels import PARAMETERS, CrossPanel, cross_panel, parse_view
from app.browsing.charting.distributions import distributions
from app.browsing.charting.populations import Population
from app.browsing.engine.index import BrowseIndexes
from app.browsing.pages import EntryPage
from app.browsing.queries import find_entries, select
from app.browsing.query_strings import parse_filters
from app.models import Dataset

# Numbers have no order, and a sort is dear: how a list is sorted is only kept for the way back to it.
_ORDER, _PLACE = ("sort", "seed", "limit"), ("after", "page", "entry")


@dataclass(frozen=True)
class ChartsPage:
    page: EntryPage  # the list that is charted
    list_query: str
    charts: tuple[BarChart, ...]
    cross: CrossPanel | None


def find_charts(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Iterable[tuple[str, str]]) -> ChartsPage:
    """Raises InvalidInput for a query string that cannot be read."""
    pairs = list(query)
    view, asked = parse_view(pairs), [pair for pair in pairs if pair[0] not in PARAMETERS]
    unsorted = [pair for pair in asked if pair[0] not in (*_ORDER, *_PLACE)]
    with indexes.using(db, dataset, query=unsorted) as index:
        filters = parse_filters(asked, index.facets)
        order = [pair for pair in asked if pair[0] in _ORDER and pair[1]]
        page = find_entries(db, indexes, dataset, unsorted, (*order, *view.pairs), suggests=True, with_rows=False)
        selection = select(db, index, parse_filters(unsorted, index.facets))
        charts = tuple(distributions(Population(selection, replace(filters, view=view.pairs))))
        return ChartsPage(page, filters.query_string(page=False), charts, cross_panel(selection, filters, view))
