"""What all reviews of a dataset come to, remembered until an event of the dataset may have changed it."""

from collections.abc import Callable
from typing import Any, Generic
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.engine.remembering import Lru, Value
from app.models import Dataset, DatasetImport, Event

_OF_DATASET: Any = bindparam("dataset")
# An import that is under way changes verdicts before it gives the dataset its new data version.
_VERSION = select(
    select(Dataset.data_version).where(Dataset.id == _OF_DATASET).scalar_subquery(),
    select(func.max(DatasetImport.updated_at)).where(DatasetImport.dataset_id == _OF_DATASET).scalar_subquery(),
)


class Memory(Generic[Value]):
    """Of each database so many things; `without` is the beginning of kinds of events that change none of them."""

    def __init__(self, most: int, without: str = "") -> None:
        self._most = most
        self._known: WeakKeyDictionary[Engine, Lru[Value]] = WeakKeyDictionary()
        # By its hash, and not by its number: what a transaction that failed had seen must not hold for the next one.
        latest = select(Event.hash).where(Event.dataset_id == _OF_DATASET).order_by(Event.id.desc()).limit(1)
        self._latest = latest.where(Event.kind.not_like(f"{without}%")) if without else latest

    def remember(self, db: Session, dataset_id: int, key: tuple[Any, ...], find: Callable[[], Value]) -> Value:
        connection, about = db.connection(), {"dataset": dataset_id}
        stamp = connection.scalar(self._latest, about), *connection.execute(_VERSION, about).one()
        of_database = self._known.setdefault(connection.engine, Lru(self._most))
        return of_database.remember((dataset_id, *stamp, *key), find)
