"""Reviews as forms, and as a list of the latest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, func, select
from sqlalchemy.orm import Session, selectinload

from app.comparing.queries import stored_labels
from app.models import Comment, Dataset, Entry, Flag, Review, Reviewer, ReviewState, Verdict
from app.models.label_field import LabelField, LabelKind, decode_value, fields_of
from app.reviewing.forms import (
    Difference,
    FieldForm,
    OutdatedVerdict,
    ReviewForm,
    TypedReview,
    TypedVerdict,
    field_form,
)
from app.terms.taxonomy import Taxonomy

_REVIEW = (
    select(Review)
    .where(Review.reviewer_id == bindparam("reviewer_id"), Review.entry_id == bindparam("entry_id"))
    .options(selectinload(Review.verdicts))
)


def find_review(db: Session, reviewer_id: int, entry_id: int) -> Review | None:
    return db.scalar(_REVIEW, {"reviewer_id": reviewer_id, "entry_id": entry_id})


def _mine(table: type[Comment] | type[Flag] | type[Review]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.reviewer_id == bindparam("reviewer_id"), table.entry_id == bindparam("entry_id")


_REMARKS = select(
    select(Comment.body).where(*_mine(Comment), Comment.of_review).scalar_subquery(),
    select(Flag.id).where(*_mine(Flag)).scalar_subquery(),
    select(Review.id).where(*_mine(Review)).scalar_subquery(),
)


def find_remarks(db: Session, reviewer_id: int, entry_id: int) -> tuple[str, bool]:
    """The reviewer's comment on the entry ("" for none), and whether they flagged it."""
    comment, flag, _ = _find_marks(db, reviewer_id, entry_id)
    return comment or "", flag is not None


def _find_marks(db: Session, reviewer_id: int, entry_id: int) -> tuple[str | None, int | None, int | None]:
    """Comment, and the ids of flag and review."""
    comment, flag, review = db.connection().execute(_REMARKS, {"reviewer_id": reviewer_id, "entry_id": entry_id}).one()
    return comment, flag, review


def get_form(db: Session, reviewer: Reviewer, entry: Entry) -> ReviewForm:
    """The reviewer's review as it is saved, or an empty form."""
    comment, flag_id, review_id = _find_marks(db, reviewer.id, entry.id)
    review = find_review(db, reviewer.id, entry.id) if review_id else None  # most entries have none yet
    verdicts = review.verdicts if review else []
    typed = {verdict.label_field: _typed(verdict) for verdict in verdicts if not verdict.outdated}
    outdated = {verdict.label_field: verdict for verdict in verdicts if verdict.outdated}
    return ReviewForm(
        fields=_field_forms(entry, typed, {}, _outdated(outdated, entry)),
        comment=comment or "",
        flagged=flag_id is not None,
        revision=review.revision if review else 0,
        state=review.state if review else "new",
        updated_at=review.updated_at if review else None,
    )


def rejected_form(
    saved: ReviewForm, entry: Entry, typed: TypedReview, mistakes: Mapping[str, str], error: str | None = None
) -> ReviewForm:
    """The form with what was typed, a sentence by each field, and the revision it was filled in on."""
    return replace(
        saved,
        fields=_field_forms(entry, typed.verdicts, mistakes, {f.field.name: f.outdated for f in saved.fields}),
        comment=typed.comment,
        flagged=typed.flagged,
        revision=typed.revision,
        error=error,
    )


def stale_form(saved: ReviewForm, entry: Entry, typed: TypedReview) -> ReviewForm:
    """What was typed beside what is saved; sending it again replaces the saved one knowingly."""
    sent = rejected_form(saved, entry, typed, {})
    differences = tuple(_differences(saved, sent, entry))
    return replace(sent, revision=saved.revision, differences=differences)


def _field_forms(
    entry: Entry,
    typed: Mapping[str, TypedVerdict],
    mistakes: Mapping[str, str],
    outdated: Mapping[str, OutdatedVerdict | None],
) -> tuple[FieldForm, ...]:
    taxonomy = entry.dataset.taxonomy
    return tuple(
        field_form(label, taxonomy, typed.get(name), mistakes.get(name), outdated.get(name))
        for label in stored_labels(entry, entry.dataset)
        for name in [label.field.name]
    )


def _outdated(verdicts: Mapping[str, Verdict], entry: Entry) -> dict[str, OutdatedVerdict | None]:
    fields = {field.name: field for field in fields_of(entry.dataset)}
    return {
        name: OutdatedVerdict(
            stored_words=fields[name].words(decode_value(verdict.stored_value), entry.dataset.taxonomy),
            said=_said_by(verdict, fields[name], entry.dataset.taxonomy),
        )
        for name, verdict in verdicts.items()
        if name in fields
    }


def _said_by(verdict: Verdict, field: LabelField, taxonomy: Taxonomy) -> str:
    if verdict.corrected_value is None:
        return verdict.verdict
    return f"{verdict.verdict}: {field.words(decode_value(verdict.corrected_value), taxonomy)}"


def _typed(verdict: Verdict) -> TypedVerdict:
    corrected = decode_value(verdict.corrected_value) if verdict.corrected_value else None
    values = corrected if isinstance(corrected, list) else [] if corrected is None else [str(corrected).lower()]
    return TypedVerdict(verdict.verdict, tuple(values), verdict.reason or "")


def _differences(saved: ReviewForm, sent: ReviewForm, entry: Entry) -> Sequence[Difference]:
    found = []
    for one, other in zip(saved.fields, sent.fields, strict=True):
        said = [_said(form, entry) for form in (one, other)]
        if said[0] != said[1]:
            found.append(Difference(one.field.full_title, *said))
    if saved.comment.strip() != sent.comment.strip():
        found.append(Difference("Comment", saved.comment or "none", sent.comment or "none"))
    if saved.flagged != sent.flagged:
        found.append(Difference("Flag", _flag(saved.flagged), _flag(sent.flagged)))
    return found


def _said(form: FieldForm, entry: Entry) -> str:
    typed = form.typed
    if typed.verdict != "disagree":
        return typed.verdict or "no verdict"
    taxonomy = entry.dataset.taxonomy
    if form.field.kind is LabelKind.CATEGORIES:
        instead = form.field.words([c for c in taxonomy.bits if c in typed.corrected], taxonomy)
    else:
        labels = {choice.value: choice.label for choice in form.choices}
        instead = ", ".join(labels.get(value, value) for value in typed.corrected) or form.choices[0].label
    return f"disagree: {instead}" + (f" ({typed.reason})" if typed.reason else "")


def _flag(flagged: bool) -> str:
    return "flagged" if flagged else "not flagged"


@dataclass(frozen=True)
class SavedNotice:
    """That a review has just been saved, and where to take it back."""

    entry_id: int
    revision: int
    undo_url: str


def find_saved(db: Session, reviewer: Reviewer | None, entry_id: str, query: str) -> SavedNotice | None:
    """None unless the reviewer has a review of that entry; `entry_id` is as it stands in the URL."""
    if reviewer is None or not entry_id.isdecimal() or len(entry_id) > 18:
        return None
    review = find_review(db, reviewer.id, int(entry_id))
    if review is None or review.state == ReviewState.WITHDRAWN:
        return None
    return SavedNotice(review.entry_id, review.revision, f"/entries/{entry_id}/review/undo?{query}")


_OTHERS = select(func.count()).where(
    Review.entry_id == bindparam("entry_id"),
    Review.state == ReviewState.SUBMITTED,
    Review.reviewer_id != bindparam("reviewer_id"),
)


def count_other_reviews(db: Session, entry_id: int, reviewer: Reviewer | None) -> int:
    about = {"entry_id": entry_id, "reviewer_id": reviewer.id if reviewer else 0}
    return db.connection().scalar(_OTHERS, about) or 0


@dataclass(frozen=True)
class LatestReview:
    entry_id: int
    dataset: str
    reviewer: str
    at: datetime
    agree: int
    disagree: int
    unsure: int


def find_latest_reviews(db: Session, limit: int = 10) -> list[LatestReview]:
    latest = (
        select(Review.id, Review.entry_id, Review.reviewer_id, Review.updated_at)
        .where(Review.state == ReviewState.SUBMITTED)
        .order_by(Review.updated_at.desc(), Review.id.desc())
        .limit(limit)
        .subquery()
    )

    counts = [func.count(case((Verdict.verdict == verdict, 1))) for verdict in ("agree", "disagree", "unsure")]

    rows = db.execute(
        select(
            latest.c.entry_id,
            Dataset.title,
            Reviewer.name,
            latest.c.updated_at,
            *counts,
        )
        .join(Reviewer, Reviewer.id == latest.c.reviewer_id)
        .join(Entry, Entry.id == latest.c.entry_id)
        .join(Dataset, Dataset.id == Entry.dataset_id)
        .join(Verdict, Verdict.review_id == latest.c.id)
        .group_by(latest.c.id, latest.c.entry_id, Dataset.title, Reviewer.name, latest.c.updated_at)
        .order_by(latest.c.updated_at.desc(), latest.c.id.desc())
    )
    return [LatestReview(*row) for row in rows]
