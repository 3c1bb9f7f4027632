"""Who may review in a session: names of local mode, or the accounts of a team that see the dataset."""

from collections.abc import Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from app.accounts.visitors import is_team
from app.models import Membership, Participant, Reviewer
from app.terms.role import Role

_MEMBER = exists().where(Membership.reviewer_id == Reviewer.id)


def find_choosable(db: Session, dataset_id: int) -> Sequence[Reviewer]:
    people = select(Reviewer).order_by(Reviewer.name_key)
    if not is_team(db):
        return db.scalars(people.where(Reviewer.is_account.is_(False))).all()
    may_review = (Reviewer.is_account, Reviewer.disabled_at.is_(None), Reviewer.role != Role.VIEWER)
    sees = or_(Reviewer.sees_all_datasets, _MEMBER.where(Membership.dataset_id == dataset_id))
    return db.scalars(people.where(*may_review, sees)).all()


def find_participants(db: Session, session_id: int) -> Sequence[Reviewer]:
    """Who has not left."""
    wanted = select(Reviewer).join(Participant, Participant.reviewer_id == Reviewer.id)
    here = (Participant.session_id == session_id, Participant.left_at.is_(None))
    return db.scalars(wanted.where(*here).order_by(Reviewer.name_key)).all()


def takes_part(db: Session, session_id: int, reviewer_id: int | None) -> bool:
    found = db.get(Participant, (session_id, reviewer_id)) if reviewer_id else None
    return found is not None and found.left_at is None
