"""Which dataset it belongs to what an address names, for who sees some datasets only."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session

from app.models import Comment, Dataset, DatasetImport, Entry, ReviewSession, SamplingPlan, SessionEntry

_ID: Any = bindparam("named")
# By the name that it has in the paths of routes.
_DATASET_OF: Mapping[str, Select[int]] = {
    "slug": select(Dataset.id).where(Dataset.slug == _ID),
    "entry_id": select(Entry.dataset_id).where(Entry.id == _ID),
    "comment_id": select(Entry.dataset_id).join(Comment, Comment.entry_id == Entry.id).where(Comment.id == _ID),
    "item_id": (
        select(ReviewSession.dataset_id)
        .join(SessionEntry, SessionEntry.session_id == ReviewSession.id)
        .where(SessionEntry.id == _ID)
    ),
    "plan_id": select(SamplingPlan.dataset_id).where(SamplingPlan.id == _ID),
    "session_id": select(ReviewSession.dataset_id).where(ReviewSession.id == _ID),
    # One that has no dataset yet may be asked to go into one that is there.
    "import_id": (
        select(Dataset.id)
        .join(DatasetImport, or_(DatasetImport.dataset_id == Dataset.id, DatasetImport.slug == Dataset.slug))
        .where(DatasetImport.id == _ID)
    ),
}
OF_NO_DATASET = {
    "label_field": "of the dataset or session that its address names before",
    "section": "a part of one's own settings",
    "view_id": "looked for in the dataset that its address names before",
    "reviewer_id": "an account, which only admins manage; their reviews are looked for in the datasets one sees",
    "login_id": "looked for among one's own",
    "token_id": "looked for among one's own",
    "invitation_id": "an account's, which only admins manage",
    "secret": "nobody is signed in yet",
}
NAMES = _DATASET_OF.keys()


def find_dataset_of(db: Session, name: str, value: str | int) -> int | None:
    """None where there is no such thing."""
    return db.scalar(_DATASET_OF[name], {"named": value})
