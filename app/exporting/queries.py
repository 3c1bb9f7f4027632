"""The rows of an export, streamed."""

from collections.abc import Iterator
from typing import Any

from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Comment, Dataset, DatasetImport, Entry, Review, Reviewer, ReviewState, Verdict
from app.models.label_field import decode_value

REVIEW_COLUMNS = (
    "dataset", "revision", "subset", "split", "row", "content_key", "prompt", "reviewer", "session", "blind",
    "label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason", "comment", "seconds",
    "reviewed_at", "review_id", "outdated",
)  # fmt: skip


def find_review_rows(db: Session, dataset: Dataset, within: BitMap | None = None) -> Iterator[dict[str, Any]]:
    """One row per verdict, by entry and review; a review with a comment only is a row without a label field."""
    rows = db.execute(
        select(Entry, DatasetImport.revision, Review, Reviewer.name, Verdict, Comment.body)
        .join(Review, Review.entry_id == Entry.id)
        .join(Reviewer, Reviewer.id == Review.reviewer_id)
        .join(DatasetImport, DatasetImport.id == Entry.import_id)
        .outerjoin(Verdict, Verdict.review_id == Review.id)
        .outerjoin(Comment, (Comment.entry_id == Entry.id) & (Comment.reviewer_id == Review.reviewer_id))
        .where(Entry.dataset_id == dataset.id, Review.state != ReviewState.WITHDRAWN)
        .order_by(Entry.id, Review.id, Verdict.id),
        execution_options={"yield_per": 500},
    )
    for entry, revision, review, reviewer, verdict, comment in rows:
        if within is None or entry.id in within:
            yield {
                "dataset": dataset.slug,
                "revision": revision,
                **_of_entry(entry),
                "reviewer": reviewer,
                "session": None,
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
