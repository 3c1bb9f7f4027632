"""What everything that is shown of a dataset depends on: equal versions, equal answers."""

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.models import Counter, Dataset, DatasetImport
from app.models.event import EVENT_ID

Version = tuple[object, ...]

_NEWEST_EVENT = select(Counter.value).where(Counter.name == EVENT_ID).scalar_subquery()
_STATE = select(
    _NEWEST_EVENT,
    select(func.max(DatasetImport.updated_at))
    .where(DatasetImport.dataset_id == bindparam("dataset_id"))
    .scalar_subquery(),
)
_STATE_OF_ALL = select(_NEWEST_EVENT, select(func.max(DatasetImport.updated_at)).scalar_subquery())


def version_of(db: Session, dataset: Dataset) -> Version:
    """An import that is under way writes labels before it gives the dataset its new data version."""
    state = db.connection().execute(_STATE, {"dataset_id": dataset.id}).one()
    return (dataset.id, dataset.data_version, *state)


def version_of_all(db: Session) -> Version:
    return tuple(db.connection().execute(_STATE_OF_ALL).one())
