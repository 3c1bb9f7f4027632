"""How one reviewer sees many entries."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Review, Reviewer
from app.reviewing.sight import Sight, sight_of


def find_sights(db: Session, reviewer: Reviewer, entry_ids: Sequence[int]) -> Mapping[int, Sight]:
    """Of each entry asked for."""
    wanted = select(Review).where(
        Review.reviewer_id == reviewer.id, Review.entry_id.in_(entry_ids), Review.item_id == 0
    )
    reviews = {review.entry_id: review for review in db.scalars(wanted)}
    return {entry_id: sight_of(reviewer, reviews.get(entry_id), entry_id) for entry_id in entry_ids}
