"""What a queue passed over for a reviewer is no non-response any more once they want to see it again."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.models import Dataset, Entry, Response, Skip, SkipKind
from app.terms.profile import Profile


def forget_passed_over(db: Session, reviewer_id: int, profile: Profile) -> None:
    """All but the entries that have a category which they still opt out of."""
    passed_over = Skip.reviewer_id == reviewer_id, Skip.kind == SkipKind.OPTED_OUT
    in_datasets = select(Entry.dataset_id).join(Skip, Skip.entry_id == Entry.id).where(*passed_over)
    for dataset in db.scalars(select(Dataset).where(Dataset.id.in_(in_datasets))):
        mask = dataset.taxonomy.mask([code for code in profile.opted_out if code in dataset.taxonomy.bits])
        unwanted = select(Response.entry_id).where(Response.harm_categories.bitwise_and(mask) != 0)
        own = select(Entry.id).where(Entry.dataset_id == dataset.id)
        db.execute(delete(Skip).where(*passed_over, Skip.entry_id.in_(own), Skip.entry_id.not_in(unwanted)))
