"""Record a review, change it, take the change back. Each writes its event in the same transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from app.comparing.queries import stored_labels
from app.errors import InvalidInput, NotFound
from app.models import Comment, Entry, Event, Flag, Review, Reviewer, ReviewState, Verdict
from app.models.base import now
from app.models.event import record_event
from app.models.label_field import LABEL_FIELDS, encode_value
from app.reviewing.forms import TypedReview
from app.reviewing.judging import Judged, judge
from app.reviewing.queries import find_remarks, find_review
from app.reviewing.snapshot import UNDONE, Snapshot, as_data, kind_of_save, nothing, says_the_same, take_snapshot


class RejectedReview(InvalidInput):
    """The form cannot be saved as it is; `mistakes` says why, by label field."""

    def __init__(self, message: str, mistakes: dict[str, str]) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class StaleReview(Exception):
    """Somebody, most likely the same person in another tab, saved since the form was filled in."""


@dataclass(frozen=True)
class SavedReview:
    review_id: int
    revision: int
    changed: bool  # False when the same was saved already, as when a browser sends a form twice


def record_review(
    db: Session, reviewer: Reviewer, entry: Entry, typed: TypedReview, *, agree_with_rest: bool = False
) -> SavedReview:
    """Raises RejectedReview or StaleReview, and then has written nothing."""
    review = find_review(db, reviewer.id, entry.id)
    verdicts = _read(entry, typed, review, agree_with_rest)
    before = _snapshot(db, review)
    after = {
        "revision": (review.revision if review else 0) + 1,
        "state": str(ReviewState.SUBMITTED if verdicts else ReviewState.DRAFT),
        "blind": False,
        "verdicts": verdicts,
        "comment": typed.comment.strip(),
        "flagged": typed.flagged,
    }
    if review and before and says_the_same(before, after):
        return SavedReview(review.id, review.revision, changed=False)
    if typed.revision != (review.revision if review else 0):
        raise StaleReview
    review = review or Review(reviewer_id=reviewer.id, entry_id=entry.id, verdicts=[])
    _apply(db, review, entry, before, after)
    _log(db, kind_of_save(before), review, entry, before, after)
    return SavedReview(review.id, review.revision, changed=True)


def undo_review(db: Session, reviewer: Reviewer, entry: Entry, revision: int) -> SavedReview:
    """Puts back what the reviewer's review said before its latest change; a first save becomes withdrawn."""
    review = find_review(db, reviewer.id, entry.id)
    if review is None or review.state == ReviewState.WITHDRAWN:
        raise NotFound("There is no review of yours to undo here.")
    if review.revision != revision:
        raise StaleReview
    latest = db.scalars(select(Event).where(Event.review_id == review.id).order_by(Event.id.desc()).limit(1)).one()
    before, back = _snapshot(db, review), latest.data["before"]
    after = {**(back or nothing()), "revision": review.revision + 1}
    _apply(db, review, entry, before, after)
    _log(db, UNDONE, review, entry, before, after)
    return SavedReview(review.id, review.revision, changed=True)


def _read(entry: Entry, typed: TypedReview, review: Review | None, agree_with_rest: bool) -> list[dict[str, Any]]:
    taxonomy = entry.dataset.taxonomy
    labels = stored_labels(entry, entry.dataset)
    judged, mistakes = judge(typed, labels, taxonomy, agree_with_rest=agree_with_rest)
    if mistakes:
        raise RejectedReview("Not saved yet: " + " ".join(mistakes.values()), mistakes)
    verdicts = [_as_row(verdict) for verdict in judged]
    given = {*typed.verdicts, *(verdict.label_field for verdict in judged)}
    verdicts += [as_data(verdict) for verdict in _outdated(review) if verdict.label_field not in given]
    if not verdicts and not typed.comment.strip() and not typed.flagged:
        wanted = "give a verdict on at least one label, a comment, or a flag" if labels else "leave a comment or a flag"
        raise RejectedReview(f"Not saved: {wanted}.", {})
    order = list(LABEL_FIELDS)
    return sorted(verdicts, key=lambda verdict: order.index(verdict["label_field"]))


def _outdated(review: Review | None) -> list[Verdict]:
    """They stay until their field is judged anew: nobody said anything of the value that is there now."""
    return [verdict for verdict in review.verdicts if verdict.outdated] if review else []


def _as_row(verdict: Judged) -> dict[str, Any]:
    return {
        "label_field": verdict.label_field,
        "stored_value": verdict.stored_value,
        "first_value": None,
        "verdict": str(verdict.verdict),
        "corrected_value": verdict.corrected_value,
        "reason": verdict.reason,
    }


def _snapshot(db: Session, review: Review | None) -> Snapshot | None:
    if review is None:
        return None
    return take_snapshot(review, *find_remarks(db, review.reviewer_id, review.entry_id))


def _apply(db: Session, review: Review, entry: Entry, before: Snapshot | None, after: Snapshot) -> None:
    """Makes the rows, which say what `before` says, say what `after` says; what is outdated shows by the entry."""
    review.state = after["state"]
    review.revision = after["revision"]
    review.blind = after["blind"]
    review.updated_at = now()
    db.add(review)
    db.flush()
    was = before or nothing()
    if was["verdicts"]:
        db.execute(delete(Verdict).where(Verdict.review_id == review.id))
    if after["verdicts"]:
        present = {label.field.name: encode_value(label.value) for label in stored_labels(entry, entry.dataset)}
        db.execute(insert(Verdict), [_as_verdict(review.id, verdict, present) for verdict in after["verdicts"]])
    _apply_remarks(db, {"reviewer_id": review.reviewer_id, "entry_id": review.entry_id}, was, after)


def _as_verdict(review_id: int, row: dict[str, Any], present: dict[str, str]) -> dict[str, Any]:
    outdated = row["stored_value"] != present.get(row["label_field"], row["stored_value"])
    return {"review_id": review_id, "outdated": outdated, **row}


def _apply_remarks(db: Session, whose: dict[str, int], was: Snapshot, after: Snapshot) -> None:
    if was["comment"] != after["comment"]:
        if was["comment"]:
            db.execute(delete(Comment).filter_by(**whose, of_review=True))
        if after["comment"]:
            db.add(Comment(**whose, of_review=True, body=after["comment"]))
    if was["flagged"] and not after["flagged"]:
        db.execute(delete(Flag).filter_by(**whose))
    if after["flagged"] and not was["flagged"]:
        db.add(Flag(**whose))
    db.flush()


def _log(db: Session, kind: str, review: Review, entry: Entry, before: Snapshot | None, after: Snapshot) -> None:
    record_event(
        db,
        kind,
        {"before": before, "after": after},
        reviewer_id=review.reviewer_id,
        dataset_id=entry.dataset_id,
        entry_id=entry.id,
        review_id=review.id,
    )
