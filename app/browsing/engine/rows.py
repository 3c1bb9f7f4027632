"""The rows that the browse index is made of, read in one pass each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pyroaring import BitMap
from sqlalchemy import Integer, Select, bindparam, func, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.types import NullType

from app.browsing.engine.bitmaps import bitmap_of
from app.browsing.joining import SIDES, with_responses
from app.importing.chunks import chunks
from app.models import (
    Adjudication,
    Counter,
    DatasetImport,
    Entry,
    Event,
    Flag,
    ImportState,
    Review,
    Reviewer,
    Verdict,
)
from app.models.event import EVENT_ID
from app.models.review import ReviewState
from app.terms.content_key import PROMPT_KEY_BYTES

_NEWEST_EVENT = select(Counter.value).where(Counter.name == EVENT_ID)  # asked for by every request
if TYPE_CHECKING:
    from app.browsing.engine.bitmaps import Ids

_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def find_label_rows(db: Session, dataset_id: int) -> Iterator[tuple[Any, ...]]:
    """(entry id, length, mask of categories any response has, what Labels.of_row reads ...) by id.

    Nothing of an import under way. Truth values stay the numbers they are: to make them was a tenth of the time.
    """
    first, second = SIDES
    ended = select(DatasetImport.id).where(
        DatasetImport.dataset_id == dataset_id, DatasetImport.state != ImportState.RUNNING
    )
    masks = [func.coalesce(side.harm_categories, 0) for side in SIDES]
    yield from _stream(
        db,
        with_responses(
            select(
                Entry.id,
                Entry.length,
                masks[0].bitwise_or(masks[1]),
                Entry.split,
                Entry.subset,
                Entry.prompt_source,
                Entry.better_response_id,
                Entry.safer_response_id,
                Entry.contradictions,
                type_coerce(Entry.withdrawn, Integer),
                first.source,
                type_coerce(first.is_safe, Integer).label("safe_0"),
                first.severity_level,
                second.source,
                type_coerce(second.is_safe, Integer).label("safe_1"),
                second.severity_level,
                type_coerce(func.coalesce(first.harm_categories != second.harm_categories, False), Integer),
                type_coerce(first.sha256.is_not(None), Integer),
            )
        )
        .where(Entry.dataset_id == dataset_id, Entry.import_id.in_(ended))
        .order_by(Entry.id),
    )


def find_prompt_groups(db: Session, dataset_id: int, within: BitMap) -> Iterator[list[int]]:
    """The entries of each prompt, by the part of the content key that hashes it alone."""
    rows = _stream(
        db,
        select(func.substr(Entry.content_key, 1, PROMPT_KEY_BYTES, type_=NullType()), Entry.id)
        .where(Entry.dataset_id == dataset_id)
        .order_by(Entry.content_key),
    )
    for _, group in groupby(rows, itemgetter(0)):
        ids = [entry_id for _, entry_id in group if entry_id in within]
        if ids:
            yield ids


def _stream(db: Session, statement: Select[*tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """By the connection, not by the session: that takes half the time."""
    return iter(db.connection().execute(statement, execution_options={"yield_per": 5000}))


@dataclass
class ReviewFacts:
    """What the reviews of one entry come to, as facet values."""

    reviewers: set[str] = field(default_factory=set)  # who gave a verdict
    remarkers: set[str] = field(default_factory=set)  # who left a comment or a flag only
    verdicts: set[str] = field(default_factory=set)
    answers: dict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    outdated: bool = False
    settled: set[str] = field(default_factory=set)  # label fields
    flags: set[str] = field(default_factory=set)  # kinds
    reviewed_at: int = 0  # microseconds, of the latest review

    @property
    def status(self) -> str:
        if not self.reviewers:
            return "in_review" if self.remarkers else "unreviewed"
        disputed = {label_field for label_field, answers in self.answers.items() if len(answers) > 1}
        if disputed - self.settled:
            return "disputed"
        return "adjudicated" if self.settled else "reviewed"

    def facet_values(self, *, has_labels: bool) -> Iterator[tuple[str, str]]:
        """Where there is no label to judge, whoever left a remark is the reviewer."""
        yield "status", self.status
        yield "flag", "yes" if self.flags else "no"
        yield from (("flag", kind) for kind in self.flags)
        yield "outdated", "yes" if self.outdated else "no"
        yield from (("verdict", verdict) for verdict in self.verdicts)
        yield from (("reviewer", reviewer) for reviewer in (self.reviewers if has_labels else self.remarkers))


def newest_event(db: Session) -> int:
    return db.connection().scalar(_NEWEST_EVENT) or 0


# Put together once: after every save somebody asks for them.
_CHANGED = (
    select(Event.entry_id)
    .where(
        Event.id > bindparam("after_event"),
        Event.dataset_id == bindparam("dataset_id"),
        Event.entry_id.is_not(None),
    )
    .distinct()
)
_FLAGS = select(Flag.entry_id, Flag.kind).where(Flag.entry_id.in_(bindparam("entry_ids", expanding=True)))
_SETTLED = select(Adjudication.entry_id, Adjudication.label_field).where(
    Adjudication.entry_id.in_(bindparam("entry_ids", expanding=True)), Adjudication.reopened_at.is_(None)
)
_REVIEWS = (
    select(
        Review.entry_id,
        Review.state,
        Review.updated_at,
        Reviewer.name,
        Verdict.label_field,
        Verdict.verdict,
        Verdict.corrected_value,
        Verdict.outdated,
    )
    .join(Reviewer, Reviewer.id == Review.reviewer_id)
    .outerjoin(Verdict, Verdict.review_id == Review.id)
    .where(
        Review.entry_id.in_(bindparam("entry_ids", expanding=True)),
        Review.state != ReviewState.WITHDRAWN,
    )
)
_NAMES = select(Reviewer.name).order_by(Reviewer.name_key)


def find_changed_entries(db: Session, dataset_id: int, after_event: int) -> list[int]:
    about = {"dataset_id": dataset_id, "after_event": after_event}
    return list(db.connection().scalars(_CHANGED, about))


def find_touched_entries(db: Session, dataset_id: int) -> list[int]:
    """Every entry that somebody reviewed or flagged."""
    touched: set[int] = set()
    for table in (Review, Flag):
        wanted = select(table.entry_id).join(Entry, Entry.id == table.entry_id)
        touched.update(db.scalars(wanted.where(Entry.dataset_id == dataset_id).distinct()))
    return sorted(touched)


def find_review_facts(db: Session, entry_ids: Sequence[int]) -> dict[int, ReviewFacts]:
    """Facts of each entry asked for, also of those that have none (any more)."""
    facts = {entry_id: ReviewFacts() for entry_id in entry_ids}
    for chunk in chunks(entry_ids):
        _add_reviews(db, chunk, facts)
        for entry_id, kind in db.connection().execute(_FLAGS, {"entry_ids": chunk}):
            facts[entry_id].flags.add(kind)
        for entry_id, label_field in db.connection().execute(_SETTLED, {"entry_ids": chunk}):
            facts[entry_id].settled.add(label_field)
    return facts


def _add_reviews(db: Session, entry_ids: Sequence[int], facts: dict[int, ReviewFacts]) -> None:
    rows = db.connection().execute(_REVIEWS, {"entry_ids": entry_ids})
    for entry_id, state, updated_at, reviewer, label_field, verdict, corrected, outdated in rows:
        fact = facts[entry_id]
        fact.reviewed_at = max(fact.reviewed_at, (updated_at - _EPOCH) // _MICROSECOND)
        if state == ReviewState.DRAFT or label_field is None:
            fact.remarkers.add(reviewer)
            continue
        fact.reviewers.add(reviewer)
        if outdated:  # it speaks of a value that is no longer there
            fact.outdated = True
            continue
        fact.verdicts.add(verdict)
        if verdict != "unsure":  # unsure contradicts nobody
            fact.answers[label_field].add(corrected)


def find_reviewer_names(db: Session) -> list[str]:
    return list(db.connection().scalars(_NAMES))


# All ids in one text: as rows of their own they took four times as long, and as numbers of Python much room.
_HITS = "SELECT group_concat(rowid) FROM entry_search WHERE entry_search MATCH ?"
_RANKED_HITS = """
SELECT group_concat(rowid) FROM (SELECT rowid FROM entry_search WHERE entry_search MATCH ? ORDER BY rank, rowid)
"""


def search_ids(db: Session, match: str) -> BitMap:
    """Entries of all datasets whose texts match an FTS5 expression."""
    return bitmap_of(_search(db, _HITS, match))


def search_in_order(db: Session, match: str) -> "Ids":
    """The same, by falling BM25 (Robertson & Zaragoza 2009; k1 = 1.2, b = 0.75 as FTS5 has them), then by id."""
    return _search(db, _RANKED_HITS, match)


def _search(db: Session, statement: str, match: str) -> "Ids":
    import numpy as np

    ids = db.connection().exec_driver_sql(statement, (match,)).scalar()
    return np.fromstring(ids, dtype=np.uint32, sep=",") if ids else np.empty(0, dtype=np.uint32)
