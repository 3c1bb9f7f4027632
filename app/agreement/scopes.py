"""What statistics are of: one review session, or all reviews of a dataset."""

from dataclasses import dataclass
from typing import TypeVarTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.errors import InvalidInput, NotFound
from app.models import Dataset, Entry, ItemKind, Review, ReviewSession, SessionEntry, SessionState
from app.models.label_field import LabelField, fields_of

CONDITIONS = ("", "open", "blind")
FIRST_TIMES = or_(SessionEntry.kind.is_(None), SessionEntry.kind == ItemKind.SAMPLE)  # no practice, no repeats
_Selected = TypeVarTuple("_Selected")


@dataclass(frozen=True)
class Scope:
    dataset: Dataset
    session: ReviewSession | None = None
    conditions: str = ""  # "open" or "blind" reviews alone

    @property
    def fields(self) -> tuple[LabelField, ...]:
        """That are asked."""
        every = fields_of(self.dataset)
        return every if self.session is None else tuple(f for f in every if f.name in self.session.label_fields)

    @property
    def key(self) -> tuple[object, ...]:
        return self.dataset.id, self.session.id if self.session else None, self.conditions

    @property
    def base(self) -> str:
        """Of the addresses of its pages."""
        return f"/sessions/{self.session.id}" if self.session else f"/datasets/{self.dataset.slug}"

    @property
    def query(self) -> str:
        return f"?conditions={self.conditions}" if self.conditions else ""

    def field(self, name: str) -> LabelField:
        found = next((field for field in self.fields if field.name == name), None)
        if found is None:
            asked = ", ".join(field.name for field in self.fields)
            raise NotFound(f"There is no label field {name[:60]!r} here; there are {asked}.")
        return found


def of_session(db: Session, session: ReviewSession) -> Scope:
    return Scope(db.get_one(Dataset, session.dataset_id), session)


def of_dataset(dataset: Dataset, conditions: str = "") -> Scope:
    if conditions not in CONDITIONS:
        raise InvalidInput(f"conditions is open or blind, or left out for both; not {conditions[:60]!r}.", "conditions")
    return Scope(dataset, conditions=conditions)


def within(scope: Scope, reviews: Select[*_Selected]) -> Select[*_Selected]:
    """Of reviews joined with their entry, and with their item where they have one.

    Of a dataset those outside of sessions, and those of sessions that are over: before, who takes part in a session
    is not to know what it says.
    """
    if scope.conditions:
        reviews = reviews.where(Review.blind.is_(scope.conditions == "blind"))
    if scope.session is not None:
        return reviews.where(SessionEntry.session_id == scope.session.id)
    over = select(ReviewSession.id).where(ReviewSession.state == SessionState.CLOSED)
    is_over = or_(SessionEntry.id.is_(None), SessionEntry.session_id.in_(over))
    return reviews.where(Entry.dataset_id == scope.dataset.id, Entry.withdrawn.is_(False), is_over)
