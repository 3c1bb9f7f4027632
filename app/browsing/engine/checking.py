"""Whether browse indexes, made anew and stored, have as many entries with each value as the database."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import build_index
from app.browsing.engine.recounting import Recount
from app.browsing.engine.storing import UNREADABLE, load_index
from app.browsing.filters import Filters
from app.db import Database
from app.importing.queries import find_datasets
from app.models import Dataset
from app.operations.check import Check, run_check

_SHOWN = 60  # characters of a value, which may be one that the dataset's files name


def check_browse_indexes(database: Database) -> Check:
    compared: Counter[str] = Counter()
    check = run_check("browse index", lambda: _find_problems(database, compared))
    detail = f"{compared['facets']} facets, {compared['values']} values agree with SQL"
    return replace(check, detail=detail) if check.ok and compared else check


def _find_problems(database: Database, compared: Counter[str]) -> Iterator[str]:
    with database.read() as db:
        for dataset in find_datasets(db):
            index = build_index(db, dataset)
            index.follow(db)
            compared.update(facets=len(index.facets), values=sum(len(facet.values) for facet in index.facets))
            yield from compare_index(db, dataset, index)
            yield from _check_stored(db, dataset)


def _check_stored(db: Session, dataset: Dataset) -> Iterator[str]:
    try:
        index = load_index(db, dataset)
    except UNREADABLE:
        yield f"{dataset.slug}: the stored index cannot be read."
        return
    if index is not None:
        index.follow(db)
        yield from compare_index(db, dataset, index, name="stored index")


def compare_index(db: Session, dataset: Dataset, index: DatasetIndex, *, name: str = "index") -> Iterator[str]:
    recount, listed = Recount(db, dataset), index.select(Filters())
    if len(listed.ids) != (entries := recount.entries()):
        yield f"{dataset.slug}: the {name} has {len(listed.ids):,} entries, SQL {entries:,}."
    for facet in index.facets:
        has, counted = listed.counts(facet), recount.counts(facet)
        for value in sorted(has.keys() | counted.keys()):
            there, expected = has.get(value, 0), counted.get(value, 0)
            if there != expected:
                which = f"{dataset.slug}, {facet.name} {value[:_SHOWN]!r}"
                yield f"{which}: the {name} has {there:,} entries, SQL {expected:,}."
