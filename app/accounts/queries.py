from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Reviewer


def find_reviewers(db: Session) -> Sequence[Reviewer]:
    return db.scalars(select(Reviewer).order_by(Reviewer.name_key)).all()
