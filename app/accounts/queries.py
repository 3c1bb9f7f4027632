from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Reviewer


def find_reviewers(db: Session) -> Sequence[Reviewer]:
    return db.scalars(select(Reviewer).order_by(Reviewer.name_key)).all()


def get_reviewer(db: Session, reviewer_id: int) -> Reviewer:
    found = db.get(Reviewer, reviewer_id)
    if found is None:
        raise NotFound(f"There is no reviewer {reviewer_id}.")
    return found
