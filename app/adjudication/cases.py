"""One disputed entry: per label what every reviewer of the session said, side by side, and which values it may get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from string import ascii_uppercase

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, selectinload

from app.adjudication.queries import find_owed, find_queued, is_ready
from app.comparing.entries import StoredLabel
from app.comparing.queries import stored_labels
from app.errors import Forbidden, NotFound
from app.models import (
    Adjudication,
    Comment,
    Entry,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    Verdict,
    VerdictKind,
)
from app.models.label_field import TIE, LabelField, LabelKind, LabelValue, decode_value, encode_value
from app.terms.taxonomy import HarmCategory, Taxonomy


@dataclass(frozen=True)
class Answer:
    """What one reviewer said of one label; empty words where they were unsure."""

    by: str
    verdict: str
    value: str | None  # canonical JSON
    words: str
    first_words: str  # before they saw the stored value; empty where they saw it at once
    reason: str
    is_outdated: bool


@dataclass(frozen=True)
class Option:
    """A value that may be adopted, and who gave it."""

    value: str
    words: str
    key: str  # a digit: of a severity its level, else its place; empty from the tenth on
    given_by: tuple[str, ...]
    is_stored: bool


@dataclass(frozen=True)
class Decision:
    """A row of the label's history, the one that holds among them."""

    value: str
    words: str
    error_kind: str
    reason: str
    by: str
    at: datetime
    reopened_at: datetime | None
    reopened_by: str


@dataclass(frozen=True)
class Dispute:
    """One label of the entry: `is_disputed` is not said of those that everybody agrees on."""

    field: LabelField
    stored_words: str
    answers: tuple[Answer, ...]
    options: tuple[Option, ...]
    categories: tuple[HarmCategory, ...]  # of which another set may be put together
    is_disputed: bool
    decisions: tuple[Decision, ...]  # the latest first

    @property
    def title(self) -> str:
        return self.field.full_title.rstrip("?")

    @property
    def settled(self) -> Decision | None:
        return next((decision for decision in self.decisions if decision.reopened_at is None), None)


@dataclass(frozen=True)
class Remark:
    by: str
    body: str


@dataclass(frozen=True)
class Case:
    disputes: tuple[Dispute, ...]
    remarks: tuple[Remark, ...]
    names_shown: bool

    @property
    def open(self) -> list[Dispute]:
        return [dispute for dispute in self.disputes if dispute.is_disputed and not dispute.settled]

    @property
    def is_settled(self) -> bool:
        return not self.open


def check_may_adjudicate(db: Session, reviewer: Reviewer, entry_id: int) -> None:
    """Who still owes a review of the entry would learn here what others say."""
    if find_owed(db, reviewer.id, [entry_id]):
        raise Forbidden(
            f"You still owe a review of entry {entry_id} in an open session: "
            "give it first, or let somebody else settle this."
        )


def find_case(db: Session, session: ReviewSession, entry: Entry, *, names_shown: bool = False) -> Case:
    """`names_shown`: also before all is settled; until then reviewers are letters."""
    queued = find_queued(db, session, entry.id)
    if queued is None:
        raise NotFound(f"Entry {entry.id} is not in dispute in this session.")
    names_shown = names_shown or queued.is_settled
    reviews = _in_order(_find_reviews(db, session, entry.id), session, entry.id)
    by = {
        review.id: name if names_shown else f"Reviewer {_letter(place)}" for place, (review, name) in enumerate(reviews)
    }
    decisions = _find_decisions(db, entry)
    disputes = tuple(
        _dispute(label, reviews, by, entry.dataset.taxonomy, label.field.name in queued.disputed, decisions)
        for label in stored_labels(entry, entry.dataset)
        if label.field.name in session.label_fields
    )
    return Case(disputes, tuple(_find_remarks(db, entry.id, reviews, by)), names_shown)


def _find_reviews(db: Session, session: ReviewSession, entry_id: int) -> list[tuple[Review, str]]:
    rows = db.execute(
        select(Review, Reviewer.name)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(SessionEntry, SessionEntry.id == Review.item_id)
        .where(*is_ready(session), SessionEntry.entry_id == entry_id, Review.state == ReviewState.SUBMITTED)
        .options(selectinload(Review.verdicts))
    )
    return [(review, name) for review, name in rows]


def _in_order(reviews: Iterable[tuple[Review, str]], session: ReviewSession, entry_id: int) -> list[tuple[Review, str]]:
    """The same each time, and of no meaning: a letter says nothing of who it is on another entry."""

    def drawn(row: tuple[Review, str]) -> bytes:
        return sha256(f"{session.seed}:{entry_id}:{row[0].reviewer_id}".encode()).digest()

    return sorted(reviews, key=drawn)


def _letter(place: int) -> str:
    return ascii_uppercase[place] if place < len(ascii_uppercase) else str(place + 1)


def _dispute(
    label: StoredLabel,
    reviews: Sequence[tuple[Review, str]],
    by: Mapping[int, str],
    taxonomy: Taxonomy,
    is_disputed: bool,
    decisions: Mapping[str, tuple[Decision, ...]],
) -> Dispute:
    field = label.field
    answers = tuple(
        _answer(verdict, by[review.id], field, taxonomy)
        for review, _ in reviews
        for verdict in review.verdicts
        if verdict.label_field == field.name
    )
    return Dispute(
        field,
        field.words(label.value, taxonomy),
        answers,
        tuple(_options(label, answers, taxonomy)),
        tuple(taxonomy.categories) if field.kind is LabelKind.CATEGORIES else (),
        is_disputed,
        decisions.get(field.name, ()),
    )


def _answer(verdict: Verdict, by: str, field: LabelField, taxonomy: Taxonomy) -> Answer:
    value = value_of(verdict.verdict, verdict.stored_value, verdict.corrected_value)
    first = verdict.first_value
    return Answer(
        by,
        verdict.verdict,
        value,
        "" if value is None else field.words(decode_value(value), taxonomy),
        "" if first is None else field.words(decode_value(first), taxonomy),
        verdict.reason or "",
        verdict.outdated,
    )


def value_of(verdict: str, stored_value: str, corrected_value: str | None) -> str | None:
    """What a verdict says is right; None where it does not say."""
    return {VerdictKind.AGREE: stored_value, VerdictKind.DISAGREE: corrected_value}.get(VerdictKind(verdict))


def _options(label: StoredLabel, answers: Iterable[Answer], taxonomy: Taxonomy) -> Iterable[Option]:
    """Every value that the label can have; of categories the sets that somebody gave."""
    stored = encode_value(label.value)
    given: dict[str, list[str]] = {}
    for answer in answers:
        if answer.value is not None and not answer.is_outdated:
            given.setdefault(answer.value, []).append(answer.by)
    possible = [encode_value(value) for value in possible_values(label.field, taxonomy)]
    if label.field.kind is LabelKind.CATEGORIES and label.value is not None:
        possible = [stored]
    for place, value in enumerate(dict.fromkeys([*possible, *given]), start=1):
        words = label.field.words(decode_value(value), taxonomy)
        key = value if label.field.kind is LabelKind.SEVERITY and value.isdigit() else str(place)
        yield Option(value, words, key if len(key) == 1 else "", tuple(given.get(value, ())), value == stored)


def possible_values(field: LabelField, taxonomy: Taxonomy) -> list[LabelValue]:
    """None for categories, of which there are sets."""
    if field.kind is LabelKind.SAFE:
        return [True, False]
    if field.kind is LabelKind.SEVERITY:
        return [severity.level for severity in taxonomy.severities]
    return [0, 1, TIE] if field.kind is LabelKind.SIDE else []


def _find_decisions(db: Session, entry: Entry) -> dict[str, tuple[Decision, ...]]:
    settler, reopener = aliased(Reviewer), aliased(Reviewer)
    rows = db.execute(
        select(Adjudication, settler.name, reopener.name)
        .join(settler, settler.id == Adjudication.reviewer_id)
        .outerjoin(reopener, reopener.id == Adjudication.reopened_by)
        .where(Adjudication.entry_id == entry.id)
        .order_by(Adjudication.id.desc())
    )
    fields = {label.field.name: label.field for label in stored_labels(entry, entry.dataset)}
    found: dict[str, tuple[Decision, ...]] = {}
    for row, by, reopened_by in rows:
        field = fields.get(row.label_field)
        if field is not None:
            words = field.words(decode_value(row.value), entry.dataset.taxonomy)
            decision = Decision(
                row.value,
                words,
                row.error_kind,
                row.reason or "",
                by,
                row.created_at,
                row.reopened_at,
                reopened_by or "",
            )
            found[field.name] = (*found.get(field.name, ()), decision)
    return found


def _find_remarks(
    db: Session, entry_id: int, reviews: Sequence[tuple[Review, str]], by: Mapping[int, str]
) -> Iterable[Remark]:
    wanted = select(Comment.reviewer_id, Comment.item_id, Comment.body)
    wanted = wanted.where(Comment.entry_id == entry_id, Comment.of_review)
    said = {(reviewer_id, item_id): body for reviewer_id, item_id, body in db.execute(wanted)}
    own = [(review, (review.reviewer_id, review.item_id)) for review, _ in reviews]
    return [Remark(by[review.id], said[of]) for review, of in own if of in said]
