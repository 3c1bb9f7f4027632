"""Verdicts given on a label that is another one now keep the value they were given on, and are marked outdated."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.importing.revising import Revision
from app.models import Review, Verdict


def mark_outdated(db: Session, revisions: Sequence[Revision]) -> int:
    """Returns how many reviews hold a verdict that became outdated; where a label came back, it is so no longer."""
    return _mark(db, revisions, writes=True)


def count_outdated(db: Session, revisions: Sequence[Revision]) -> int:
    """How many reviews `mark_outdated` would find."""
    return _mark(db, revisions, writes=False)


def _mark(db: Session, revisions: Sequence[Revision], *, writes: bool) -> int:
    present = {(r.entry.id, change.label_field): change.new_value for r in revisions for change in r.changed}
    reviews: set[int] = set()
    if not present:
        return 0
    wanted = (
        select(
            Verdict.id, Verdict.review_id, Review.entry_id, Verdict.label_field, Verdict.stored_value, Verdict.outdated
        )
        .join(Review, Review.id == Verdict.review_id)
        .where(Review.entry_id.in_({entry_id for entry_id, _ in present}))
    )
    for verdict_id, review_id, entry_id, label_field, stored_value, was_outdated in db.execute(wanted).all():
        now_stored = present.get((entry_id, label_field))
        if now_stored is None or (stored_value != now_stored) == was_outdated:
            continue
        if not was_outdated:
            reviews.add(review_id)
        if writes:
            db.execute(update(Verdict).where(Verdict.id == verdict_id).values(outdated=not was_outdated))
    return len(reviews)
