"""The indexes of this process. Labels change only by an import, which gives the dataset a new data version: then its
index is built anew. Review facets follow the event log, whose ids are in commit order: each request first takes in
what is new.
"""

import logging
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from threading import Lock, RLock, Thread

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.postings import Labels, collect_postings, compare_prompts
from app.browsing.engine.rows import find_label_rows, find_prompt_groups
from app.browsing.engine.storing import UNREADABLE, is_large, load_index, store_index
from app.browsing.shape import Shape
from app.db import Database
from app.models import Dataset

log = logging.getLogger(__name__)


class BrowseIndexes:
    """One per dataset, each brought up to date when it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._using = RLock()
        self._building = Lock()
        self._renewing: set[int] = set()
        self._indexes: dict[int, DatasetIndex] = {}
        self._reader: str | None = None

    def as_seen_by(self, reviewer: str) -> "BrowseIndexes":
        """The same indexes; they tell this reviewer nobody's opinion of an entry before their own is submitted."""
        view = copy(self)
        view._reader = reviewer
        return view

    @contextmanager
    def using(
        self, db: Session, dataset: Dataset, *, query: Iterable[tuple[str, str]] = (), may_lag: bool = False
    ) -> Iterator[DatasetIndex]:
        """Nobody brings it further meanwhile. What the query string searches for is looked up before.

        One that may lag behind an import is not waited for, but once; that of a large dataset lags for the minutes
        that the new one takes: compare its data version.
        """
        index = self._indexes.get(dataset.id)
        if index is None:
            index = self._made(db, dataset)
        elif index.data_version != dataset.data_version and not may_lag:
            if is_large(db, dataset.id):
                self._renew_behind(dataset.id)
            else:
                index = self._made(db, dataset)
        given = dict(query)
        if given.get("q"):
            index.look_up(db, given["q"], ranked=given.get("sort") == "relevance")
        with self._using:
            index.follow(db)
            yield index if self._reader is None else index.as_seen_by(self._reader)

    def prepare(self, dataset_id: int) -> None:
        """Builds and stores the index of a large dataset, so that no server has to."""
        with self._database.read() as db:
            dataset = db.get(Dataset, dataset_id)
            if dataset is not None and is_large(db, dataset_id):
                self._made(db, dataset)

    def version(self, dataset: Dataset) -> int:
        """The data version that pages of the dataset speak of."""
        index = self._indexes.get(dataset.id)
        return dataset.data_version if index is None else index.data_version

    def _made(self, db: Session, dataset: Dataset) -> DatasetIndex:
        """Others go on using the one before."""
        with self._building:
            index = self._indexes.get(dataset.id)
            if index is None or index.data_version != dataset.data_version:
                index = _loaded(db, dataset) or self._built(db, dataset)
                self._indexes[dataset.id] = index
            return index

    def _built(self, db: Session, dataset: Dataset) -> DatasetIndex:
        index = build_index(db, dataset)
        if is_large(db, dataset.id):
            store_index(self._database, index)
        return index

    def _renew_behind(self, dataset_id: int) -> None:
        if dataset_id not in self._renewing:
            self._renewing.add(dataset_id)
            Thread(target=self._renew, args=(dataset_id,), name=f"index {dataset_id}", daemon=True).start()

    def _renew(self, dataset_id: int) -> None:
        try:
            self.prepare(dataset_id)
        except Exception as error:  # noqa: BLE001 - the next request tries again
            log.error("the index of dataset %d could not be renewed: %s", dataset_id, type(error).__name__)
        finally:
            self._renewing.discard(dataset_id)


def _loaded(db: Session, dataset: Dataset) -> DatasetIndex | None:
    try:
        return load_index(db, dataset)
    except UNREADABLE:
        log.warning("the stored index of dataset %d cannot be read; it is made anew", dataset.id)
        return None


def build_index(db: Session, dataset: Dataset) -> DatasetIndex:
    ids_by_row: dict[tuple[object, ...], array[int]] = defaultdict(lambda: array("I"))
    ids_by_mask: dict[int, array[int]] = defaultdict(lambda: array("I"))
    ids, lengths = array("I"), array("I")
    for entry_id, length, mask, *row in find_label_rows(db, dataset.id):
        ids.append(entry_id)
        lengths.append(length)
        ids_by_mask[mask].append(entry_id)
        ids_by_row[tuple(row)].append(entry_id)
    everything, shape = BitMap(ids), Shape.of(dataset)
    ids_by_labels = {Labels.of_row(row): ids for row, ids in ids_by_row.items()}
    postings = collect_postings(ids_by_labels, ids_by_mask, shape)
    present = everything - postings.get("withdrawn", {}).get("yes", BitMap())
    splits = postings.get("split", {}).values()
    prompts = compare_prompts(find_prompt_groups(db, dataset.id, present), splits)
    relations = {"prompt_repeated": prompts.repeated, "prompt_in_several_splits": prompts.in_several_splits}
    postings["relation"] = postings.get("relation", {}) | relations
    return DatasetIndex(
        dataset_id=dataset.id,
        data_version=dataset.data_version,
        shape=shape,
        everything=everything,
        labels=postings,
        lengths=lengths,
        distinct_prompts=prompts.distinct,
        has_hashes=any(labels.has_hash for labels in ids_by_labels),
    )
