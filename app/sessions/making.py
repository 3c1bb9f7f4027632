"""Makes a review session of a sample that was drawn: its conditions, its people, and its queue in its own order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.errors import Conflict, InvalidInput
from app.guidelines.queries import newest_guideline_id
from app.models import (
    Adjudicates,
    Dataset,
    Entry,
    ItemKind,
    Participant,
    Reviewer,
    ReviewSession,
    SampledEntry,
    SamplingPlan,
    SessionEntry,
)
from app.models.event import record_event
from app.models.label_field import fields_of
from app.models.reviewer import new_seed
from app.names import readable_name
from app.sessions.people import find_choosable

MOST_REVIEWS = 20  # of an entry
LONGEST_EXPLANATION = 2_000
LONGEST_NAME = 80


@dataclass(frozen=True)
class PracticeEntry:
    entry_id: int
    explanation: str


@dataclass(frozen=True)
class Conditions:
    name: str
    label_fields: Sequence[str]
    reviewer_ids: Sequence[int]
    is_blind: bool = True
    shuffles: bool = True
    overlap: int = 2
    second_share: float = 0.0  # of the entries that one more reviews than `overlap` says
    repeat_share: float = 0.0  # of the entries that come a second time to whoever reviewed them
    due_on: date | None = None
    adjudicates: Adjudicates = Adjudicates.CONFLICTS
    acceptance: dict[str, Any] | None = None
    practice: Sequence[PracticeEntry] = ()


def make_session(
    db: Session, maker: Reviewer | None, dataset: Dataset, plan: SamplingPlan, conditions: Conditions
) -> ReviewSession:
    """A draft: nobody is handed anything before it is opened. Raises InvalidInput that names the field."""
    name = _check(db, dataset, conditions)
    fields = [field.name for field in fields_of(dataset) if field.name in set(conditions.label_fields)]
    session = ReviewSession(
        dataset_id=dataset.id,
        plan_id=plan.id,
        name=name,
        guideline_id=newest_guideline_id(db, dataset.id),
        label_fields=fields,
        is_blind=conditions.is_blind,
        shuffles=conditions.shuffles,
        overlap=conditions.overlap,
        due_on=conditions.due_on,
        acceptance=conditions.acceptance,
        adjudicates=conditions.adjudicates,
        seed=new_seed(),
        created_by=maker.id if maker else None,
    )
    db.add(session)
    db.flush()
    people = [{"session_id": session.id, "reviewer_id": reviewer_id} for reviewer_id in conditions.reviewer_ids]
    db.execute(insert(Participant), people)
    items = _items(db, session, plan, conditions)
    _record(db, maker, session, conditions, items)
    return session


def _check(db: Session, dataset: Dataset, conditions: Conditions) -> str:
    """Returns the session's name."""
    name = readable_name(conditions.name, LONGEST_NAME)
    if name is None:
        raise InvalidInput(f"Give the session a name of at most {LONGEST_NAME} characters that can be seen.", "name")
    known = {field.name for field in fields_of(dataset)}
    if not conditions.label_fields or not known.issuperset(conditions.label_fields):
        raise InvalidInput(f"Choose at least one label; there are {', '.join(sorted(known))}.", "label_fields")
    if not 1 <= conditions.overlap <= MOST_REVIEWS:
        raise InvalidInput(f"Reviewers per entry is a number from 1 to {MOST_REVIEWS}.", "overlap")
    for share in ("second_share", "repeat_share"):
        if not 0 <= getattr(conditions, share) <= 1:
            raise InvalidInput("A share is from 0 to 100 %.", share)
    choosable = {person.id for person in find_choosable(db, dataset.id)}
    if not conditions.reviewer_ids or not choosable.issuperset(conditions.reviewer_ids):
        raise InvalidInput("Choose who reviews, among those who may review this dataset.", "reviewers")
    needed = conditions.overlap + (conditions.second_share > 0)
    if len(set(conditions.reviewer_ids)) < needed:
        raise InvalidInput(
            f"An entry is to be reviewed by {needed}, and only {len(set(conditions.reviewer_ids))} take part. "
            "Choose more reviewers, or ask for fewer per entry.",
            "overlap",
        )
    for practice in conditions.practice:
        if len(practice.explanation) > LONGEST_EXPLANATION or "\0" in practice.explanation:
            raise InvalidInput(f"An explanation has at most {LONGEST_EXPLANATION:,} characters.", "practice")
    return name


_SAMPLED = (
    select(SampledEntry, Entry.content_key, Entry.occurrence)
    .join(Entry, Entry.id == SampledEntry.entry_id)
    .where(Entry.withdrawn.is_(False))
)


def _items(db: Session, session: ReviewSession, plan: SamplingPlan, conditions: Conditions) -> int:
    """Practice first, then the sample in an order that tells nothing of its strata, then what comes again."""
    rows = _practice(db, session, conditions)
    sampled = [
        (row[0], _shuffled(session.seed, row[1], row[2])) for row in db.execute(_SAMPLED.filter_by(plan_id=plan.id))
    ]
    if not sampled:
        raise Conflict("No entry of this sample is there any more. Draw a new one.")
    sampled.sort(key=lambda one: one[1])
    more = round(conditions.second_share * len(sampled))
    for place, (entry, _) in enumerate(sampled):
        rows.append(
            _row(session, entry.entry_id, ItemKind.SAMPLE, conditions.overlap + (place < more))
            | {
                "stratum": entry.stratum,
                "inclusion_probability": entry.inclusion_probability,
                "cluster": entry.cluster,
            }
        )
    _insert(db, rows, 0)
    return len(rows) + _add_repeats(db, session, conditions, len(rows))


def _row(session: ReviewSession, entry_id: int, kind: ItemKind, wanted: int) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "entry_id": entry_id,
        "kind": str(kind),
        "wanted": wanted,
        "stratum": "",
        "inclusion_probability": None,
        "cluster": None,
        "repeat_of": None,
        "explanation": None,
    }


def _practice(db: Session, session: ReviewSession, conditions: Conditions) -> list[dict[str, Any]]:
    wanted = [practice.entry_id for practice in conditions.practice]
    there = set(db.scalars(select(Entry.id).where(Entry.dataset_id == session.dataset_id, Entry.id.in_(wanted))))
    if missing := [entry_id for entry_id in wanted if entry_id not in there]:
        raise InvalidInput(f"The dataset has no entry {missing[0]} to practise on.", "practice")
    return [
        _row(session, practice.entry_id, ItemKind.PRACTICE, len(conditions.reviewer_ids))
        | {"explanation": practice.explanation}
        for practice in conditions.practice
    ]


def _add_repeats(db: Session, session: ReviewSession, conditions: Conditions, position: int) -> int:
    originals = db.scalars(
        select(SessionEntry)
        .where(SessionEntry.session_id == session.id, SessionEntry.kind == ItemKind.SAMPLE)
        .order_by(SessionEntry.position)
    ).all()
    chosen = originals[: round(conditions.repeat_share * len(originals))]
    rows = [
        _row(session, item.entry_id, ItemKind.REPEAT, item.wanted)
        | {"stratum": item.stratum, "cluster": item.cluster, "repeat_of": item.id}
        for item in chosen
    ]
    _insert(db, rows, position)
    return len(rows)


def _insert(db: Session, rows: list[dict[str, Any]], position: int) -> None:
    if rows:
        db.execute(insert(SessionEntry), [row | {"position": position + place} for place, row in enumerate(rows)])


def _shuffled(seed: int, content_key: bytes, number: int) -> bytes:
    return sha256(f"{seed}:{number}:".encode() + content_key).digest()


def _record(db: Session, maker: Reviewer | None, session: ReviewSession, conditions: Conditions, items: int) -> None:
    data = {
        "session": session.id,
        "name": session.name,
        "plan": session.plan_id,
        "blind": session.is_blind,
        "overlap": session.overlap,
        "label_fields": session.label_fields,
        "reviewers": list(conditions.reviewer_ids),
        "items": items,
    }
    record_event(db, "session.made", data, reviewer_id=maker.id if maker else None, dataset_id=session.dataset_id)
