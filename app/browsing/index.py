"""The indexes of this process. Labels change only by an import, which gives the dataset a new data version: then its
index is built anew. Review facets follow the event log, whose ids are in commit order: each request first takes in
what is new.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, RLock

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.dataset_index import DatasetIndex
from app.browsing.postings import Labels, collect_postings, compare_prompts
from app.browsing.rows import find_label_rows, find_prompt_groups
from app.browsing.shape import Shape
from app.models import Dataset


class BrowseIndexes:
    """One per dataset, each brought up to date when it is asked for."""

    def __init__(self) -> None:
        self._using = RLock()
        self._building = Lock()
        self._indexes: dict[int, DatasetIndex] = {}

    @contextmanager
    def using(self, db: Session, dataset: Dataset, *, may_lag: bool = False) -> Iterator[DatasetIndex]:
        """Nobody brings it further meanwhile. One that may lag behind an import is not waited for, but once."""
        index = self._indexes.get(dataset.id)
        if index is None or (index.data_version != dataset.data_version and not may_lag):
            index = self._built(db, dataset)
        with self._using:
            index.follow(db)
            yield index

    def _built(self, db: Session, dataset: Dataset) -> DatasetIndex:
        """Others go on using the one before."""
        with self._building:
            index = self._indexes.get(dataset.id)
            if index is None or index.data_version != dataset.data_version:
                index = self._indexes[dataset.id] = build_index(db, dataset)
            return index


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
