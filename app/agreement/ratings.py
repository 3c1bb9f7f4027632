"""What the reviewers of a session said, as plain rows: all that its statistics are made of, and its download."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import (
    Entry,
    ItemKind,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    Verdict,
    VerdictKind,
)
from app.terms.content_key import PROMPT_KEY_BYTES


@dataclass(frozen=True, slots=True)
class Rating:
    """One verdict. Values are canonical JSON."""

    item: int
    entry: int
    kind: str  # of the item
    stratum: str
    probability: float | None
    cluster: str | None  # that was drawn as one
    prompt: str  # a hash of it
    reviewer: int
    name: str
    blind: bool
    label_field: str
    stored: str
    first: str | None
    verdict: str
    corrected: str | None
    outdated: bool
    seconds: int | None
    left_position: int | None

    @property
    def value(self) -> str | None:
        """What the reviewer holds to be right; None where they are unsure."""
        return {VerdictKind.AGREE: self.stored, VerdictKind.DISAGREE: self.corrected}.get(VerdictKind(self.verdict))


_RATINGS = (
    select(
        SessionEntry.id,
        SessionEntry.entry_id,
        SessionEntry.kind,
        SessionEntry.stratum,
        SessionEntry.inclusion_probability,
        SessionEntry.cluster,
        Entry.content_key,
        Review.reviewer_id,
        Reviewer.name,
        Review.blind,
        Verdict.label_field,
        Verdict.stored_value,
        Verdict.first_value,
        Verdict.verdict,
        Verdict.corrected_value,
        Verdict.outdated,
        Review.active_seconds,
        Review.left_position,
    )
    .join(Entry, Entry.id == SessionEntry.entry_id)
    .join(Review, Review.item_id == SessionEntry.id)
    .join(Reviewer, Reviewer.id == Review.reviewer_id)
    .join(Verdict, Verdict.review_id == Review.id)
    .where(Review.state == ReviewState.SUBMITTED, SessionEntry.kind != ItemKind.PRACTICE)
    .order_by(SessionEntry.position, Review.id, Verdict.id)
)


def find_ratings(db: Session, session: ReviewSession) -> Iterator[Rating]:
    """In the order of the queue, without practice."""
    for row in db.connection().execute(_RATINGS.where(SessionEntry.session_id == session.id)):
        drawn, key, said = row[:6], row[6], row[7:]
        yield Rating(*drawn, key[:PROMPT_KEY_BYTES].hex(), *said)  # type: ignore[call-arg]


COLUMNS = (
    "item", "entry", "kind", "stratum", "inclusion_probability", "cluster", "prompt", "reviewer", "blind",
    "label_field", "stored_value", "first_value", "verdict", "corrected_value", "value", "outdated", "seconds",
)  # fmt: skip


def as_row(rating: Rating) -> tuple[object, ...]:
    """As `COLUMNS` names them."""
    return (
        rating.item, rating.entry, rating.kind, rating.stratum, rating.probability, rating.cluster, rating.prompt,
        rating.name, rating.blind, rating.label_field, rating.stored, rating.first, rating.verdict, rating.corrected,
        rating.value, rating.outdated, rating.seconds,
    )  # fmt: skip
