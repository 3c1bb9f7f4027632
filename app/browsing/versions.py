"""What everything that is shown of a dataset depends on: equal versions, equal answers."""

from collections.abc import Iterable

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import BrowseIndexes
from app.models import Counter, Dataset, DatasetImport, ImportState
from app.models.event import EVENT_ID

Version = tuple[object, ...]

_NEWEST_EVENT = select(Counter.value).where(Counter.name == EVENT_ID).scalar_subquery()
_STATE = select(
    _NEWEST_EVENT,
    select(func.max(DatasetImport.updated_at))
    .where(DatasetImport.dataset_id == bindparam("dataset_id"))
    .scalar_subquery(),
)
_IMPORTING = (
    select(DatasetImport.id)
    .where(DatasetImport.dataset_id == bindparam("dataset_id"), DatasetImport.state == ImportState.RUNNING)
    .where(DatasetImport.is_dry_run.is_(False))
    .limit(1)
)
_STATE_OF_ALL = select(_NEWEST_EVENT, select(func.max(DatasetImport.updated_at)).scalar_subquery())


def version_of(db: Session, indexes: BrowseIndexes, dataset: Dataset) -> Version:
    """An import that is under way writes labels before it gives the dataset its new data version."""
    state = db.connection().execute(_STATE, {"dataset_id": dataset.id}).one()
    return (dataset.id, dataset.data_version, indexes.version(dataset), *state)


def version_of_all(db: Session, indexes: BrowseIndexes, datasets: Iterable[Dataset]) -> Version:
    versions = ((dataset.data_version, indexes.version(dataset)) for dataset in datasets)
    return (*db.connection().execute(_STATE_OF_ALL).one(), *versions)


def is_behind(db: Session, index: DatasetIndex, dataset: Dataset) -> bool:
    """An import has changed entries, or is changing them, and the index does not count that yet."""
    if index.data_version != dataset.data_version:
        return True
    return db.connection().scalar(_IMPORTING, {"dataset_id": dataset.id}) is not None
