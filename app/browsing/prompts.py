from typing import NamedTuple, Self

from pyroaring import BitMap
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.rows import find_prompt_groups
from app.importing.chunks import chunks
from app.models import Entry
from app.terms.content_key import PROMPT_KEY_BYTES

_PROMPT = func.substr(Entry.content_key, 1, PROMPT_KEY_BYTES)
_FEW = 5000
_PROMPTS = select(_PROMPT).where(Entry.id.in_(bindparam("ids", expanding=True)))


def count_prompts(db: Session, dataset_id: int, split: str) -> int:
    """Distinct ones, of the entries that are not withdrawn."""
    present = (Entry.dataset_id == dataset_id, Entry.split == split, Entry.withdrawn.is_(False))
    return db.scalar(select(func.count(_PROMPT.distinct())).where(*present)) or 0


class PromptCount(NamedTuple):
    """How many prompts a selection has, as far as the index knows: of entries that may share theirs none is counted."""

    apart: int
    shared: BitMap

    @classmethod
    def of(cls, index: DatasetIndex, ids: BitMap) -> Self:
        if ids == index.all:
            return cls(index.distinct_prompts, BitMap())
        # A withdrawn entry may share its prompt without being marked.
        shared = ids if ids & index.withdrawn else ids & index.bitmap("relation", "prompt_repeated")
        return cls(len(ids) - len(shared), shared)

    def finish(self, db: Session, dataset_id: int) -> int:
        """Takes a while where many are shared, so not while others wait for the index."""
        return self.apart + _count_among(db, dataset_id, self.shared)


def _count_among(db: Session, dataset_id: int, ids: BitMap) -> int:
    if len(ids) > _FEW:
        return sum(1 for _ in find_prompt_groups(db, dataset_id, ids))
    found = set[bytes]()
    for chunk in chunks(ids):
        found.update(db.scalars(_PROMPTS, {"ids": chunk}))
    return len(found)
