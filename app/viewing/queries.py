"""The views of a dataset with their counts: exact, by the same bitmaps as the list, and of this moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.browsing.engine.index import BrowseIndexes
from app.browsing.facets import Facet
from app.browsing.filters import Filters
from app.browsing.queries import find_ids
from app.browsing.query_strings import parse_filters, sorts_of
from app.browsing.sentences import describe
from app.browsing.shape import Shape
from app.errors import InvalidInput, NotFound
from app.models import Dataset, Reviewer, SavedView
from app.viewing.builtin import builtin_views
from app.viewing.views import Broken, DatasetViews, ShownView

Pairs = list[tuple[str, str]]
LONGEST_QUERY = 8000  # characters; browsers and proxies take no much longer address
_WITH_WITHDRAWN = [("withdrawn", "yes"), ("withdrawn", "no")]


@dataclass(frozen=True)
class SavedAs:
    """The view that a list is."""

    id: int
    name: str
    pinned: bool


# Asked for with every page of a list.
_SAVED_AS = (
    select(SavedView.id, SavedView.name, SavedView.pinned)
    .where(SavedView.dataset_id == bindparam("dataset_id"), SavedView.query == bindparam("query"))
    .order_by(SavedView.id)
    .limit(1)
)


def find_saved_as(db: Session, dataset: Dataset, query: str) -> SavedAs | None:
    """`query` as Filters.query_string writes it."""
    if not query:
        return None  # all entries: a list that needs no name
    row = db.execute(_SAVED_AS, {"dataset_id": dataset.id, "query": query}).first()
    return SavedAs(*row) if row else None


def get_view(db: Session, dataset: Dataset, view_id: int) -> SavedView:
    view = db.get(SavedView, view_id)
    if view is None or view.dataset_id != dataset.id:
        raise NotFound("There is no such view. It may have been deleted.")
    return view


def find_views(db: Session, indexes: BrowseIndexes, dataset: Dataset) -> DatasetViews:
    """The saved ones by name; a built-in one that somebody saved stands among them."""
    counter = _Counter(db, indexes, dataset)
    own = tuple(_shown(counter, view, name) for view, name in _saved(db, [dataset.id]))
    kept = {view.query for view in own}
    builtin = (replace(counter.view(one.name, urlencode(one.pairs)), about=one.about) for one in counter.builtin)
    return DatasetViews(own, tuple(view for view in builtin if view.query not in kept))


def find_pinned(db: Session, indexes: BrowseIndexes, datasets: Sequence[Dataset]) -> dict[int, list[ShownView]]:
    """By the id of the dataset; datasets without a pinned view are left out."""
    by_id = {dataset.id: dataset for dataset in datasets}
    found: dict[int, list[ShownView]] = {}
    counters: dict[int, _Counter] = {}
    for view, name in _saved(db, list(by_id), pinned_only=True):
        if view.dataset_id not in counters:
            counters[view.dataset_id] = _Counter(db, indexes, by_id[view.dataset_id])
        found.setdefault(view.dataset_id, []).append(_shown(counters[view.dataset_id], view, name))
    return found


def show_view(db: Session, indexes: BrowseIndexes, dataset: Dataset, view: SavedView) -> ShownView:
    creator = db.get(Reviewer, view.created_by) if view.created_by else None
    return _shown(_Counter(db, indexes, dataset), view, creator.name if creator else None)


def read_query(db: Session, indexes: BrowseIndexes, dataset: Dataset, typed: str) -> str:
    """The query string as views keep it; raises InvalidInput for one that opens no list."""
    if len(typed) > LONGEST_QUERY:
        raise InvalidInput("These filters are too long for a link, and so for a view. Drop some of them.", "query")
    with indexes.using(db, dataset) as index:
        return parse_filters(_pairs(typed.removeprefix("?")), index.facets).query_string(page=False)


def describe_query(db: Session, indexes: BrowseIndexes, dataset: Dataset, query: str) -> ShownView:
    """What would be saved under a name yet to be given."""
    return _Counter(db, indexes, dataset).view("", query)


def _saved(
    db: Session, dataset_ids: Sequence[int], *, pinned_only: bool = False
) -> Iterable[tuple[SavedView, str | None]]:
    wanted = (
        select(SavedView, Reviewer.name)
        .outerjoin(Reviewer, Reviewer.id == SavedView.created_by)
        .where(SavedView.dataset_id.in_(dataset_ids))
        .order_by(SavedView.dataset_id, SavedView.name_key)
    )
    rows = db.execute(wanted.where(SavedView.pinned) if pinned_only else wanted)
    return [(view, name) for view, name in rows]


def _shown(counter: "_Counter", view: SavedView, creator: str | None) -> ShownView:
    return replace(
        counter.view(view.name, view.query),
        id=view.id,
        pinned=view.pinned,
        created_by=creator,
        created_at=view.created_at,
    )


class _Counter:
    """Of one dataset, at one moment."""

    def __init__(self, db: Session, indexes: BrowseIndexes, dataset: Dataset) -> None:
        self._db, self._indexes, self._dataset = db, indexes, dataset
        with indexes.using(db, dataset) as index:
            self._facets: Sequence[Facet] = index.facets
        self.builtin = builtin_views(Shape.of(dataset), self._facets)

    def view(self, name: str, query: str) -> ShownView:
        pairs = _pairs(query)
        try:
            filters = parse_filters(pairs, self._facets)
        except InvalidInput as error:
            return ShownView(name, query, broken=self._broken(pairs, error.message))
        return ShownView(
            name,
            filters.query_string(page=False),
            sentence=_sentence(filters, self._facets),
            total=self._count(pairs),
            of=self._everything if "withdrawn" in filters.names else self._present,
        )

    @cached_property
    def _present(self) -> int:
        return self._count([])

    @cached_property
    def _everything(self) -> int:
        return self._count(_WITH_WITHDRAWN)

    def _count(self, pairs: Pairs) -> int:
        return len(find_ids(self._db, self._indexes, self._dataset, pairs))

    def _broken(self, pairs: Pairs, reason: str) -> Broken:
        kept = [pair for pair in pairs if self._is_known([pair])]
        lost = tuple(f"{name}: {value}" for name, value in pairs if (name, value) not in kept)
        return Broken(reason, lost, urlencode(kept) if kept and self._is_known(kept) else None)

    def _is_known(self, pairs: Pairs) -> bool:
        try:
            parse_filters(pairs, self._facets)
        except InvalidInput:
            return False
        return True


def _sentence(filters: Filters, facets: Sequence[Facet]) -> str:
    words = describe(filters, facets)
    if filters.sort == "position":
        return words
    order = "in random order" if filters.sort == "random" else f"sorted by {sorts_of(facets)[filters.sort]}"
    return f"{words}, {order}" if words else order


def _pairs(query: str) -> Pairs:
    return parse_qsl(query, keep_blank_values=True)
