"""The indexes of large datasets, kept in the database: to read one takes a second, to build it minutes.

Written in pieces, each in a transaction of its own so that nobody who saves a review has to wait; the last piece makes
it whole and says which data version it speaks of.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson
from pyroaring import BitMap
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.postings import Postings
from app.browsing.shape import Shape
from app.db import Database
from app.models import BrowseIndexPart, Dataset, Entry

STORED_FROM = 1_000_000  # entries
UNREADABLE = (IndexError, KeyError, ValueError)  # what a damaged index raises
_FORMAT = 1  # another one is not read but built anew
_WHOLE, _EVERYTHING, _LENGTHS, _POSTING = "whole", "everything", "lengths", "posting"
_PIECE_BYTES = 8 * 1024 * 1024
_PART = (
    select(BrowseIndexPart.name, BrowseIndexPart.data)
    .where(BrowseIndexPart.dataset_id == bindparam("dataset_id"))
    .order_by(BrowseIndexPart.name, BrowseIndexPart.number)
)


def is_large(db: Session, dataset_id: int) -> bool:
    """Ids are dense: by them, nothing has to be counted."""
    ends = select(func.min(Entry.id), func.max(Entry.id)).where(Entry.dataset_id == dataset_id)
    first, last = db.execute(ends).one()
    return first is not None and last - first + 1 >= STORED_FROM


def store_index(database: Database, index: DatasetIndex) -> None:
    """Takes the place of the one before."""
    with database.write() as db:
        db.execute(delete(BrowseIndexPart).where(BrowseIndexPart.dataset_id == index.dataset_id))
    for name, data in _parts(index):
        for number, start in enumerate(range(0, len(data), _PIECE_BYTES)):
            piece = data[start : start + _PIECE_BYTES]
            with database.write() as db:
                db.add(BrowseIndexPart(dataset_id=index.dataset_id, name=name, number=number, data=piece))


def _parts(index: DatasetIndex) -> Iterator[tuple[str, bytes]]:
    """The part that makes it whole is the last."""
    yield _EVERYTHING, index.everything.serialize()
    yield _LENGTHS, index.lengths.tobytes()
    for facet, values in index.labels.items():
        for value, ids in values.items():
            yield orjson.dumps([_POSTING, facet, value]).decode(), ids.serialize()
    about = {
        "format": _FORMAT,
        "data_version": index.data_version,
        "distinct_prompts": index.distinct_prompts,
        "has_hashes": index.has_hashes,
    }
    yield _WHOLE, orjson.dumps(about)


def load_index(db: Session, dataset: Dataset) -> DatasetIndex | None:
    """None when there is none of this data version; raises one of UNREADABLE."""
    about = _read_about(db, dataset.id)
    if about.get("format") != _FORMAT or about.get("data_version") != dataset.data_version:
        return None
    parts: dict[str, bytearray] = defaultdict(bytearray)
    for name, data in db.connection().execute(_PART, {"dataset_id": dataset.id}):
        parts[name] += data
    lengths = array("I")
    lengths.frombytes(parts[_LENGTHS])
    return DatasetIndex(
        dataset_id=dataset.id,
        data_version=dataset.data_version,
        shape=Shape.of(dataset),
        everything=BitMap.deserialize(bytes(parts[_EVERYTHING])),
        labels=_postings(parts),
        lengths=lengths,
        distinct_prompts=about["distinct_prompts"],
        has_hashes=about["has_hashes"],
    )


def _read_about(db: Session, dataset_id: int) -> dict[str, Any]:
    data = db.scalar(
        select(BrowseIndexPart.data).where(BrowseIndexPart.dataset_id == dataset_id, BrowseIndexPart.name == _WHOLE)
    )
    about: dict[str, Any] = orjson.loads(data) if data else {}
    return about


def _postings(parts: dict[str, bytearray]) -> Postings:
    postings: Postings = defaultdict(dict)
    for name, data in parts.items():
        if name.startswith("["):
            _, facet, value = orjson.loads(name)
            postings[facet][value] = BitMap.deserialize(bytes(data))
    return dict(postings)
