"""What reviewers said, as plain rows: all that statistics are made of, and their download."""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.adjudication.queries import find_settled
from app.agreement.scopes import FIRST_TIMES, Scope, within
from app.models import (
    Adjudication,
    Entry,
    ItemKind,
    Review,
    Reviewer,
    ReviewState,
    SessionEntry,
    Verdict,
    VerdictKind,
)
from app.models.label_field import CANNOT_JUDGE, encode_value
from app.terms.content_key import PROMPT_KEY_BYTES

Label = tuple[int, str]  # entry id, label field
_NO_ANSWER = encode_value(CANNOT_JUDGE)


class Rating(NamedTuple):
    """One verdict. Values are canonical JSON."""

    item: int  # 0 outside of sessions
    entry: int
    kind: str | None  # of the item
    stratum: str | None
    probability: float | None
    cluster: str | None  # that was drawn as one
    content_key: bytes
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

    @property
    def prompt(self) -> bytes:
        """A hash of it."""
        return self.content_key[:PROMPT_KEY_BYTES]

    @property
    def value(self) -> str | None:
        """What the reviewer holds to be right; None where they are unsure."""
        if self.verdict == VerdictKind.AGREE:
            return self.stored
        return self.corrected if self.verdict == VerdictKind.DISAGREE else None

    @property
    def independent(self) -> str | None:
        """What they said without being told: of a blind review the first answer, before the stored one was revealed."""
        if not self.blind:
            return self.value
        return None if self.first == _NO_ANSWER else self.first


_RATINGS = (
    select(
        Review.item_id,
        Review.entry_id,
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
    )
    .select_from(Review)
    .join(Entry, Entry.id == Review.entry_id)
    .outerjoin(SessionEntry, SessionEntry.id == Review.item_id)
    .join(Reviewer, Reviewer.id == Review.reviewer_id)
    .join(Verdict, Verdict.review_id == Review.id)
    .where(Review.state == ReviewState.SUBMITTED)
    .order_by(SessionEntry.position, Review.id, Verdict.id)
)


def find_field_ratings(db: Session, scope: Scope, label_field: str, of: Collection[int] | None = None) -> list[Rating]:
    """One of each reviewer of an entry: without practice and repeats, and of several sessions the latest.

    All, or those `of` some entries.
    """
    wanted = within(scope, _RATINGS).where(FIRST_TIMES, Verdict.label_field == label_field)
    if of is not None:
        wanted = wanted.where(Review.entry_id.in_(of))
    return list(
        {
            (rating.entry, rating.reviewer): rating for rating in _find(db, wanted.order_by(None).order_by(Review.id))
        }.values()
    )


def _find(db: Session, wanted: Select[*tuple[Any, ...]]) -> Iterator[Rating]:
    return map(Rating._make, db.connection().execute(wanted))


def find_settled_values(db: Session, scope: Scope) -> dict[Label, str]:
    """What adjudicators settled of the entries."""
    if scope.session is not None:
        return {label: found.value for label, found in find_settled(db, scope.session.id).items()}
    columns = (Adjudication.entry_id, Adjudication.label_field, Adjudication.value)
    rows = select(*columns).where(Adjudication.dataset_id == scope.dataset.id, Adjudication.reopened_at.is_(None))
    return {(entry_id, name): value for entry_id, name, value in db.execute(rows)}


COLUMNS = (
    "item", "entry", "kind", "stratum", "inclusion_probability", "cluster", "prompt", "reviewer", "blind",
    "label_field", "stored_value", "first_value", "verdict", "corrected_value", "value", "adjudicated_value",
    "outdated", "seconds",
)  # fmt: skip


def find_rows(db: Session, scope: Scope) -> Iterator[tuple[object, ...]]:
    """As `COLUMNS` names them, in the order of the queue: repeats too, without practice."""
    settled = find_settled_values(db, scope)
    real = or_(SessionEntry.kind.is_(None), SessionEntry.kind != ItemKind.PRACTICE)
    for one in _find(db, within(scope, _RATINGS).where(real)):
        yield (
            one.item or None, one.entry, one.kind, one.stratum, one.probability, one.cluster, one.prompt.hex(),
            one.name, one.blind, one.label_field, one.stored, one.first, one.verdict, one.corrected, one.value,
            settled.get((one.entry, one.label_field)), one.outdated, one.seconds,
        )  # fmt: skip
