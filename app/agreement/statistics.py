"""All that a session, or a dataset, says: field by field, remembered until something of the dataset changes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agreement.estimation import Population
from app.agreement.field_statistics import FieldRatings, FieldStatistics, add_intervals, field_statistics
from app.agreement.ratings import find_field_ratings, find_settled_values
from app.agreement.scopes import FIRST_TIMES, Scope, within
from app.browsing.memories import Memory
from app.models import (
    Entry,
    ItemKind,
    Reservation,
    Review,
    ReviewState,
    SamplingPlan,
    SessionEntry,
)
from app.models.label_field import TIE, LabelField, LabelKind
from app.sampling.acceptance import AcceptancePlan, from_json
from app.terms.taxonomy import Taxonomy

_fields: Memory[FieldStatistics] = Memory(256)
_answered: Memory["Answered"] = Memory(64)


@dataclass(frozen=True)
class Answered:
    """How much of what was asked was answered. Of a dataset nothing was asked."""

    entries: int  # with one review at least
    reviewers: int
    done: int  # reviews
    wanted: int | None
    put_off: int

    @property
    def rate(self) -> float | None:
        return self.done / self.wanted if self.wanted else None


@dataclass(frozen=True)
class Decision:
    """Of the acceptance plan, on one label."""

    field: LabelField
    words: str  # accept, reject or continue
    errors: int
    judged: int


@dataclass(frozen=True)
class Statistics:
    scope: Scope
    answered: Answered
    fields: tuple[FieldStatistics, ...]
    acceptance: AcceptancePlan | None
    decisions: tuple[Decision, ...]


def find_statistics(db: Session, scope: Scope, *, with_intervals: bool = False) -> Statistics:
    find = find_field_with_intervals if with_intervals else find_field
    fields = tuple(find(db, scope, field) for field in scope.fields)
    answered = _answered.remember(db, scope.dataset.id, scope.key, lambda: _count(db, scope))
    session = scope.session
    plan = from_json(session.acceptance) if session is not None and session.acceptance is not None else None
    return Statistics(scope, answered, fields, plan, _decide(plan, fields) if plan else ())


def find_field(db: Session, scope: Scope, field: LabelField) -> FieldStatistics:
    def find() -> FieldStatistics:
        return field_statistics(find_field_material(db, scope, field))

    return _fields.remember(db, scope.dataset.id, (*scope.key, field.name), find)


def find_field_with_intervals(db: Session, scope: Scope, field: LabelField) -> FieldStatistics:
    """As `find_field`, and the coefficients with their intervals: of many reviews that takes seconds."""

    def find() -> FieldStatistics:
        seed = scope.session.seed if scope.session else scope.dataset.id
        return add_intervals(find_field(db, scope, field), find_field_material(db, scope, field), seed)

    return _fields.remember(db, scope.dataset.id, (*scope.key, field.name, "intervals"), find)


def find_field_material(db: Session, scope: Scope, field: LabelField) -> FieldRatings:
    return FieldRatings(
        field=field,
        values=values_of(field, scope.dataset.taxonomy),
        ratings=find_field_ratings(db, scope, field.name),
        population=_population(db, scope),
        settled={entry: value for (entry, name), value in find_settled_values(db, scope).items() if name == field.name},
    )


def values_of(field: LabelField, taxonomy: Taxonomy) -> Sequence[Any]:
    """All that the label may be, whether or not it is."""
    if field.kind is LabelKind.SEVERITY:
        return [severity.level for severity in taxonomy.severities]
    if field.kind is LabelKind.SAFE:
        return [True, False]
    return [] if field.kind is LabelKind.CATEGORIES else [0, 1, TIE]


def _population(db: Session, scope: Scope) -> Population | None:
    """That the sample was drawn from; without a plan what is in the session speaks for itself alone."""
    session = scope.session
    if session is None:
        return None
    plan = db.get(SamplingPlan, session.plan_id) if session.plan_id else None
    if plan is not None:
        strata = {stratum["name"]: int(stratum["size"]) for stratum in plan.strata}
        clusters = {stratum["name"]: int(stratum["clusters"]) for stratum in plan.strata if "clusters" in stratum}
        return Population(strata, clusters or None)
    mine = select(SessionEntry.stratum).filter_by(session_id=session.id, kind=ItemKind.SAMPLE)
    return Population(Counter(db.scalars(mine)))


def _count(db: Session, scope: Scope) -> Answered:
    given = (
        select(func.count(Review.entry_id.distinct()), func.count(Review.reviewer_id.distinct()), func.count(Review.id))
        .join(Entry, Entry.id == Review.entry_id)
        .outerjoin(SessionEntry, SessionEntry.id == Review.item_id)
        .where(Review.state == ReviewState.SUBMITTED, FIRST_TIMES)
    )
    entries, reviewers, done = db.execute(within(scope, given)).one()
    if scope.session is None:
        return Answered(entries, reviewers, done, None, 0)
    mine = SessionEntry.session_id == scope.session.id
    wanted = db.scalar(select(func.sum(SessionEntry.wanted)).where(mine, SessionEntry.kind == ItemKind.SAMPLE))
    put_off = select(func.count()).where(
        Reservation.session_id == scope.session.id, Reservation.skipped_at.is_not(None)
    )
    return Answered(entries, reviewers, done, wanted or 0, db.scalar(put_off) or 0)


def _decide(plan: AcceptancePlan, fields: Sequence[FieldStatistics]) -> tuple[Decision, ...]:
    """An entry is wrong where it was adjudicated so, or at least half of its reviewers say so."""
    return tuple(Decision(one.field, plan.decide(one.errors, one.judged), one.errors, one.judged) for one in fields)
