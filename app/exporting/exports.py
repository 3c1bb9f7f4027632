"""What can be exported: its columns, and its rows as a stream that holds a few at a time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.index import BrowseIndexes
from app.browsing.engine.ordered import OrderedEntries
from app.browsing.queries import find_ids, find_ordered
from app.errors import InvalidInput
from app.exporting.entries import ADDED_COLUMNS, find_entry_rows, find_other_kinds, find_present, find_renamed
from app.exporting.kinds import Column
from app.exporting.queries import REVIEW_KINDS, find_review_rows
from app.exporting.source_columns import SourceColumn, names_of_others, source_columns
from app.models import Dataset

Pairs = list[tuple[str, str]]
Row = Mapping[str, Any]


class Export(Protocol):
    @property
    def columns(self) -> tuple[Column, ...]: ...

    def rows(self) -> Iterator[Row]: ...


@dataclass(frozen=True)
class ReviewExport:
    """One row per verdict, by entry."""

    db: Session
    dataset: Dataset
    within: BitMap | None

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(Column(name, kind) for name, kind in REVIEW_KINDS.items())

    def rows(self) -> Iterator[Row]:
        return find_review_rows(self.db, self.dataset, self.within)


@dataclass(frozen=True)
class EntryExport:
    """One row per entry of a list, in its order: the source's columns, then what reviews have come to."""

    db: Session
    dataset: Dataset
    entries: OrderedEntries

    @property
    def columns(self) -> tuple[Column, ...]:
        others = (Column(name, self._others[given]) for given, name in self._other_names.items())
        return (*self._of_source, *others, *ADDED_COLUMNS)

    def rows(self) -> Iterator[Row]:
        return find_entry_rows(self.db, self.entries, self._of_source, self._other_names)

    @cached_property
    def _of_source(self) -> tuple[SourceColumn, ...]:
        db, dataset_id = self.db, self.dataset.id
        return source_columns(self.dataset, find_present(db, dataset_id), find_renamed(db, dataset_id))

    @cached_property
    def _others(self) -> dict[str, Any]:
        return find_other_kinds(self.db, self.dataset.id)

    @property
    def _other_names(self) -> dict[str, str]:
        return names_of_others(self._of_source, self._others)


def _reviews(db: Session, indexes: BrowseIndexes, dataset: Dataset, pairs: Pairs) -> Export:
    return ReviewExport(db, dataset, find_ids(db, indexes, dataset, pairs) if pairs else None)


def _entries(db: Session, indexes: BrowseIndexes, dataset: Dataset, pairs: Pairs) -> Export:
    return EntryExport(db, dataset, find_ordered(db, indexes, dataset, pairs))


WHATS = {"reviews": _reviews, "entries": _entries}


def prepare_export(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, what: str, query: Iterable[tuple[str, str]]
) -> Export:
    """Raises InvalidInput for what cannot be exported, or a query string that cannot be read."""
    if what not in WHATS:
        raise InvalidInput(f"{what[:60]!r} cannot be exported; valid are {', '.join(WHATS)}.", "what")
    return WHATS[what](db, indexes, dataset, list(query))
