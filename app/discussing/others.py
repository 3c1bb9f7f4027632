"""What others said of an entry, and of others like it: for whoever has submitted their own review of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.comparing.others import find_same_prompt
from app.comparing.queries import stored_labels
from app.errors import Forbidden
from app.models import Comment, Dataset, Entry, Flag, Review, Reviewer, ReviewState, Verdict
from app.models.label_field import LabelField, decode_value, fields_of
from app.reviewing.queries import find_review
from app.reviewing.sight import has_submitted, may_read_others
from app.terms.unit import Unit

MOST_SHOWN = 20


@dataclass(frozen=True)
class Opinion:
    """One verdict: `words` are the value that it says is right, empty for unsure."""

    verdict: str
    words: str
    reason: str
    is_outdated: bool


@dataclass(frozen=True)
class OtherReview:
    by: str
    is_own: bool
    at: datetime
    was_blind: bool
    flag: str
    comment: str
    opinions: tuple[Opinion | None, ...]  # by label field


@dataclass(frozen=True)
class JudgedField:
    title: str
    stored: str
    opinions: tuple[Opinion | None, ...]  # by review
    is_disputed: bool


@dataclass(frozen=True)
class LikeEntry:
    """Another entry with the same prompt."""

    id: int
    split: str
    reviews: tuple["ShortReview", ...]
    is_hidden: bool  # it is still to be judged blind


@dataclass(frozen=True)
class ShortReview:
    by: str
    agree: int
    disagree: int
    unsure: int
    disagreements: tuple[str, ...]


@dataclass(frozen=True)
class OthersOnThis:
    reviews: tuple[OtherReview, ...]  # one's own first, then the latest
    fields: tuple[JudgedField, ...]
    like: tuple[LikeEntry, ...]

    @property
    def count(self) -> int:
        return sum(1 for review in self.reviews if not review.is_own)


def find_others(db: Session, reviewer: Reviewer, entry: Entry) -> OthersOnThis:
    if not has_submitted(find_review(db, reviewer.id, entry.id)):
        raise Forbidden("What others said of this entry you see once you have submitted your own review of it.")
    rows = _submitted(db, [entry.id])
    own = [row for row in rows if row[0].reviewer_id == reviewer.id]
    rows = [*own, *(row for row in rows if row[0].reviewer_id != reviewer.id)][: MOST_SHOWN + 1]
    fields = fields_of(entry.dataset)
    comments, flags = _remarks(db, entry.id)
    reviews = tuple(
        OtherReview(
            name,
            review.reviewer_id == reviewer.id,
            review.updated_at,
            review.blind,
            flags.get((review.reviewer_id, review.item_id), "").replace("_", " "),
            comments.get((review.reviewer_id, review.item_id), ""),
            _opinions(review, fields, entry.dataset),
        )
        for review, name in rows
    )
    return OthersOnThis(reviews, tuple(_fields(entry, reviews)), _find_like(db, reviewer, entry))


def _submitted(db: Session, entry_ids: Iterable[int]) -> list[tuple[Review, str]]:
    """The latest first."""
    wanted = (
        select(Review, Reviewer.name)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .where(Review.entry_id.in_(entry_ids), Review.state == ReviewState.SUBMITTED)
        .order_by(Review.updated_at.desc(), Review.id.desc())
        .options(selectinload(Review.verdicts))
    )
    return [(review, name) for review, name in db.execute(wanted)]


_OfReview = tuple[int, int]  # reviewer and item


def _remarks(db: Session, entry_id: int) -> tuple[dict[_OfReview, str], dict[_OfReview, str]]:
    said = select(Comment.reviewer_id, Comment.item_id, Comment.body)
    said = said.where(Comment.entry_id == entry_id, Comment.of_review)
    flagged = select(Flag.reviewer_id, Flag.item_id, Flag.kind).where(Flag.entry_id == entry_id)
    comments = {(reviewer, item): body for reviewer, item, body in db.execute(said)}
    return comments, {(reviewer, item): kind for reviewer, item, kind in db.execute(flagged)}


def _opinions(review: Review, fields: Sequence[LabelField], dataset: Dataset) -> tuple[Opinion | None, ...]:
    by_field = {verdict.label_field: verdict for verdict in review.verdicts}
    return tuple(_opinion(by_field.get(field.name), field, dataset) for field in fields)


def _opinion(verdict: Verdict | None, field: LabelField, dataset: Dataset) -> Opinion | None:
    if verdict is None:
        return None
    right = {"agree": verdict.stored_value, "disagree": verdict.corrected_value}.get(verdict.verdict)
    words = "" if right is None else field.words(decode_value(right), dataset.taxonomy)
    return Opinion(verdict.verdict, words, verdict.reason or "", verdict.outdated)


def _fields(entry: Entry, reviews: Sequence[OtherReview]) -> Iterable[JudgedField]:
    for place, label in enumerate(stored_labels(entry, entry.dataset)):
        opinions = tuple(review.opinions[place] for review in reviews)
        said = {opinion.words for opinion in opinions if opinion and opinion.words and not opinion.is_outdated}
        words = label.field.words(label.value, entry.dataset.taxonomy)
        yield JudgedField(label.field.full_title.rstrip("?"), words, opinions, len(said) > 1)


def _find_like(db: Session, reviewer: Reviewer, entry: Entry) -> tuple[LikeEntry, ...]:
    """Those with reviews; of those that the reviewer is still to judge blind only that there are some."""
    found = find_same_prompt(db, entry, Unit(entry.dataset.unit), has_safety=False).shown
    rows = _submitted(db, [other.id for other in found])
    own = select(Review).where(
        Review.reviewer_id == reviewer.id, Review.entry_id.in_([other.id for other in found]), Review.item_id == 0
    )
    mine = {review.entry_id: review for review in db.scalars(own)}
    return tuple(
        LikeEntry(
            other.id,
            other.split,
            () if is_hidden else tuple(_short(review, name, entry.dataset) for review, name in of_it),
            is_hidden,
        )
        for other in found
        if (of_it := [row for row in rows if row[0].entry_id == other.id])
        for is_hidden in [not may_read_others(reviewer, mine.get(other.id))]
    )


def _short(review: Review, name: str, dataset: Dataset) -> ShortReview:
    said = [verdict.verdict for verdict in review.verdicts if not verdict.outdated]
    fields = fields_of(dataset)
    disagreements = tuple(
        f"{field.full_title.rstrip('?')}: {opinion.words}"
        for field, opinion in zip(fields, _opinions(review, fields, dataset), strict=True)
        if opinion and opinion.verdict == "disagree" and not opinion.is_outdated
    )
    return ShortReview(name, said.count("agree"), said.count("disagree"), said.count("unsure"), disagreements)
