"""Where a reviewer's answers differ from what was settled afterwards, for themself."""

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.adjudication.cases import value_of
from app.models import (
    Adjudication,
    Dataset,
    ItemKind,
    Review,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
    Verdict,
)
from app.models.label_field import decode_value, fields_of


@dataclass(frozen=True)
class Difference:
    entry_id: int
    title: str
    own_words: str
    adjudicated_words: str
    stored_words: str
    error_kind: str
    reason: str


@dataclass(frozen=True)
class Feedback:
    is_closed: bool  # before that nothing is told
    answers: int  # of the reviewer's, on labels that are settled
    differences: tuple[Difference, ...]


def find_feedback(db: Session, session: ReviewSession, reviewer_id: int) -> Feedback:
    if session.state != SessionState.CLOSED:
        return Feedback(False, 0, ())
    dataset = db.get_one(Dataset, session.dataset_id)
    fields, taxonomy = {field.name: field for field in fields_of(dataset)}, dataset.taxonomy
    answers, differences = 0, []
    for entry_id, verdict, row in _find_answers(db, session, reviewer_id):
        own = value_of(verdict.verdict, verdict.stored_value, verdict.corrected_value)
        field = fields.get(verdict.label_field)
        if own is None or field is None:
            continue
        answers += 1
        if own != row.value:
            mine, right, stored = (
                field.words(decode_value(value), taxonomy) for value in (own, row.value, row.stored_value)
            )
            title = field.full_title.rstrip("?")
            differences.append(Difference(entry_id, title, mine, right, stored, row.error_kind, row.reason or ""))
    return Feedback(True, answers, tuple(differences))


def _find_answers(db: Session, session: ReviewSession, reviewer_id: int) -> list[tuple[int, Verdict, Adjudication]]:
    of_label = and_(
        Adjudication.entry_id == SessionEntry.entry_id,
        Adjudication.label_field == Verdict.label_field,
        Adjudication.reopened_at.is_(None),
    )
    rows = db.execute(
        select(SessionEntry.entry_id, Verdict, Adjudication)
        .join(Review, Review.item_id == SessionEntry.id)
        .join(Verdict, Verdict.review_id == Review.id)
        .join(Adjudication, of_label)
        .where(
            SessionEntry.session_id == session.id,
            SessionEntry.kind == ItemKind.SAMPLE,
            Review.reviewer_id == reviewer_id,
            Review.state == ReviewState.SUBMITTED,
        )
        .order_by(SessionEntry.position, Verdict.id)
    )
    return [(entry_id, verdict, row) for entry_id, verdict, row in rows]
