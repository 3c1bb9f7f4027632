import re
from collections import Counter
from collections.abc import Collection, Sequence
from operator import itemgetter
from typing import Any

from pyroaring import BitMap
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.importing.chunks import chunks
from app.importing.contradictions import Copy
from app.importing.facts import Existing, Facts, RawLabels
from app.models import Dataset, DatasetImport, Entry, RejectedRow, Response, Review, ReviewState
from app.terms.contradiction import ACROSS_ENTRIES

_PLACE = re.compile(r" at (?:column|byte) \d+$")


# Put together once: building a statement takes longer than SQLite needs to answer it.
_BY_SLUG = select(Dataset).where(Dataset.slug == bindparam("slug"))


def find_datasets(db: Session, within: Collection[int] | None = None) -> Sequence[Dataset]:
    """All, or those of these ids."""
    wanted = select(Dataset).order_by(Dataset.title, Dataset.id)
    return db.scalars(wanted if within is None else wanted.where(Dataset.id.in_(within))).all()


def find_dataset(db: Session, slug: str) -> Dataset | None:
    return db.scalar(_BY_SLUG, {"slug": slug})


def get_dataset_by_id(db: Session, dataset_id: int) -> Dataset:
    """Of what names it, and is there only as long as it is."""
    return db.get_one(Dataset, dataset_id)


def get_dataset(db: Session, slug: str, within: Collection[int] | None = None) -> Dataset:
    """One that is not within these ids is not there."""
    dataset = find_dataset(db, slug)
    if dataset is None or (within is not None and dataset.id not in within):
        known = ", ".join(sorted(there.slug for there in find_datasets(db, within))) or "none yet"
        raise NotFound(f"There is no dataset {slug!r}. Datasets here: {known}.")
    return dataset


def get_import(db: Session, import_id: int) -> DatasetImport:
    record = db.get(DatasetImport, import_id)
    if record is None:
        raise NotFound(f"There is no import {import_id}.")
    return record


def find_imports(db: Session, dataset_id: int) -> Sequence[DatasetImport]:
    """The newest first."""
    wanted = select(DatasetImport).where(DatasetImport.dataset_id == dataset_id)
    return db.scalars(wanted.order_by(DatasetImport.id.desc())).all()


def find_rejected(db: Session, import_id: int, limit: int = 1000) -> Sequence[RejectedRow]:
    wanted = select(RejectedRow).where(RejectedRow.import_id == import_id)
    return db.scalars(wanted.order_by(RejectedRow.id).limit(limit)).all()


def count_rejected_reasons(db: Session, import_id: int) -> dict[str, int]:
    """The commonest first; where in its line a row breaks off makes no reason of its own."""
    wanted = select(RejectedRow.reason, func.count()).where(RejectedRow.import_id == import_id)
    reasons: Counter[str] = Counter()
    for reason, count in db.execute(wanted.group_by(RejectedRow.reason).order_by(RejectedRow.reason)):
        reasons[_PLACE.sub("", reason)] += count
    return dict(reasons.most_common())


def count_entries(db: Session, dataset_id: int, *, withdrawn: bool | None = False) -> int:
    """Of None, those that are withdrawn and those that are not."""
    wanted = select(func.count()).where(Entry.dataset_id == dataset_id)
    return db.scalar(wanted if withdrawn is None else wanted.where(Entry.withdrawn.is_(withdrawn))) or 0


def has_entries(db: Session, dataset_id: int) -> bool:
    return db.scalar(select(Entry.id).where(Entry.dataset_id == dataset_id).limit(1)) is not None


def count_reviews(db: Session, dataset_id: int) -> int:
    """Drafts included; not those that were undone."""
    wanted = select(func.count()).select_from(Review).join(Entry, Entry.id == Review.entry_id)
    return db.scalar(wanted.where(Entry.dataset_id == dataset_id, Review.state != ReviewState.WITHDRAWN)) or 0


_EXISTING = """
    SELECT e.id, e.content_key, e.occurrence, e.split, e.withdrawn, e.subset, e.row, e.prompt_source, e.contradictions,
           e.extra, e.better_response_id, e.safer_response_id,
           a.position, a.source, a.sha256, a.is_safe, a.severity_level, a.harm_categories,
           b.position, b.source, b.sha256, b.is_safe, b.severity_level, b.harm_categories
    FROM entry AS e
    LEFT JOIN response AS a ON a.entry_id = e.id AND a.position = 0
    LEFT JOIN response AS b ON b.entry_id = e.id AND b.position = 1
    WHERE {} ORDER BY e.occurrence
"""


def find_existing(db: Session, dataset_id: int, keys: Sequence[bytes]) -> list[Existing]:
    if not keys:
        return []
    # Written out here: to expand a thousand keys takes SQLAlchemy longer than SQLite to look them up.
    wanted = _EXISTING.format(f"e.dataset_id = ? AND e.content_key IN ({_marks(keys)})")
    return [_existing(row) for row in db.connection().exec_driver_sql(wanted, (dataset_id, *keys))]


def find_by_ids(db: Session, entry_ids: Sequence[int]) -> dict[int, Existing]:
    wanted = _EXISTING.format(f"e.id IN ({_marks(entry_ids)})")
    rows = db.connection().exec_driver_sql(wanted, tuple(entry_ids))
    return {entry.id: entry for entry in map(_existing, rows)}


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _existing(row: Any) -> Existing:
    entry_id, key, occurrence, split, withdrawn, subset, number, prompt_source, marks, extra, better, safer, *sides = (
        row
    )
    responses = [side for side in (sides[:6], sides[6:]) if side[0] is not None]
    labels = RawLabels(better, safer, tuple((_bool(side[3]), side[4], side[5]) for side in responses))
    sources, hashes = tuple(side[1] for side in responses), tuple(side[2] for side in responses)
    facts = Facts(subset, number, prompt_source, marks, extra, sources, hashes, labels)
    return Existing(entry_id, key, occurrence, split, bool(withdrawn), facts)


def _bool(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def find_present_ids(db: Session, dataset_id: int, split: str, subset: str | None) -> BitMap:
    """Entries that are not withdrawn."""
    there = (Entry.dataset_id == dataset_id, Entry.split == split, Entry.subset.is_not_distinct_from(subset))
    return BitMap(db.scalars(select(Entry.id).where(*there, Entry.withdrawn.is_(False))))


def find_moves(db: Session, dataset_id: int, import_id: int, entry_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(entry, its like that this import added in another split), each once."""
    like = aliased(Entry)
    same = (like.dataset_id == Entry.dataset_id) & (like.content_key == Entry.content_key) & (like.split != Entry.split)
    rows = db.execute(
        select(Entry.id, like.id)
        .join(like, same)
        .where(Entry.id.in_(entry_ids), Entry.dataset_id == dataset_id, like.import_id == import_id)
        .order_by(Entry.id, like.id)
    )
    moves: dict[int, int] = {}
    for gone, added in rows:
        if gone not in moves and added not in moves.values():
            moves[gone] = added
    return list(moves.items())


def find_marks_across(db: Session, dataset_id: int) -> dict[int, int]:
    """Entry id to the contradictions that were found across entries, where there are any."""
    bits = Entry.contradictions.bitwise_and(int(ACROSS_ENTRIES))
    rows = db.execute(select(Entry.id, bits).where(Entry.dataset_id == dataset_id, bits != 0))
    return {entry_id: mask for entry_id, mask in rows}  # noqa: C416 - a Row is no pair to mypy


def find_copies(db: Session, dataset_id: int, among: Collection[bytes] | None) -> list[Copy]:
    """Entries that share prompt and responses with another one of the dataset; `among` names their content keys."""
    # By the index alone: whether they are withdrawn stands in the table, whose rows are all over the disk.
    repeated = select(Entry.content_key).where(Entry.dataset_id == dataset_id).group_by(Entry.content_key)
    keys = list(db.scalars(repeated.having(func.count() > 1))) if among is None else sorted(among)
    labels = (Response.is_safe, Response.severity_level, Response.harm_categories)
    preferences = (Entry.better_response_id, Entry.safer_response_id)
    rows = []
    for chunk in chunks(keys):
        found = db.execute(
            select(Entry.id, Entry.content_key, Entry.split, *preferences, *labels)
            .outerjoin(Response, Response.entry_id == Entry.id)
            .where(Entry.dataset_id == dataset_id, Entry.withdrawn.is_(False), Entry.content_key.in_(chunk))
            # By id, SQLite would walk the whole table.
            .order_by(Entry.content_key, Entry.occurrence, Response.position)
        )
        rows += sorted(found, key=itemgetter(0))  # each entry's positions stay in order
    copies: dict[int, Copy] = {}
    for entry_id, key, split, *labelled in rows:
        before = copies[entry_id].labels if entry_id in copies else ()
        copies[entry_id] = Copy(entry_id, key, split, before + tuple(labelled))
    return list(copies.values())
