from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from app.models import Reviewer

# Put together once: every page asks for it, and `Session.get` puts it together every time.
_BY_ID = select(Reviewer).where(Reviewer.id == bindparam("id"))


def find_reviewers(db: Session) -> Sequence[Reviewer]:
    return db.scalars(select(Reviewer).order_by(Reviewer.name_key)).all()


def find_reviewer(db: Session, reviewer_id: int) -> Reviewer | None:
    """None for an id that is not, or no longer, anybody's: cookies outlive databases."""
    return db.scalar(_BY_ID, {"id": reviewer_id})
