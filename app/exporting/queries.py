"""The rows of an export of reviews, streamed."""

from collections.abc import Iterator
from typing import Any

from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.exporting.kinds import Kind, Plain
from app.models import (
    Comment,
    Dataset,
    DatasetImport,
    Entry,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    Verdict,
)
from app.models.label_field import decode_value

# A value of a label is a truth, a number, or a list of categories.
REVIEW_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("dataset", "revision", "subset", "split"), Plain.TEXT),
    "row": Plain.INTEGER,
    **dict.fromkeys(("content_key", "prompt", "reviewer", "session"), Plain.TEXT),
    "blind": Plain.BOOLEAN,
    "label_field": Plain.TEXT,
    **dict.fromkeys(("stored_value", "first_value"), Plain.ANY),
    "verdict": Plain.TEXT,
    "corrected_value": Plain.ANY,
    **dict.fromkeys(("reason", "comment"), Plain.TEXT),
    "seconds": Plain.INTEGER,
    "reviewed_at": Plain.TEXT,
    "review_id": Plain.INTEGER,
    "outdated": Plain.BOOLEAN,
}
REVIEW_COLUMNS = tuple(REVIEW_KINDS)


def find_review_rows(db: Session, dataset: Dataset, within: BitMap | None = None) -> Iterator[dict[str, Any]]:
    """One row per verdict, by entry and review; a review with a comment only is a row without a label field."""
    rows = db.execute(
        select(Entry, DatasetImport.revision, Review, Reviewer.name, Verdict, Comment.body, ReviewSession.name)
        .join(Review, Review.entry_id == Entry.id)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(DatasetImport, DatasetImport.id == Entry.import_id)
        .outerjoin(Verdict, Verdict.review_id == Review.id)
        .outerjoin(SessionEntry, SessionEntry.id == Review.item_id)
        .outerjoin(ReviewSession, ReviewSession.id == SessionEntry.session_id)
        .outerjoin(
            Comment,
            Comment.of_review
            & (Comment.entry_id == Entry.id)
            & (Comment.reviewer_id == Review.reviewer_id)
            & (Comment.item_id == Review.item_id),
        )
        .where(Entry.dataset_id == dataset.id, Review.state != ReviewState.WITHDRAWN)
        .order_by(Entry.id, Review.id, Verdict.id),
        execution_options={"yield_per": 500},
    )
    for entry, revision, review, reviewer, verdict, comment, session in rows:
        if within is None or entry.id in within:
            yield {
                "dataset": dataset.slug,
                "revision": revision,
                **_of_entry(entry),
                "reviewer": reviewer,
                "session": session,
                "blind": review.blind,
                **_of_verdict(verdict),
                "comment": comment,
                "seconds": review.active_seconds,
                "reviewed_at": review.updated_at.isoformat(),
                "review_id": review.id,
                "outdated": None if verdict is None else verdict.outdated,
            }


def _of_entry(entry: Entry) -> dict[str, Any]:
    return {
        "subset": entry.subset,
        "split": entry.split,
        "row": entry.row,
        "content_key": entry.content_key.hex(),
        "prompt": entry.prompt,
    }


def _of_verdict(verdict: Verdict | None) -> dict[str, Any]:
    names = ("label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason")
    if verdict is None:
        return dict.fromkeys(names)
    values = {name: getattr(verdict, name) for name in names}
    for name in ("stored_value", "first_value", "corrected_value"):
        values[name] = None if values[name] is None else decode_value(values[name])
    return values
