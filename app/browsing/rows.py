"""The rows that the browse index is made of, read in one pass each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap
from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from app.browsing.postings import Labels
from app.models import (
    Counter,
    DatasetImport,
    Entry,
    Event,
    Flag,
    ImportState,
    Response,
    Review,
    Reviewer,
    Verdict,
)
from app.models.event import EVENT_ID
from app.models.review import ReviewState

_CHUNK = 500  # ids in one IN (...)


def find_label_rows(db: Session, dataset_id: int) -> Iterator[tuple[int, int, int, Labels]]:
    """(entry id, length, mask of categories any response has, labels) by id; nothing of an import under way."""
    first, second = aliased(Response), aliased(Response)
    ended = select(DatasetImport.id).where(
        DatasetImport.dataset_id == dataset_id, DatasetImport.state != ImportState.RUNNING
    )
    rows = db.execute(
        select(
            Entry.id,
            Entry.length,
            Entry.split,
            Entry.subset,
            Entry.prompt_source,
            Entry.better_response_id,
            Entry.safer_response_id,
            Entry.contradictions,
            first.source,
            first.is_safe,
            first.severity_level,
            first.harm_categories,
            second.source,
            second.is_safe,
            second.severity_level,
            second.harm_categories,
        )
        .join(first, (first.entry_id == Entry.id) & (first.position == 0))
        .join(second, (second.entry_id == Entry.id) & (second.position == 1))
        .where(Entry.dataset_id == dataset_id, Entry.withdrawn.is_(False), Entry.import_id.in_(ended))
        .order_by(Entry.id),
        execution_options={"yield_per": 5000},
    )
    for entry_id, length, *pair, s0, safe0, sev0, cats0, s1, safe1, sev1, cats1 in rows:
        differ = cats0 is not None and cats1 is not None and cats0 != cats1
        labels = Labels._make((*pair, s0, safe0, sev0, s1, safe1, sev1, differ))
        yield entry_id, length, (cats0 or 0) | (cats1 or 0), labels


@dataclass
class ReviewFacts:
    """What the reviews of one entry come to, as facet values."""

    reviewers: set[str] = field(default_factory=set)
    verdicts: set[str] = field(default_factory=set)
    answers: dict[str, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    drafted: bool = False
    flagged: bool = False

    @property
    def status(self) -> str:
        if not self.reviewers:
            return "in_review" if self.drafted else "unreviewed"
        return "disputed" if any(len(answers) > 1 for answers in self.answers.values()) else "reviewed"

    def facet_values(self) -> Iterator[tuple[str, str]]:
        yield "status", self.status
        yield "flag", "yes" if self.flagged else "no"
        yield from (("verdict", verdict) for verdict in self.verdicts)
        yield from (("reviewer", reviewer) for reviewer in self.reviewers)


def newest_event(db: Session) -> int:
    return db.scalar(select(Counter.value).where(Counter.name == EVENT_ID)) or 0


def find_changed_entries(db: Session, dataset_id: int, after_event: int) -> list[int]:
    wanted = select(Event.entry_id).where(Event.id > after_event, Event.dataset_id == dataset_id)
    return [entry_id for entry_id in db.scalars(wanted.distinct()) if entry_id is not None]


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
    for start in range(0, len(entry_ids), _CHUNK):
        chunk = entry_ids[start : start + _CHUNK]
        _add_reviews(db, chunk, facts)
        for entry_id in db.scalars(select(Flag.entry_id).where(Flag.entry_id.in_(chunk))):
            facts[entry_id].flagged = True
    return facts


def _add_reviews(db: Session, entry_ids: Sequence[int], facts: dict[int, ReviewFacts]) -> None:
    rows = db.execute(
        select(
            Review.entry_id,
            Review.state,
            Reviewer.name,
            Verdict.label_field,
            Verdict.verdict,
            Verdict.corrected_value,
        )
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .outerjoin(Verdict, Verdict.review_id == Review.id)
        .where(Review.entry_id.in_(entry_ids), Review.state != ReviewState.WITHDRAWN)
    )
    for entry_id, state, reviewer, label_field, verdict, corrected in rows:
        fact = facts[entry_id]
        if state == ReviewState.DRAFT or label_field is None:
            fact.drafted = True
            continue
        fact.reviewers.add(reviewer)
        fact.verdicts.add(verdict)
        if verdict != "unsure":  # unsure contradicts nobody
            fact.answers[label_field].add(corrected)


def find_reviewer_names(db: Session) -> list[str]:
    return list(db.scalars(select(Reviewer.name).order_by(Reviewer.name_key)))


def search_ids(db: Session, match: str) -> BitMap:
    """Entries of all datasets whose texts match an FTS5 expression."""
    found = db.execute(text("SELECT rowid FROM entry_search WHERE entry_search MATCH :match"), {"match": match})
    return BitMap(found.scalars())
