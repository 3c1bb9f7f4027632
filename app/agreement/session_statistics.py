"""All that a session says, field by field."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adjudication.queries import find_settled
from app.agreement.estimation import Population
from app.agreement.field_statistics import FieldStatistics, Settled, field_statistics
from app.agreement.ratings import Rating, find_ratings
from app.models import (
    Dataset,
    ItemKind,
    Reservation,
    ReviewSession,
    SamplingPlan,
    SessionEntry,
)
from app.models.label_field import TIE, LabelField, LabelKind, fields_of
from app.sampling.acceptance import from_json
from app.terms.taxonomy import Taxonomy


@dataclass(frozen=True)
class Response:
    """How much of what was asked was answered."""

    wanted: int  # reviews
    done: int
    put_off: int

    @property
    def rate(self) -> float | None:
        return self.done / self.wanted if self.wanted else None


@dataclass(frozen=True)
class SessionStatistics:
    session: ReviewSession
    dataset: Dataset
    response: Response
    entries: int  # with one review at least
    reviewers: int
    fields: tuple[FieldStatistics, ...]
    decisions: tuple[tuple[LabelField, str], ...]  # of the acceptance plan


def find_session_statistics(db: Session, session: ReviewSession) -> SessionStatistics:
    dataset = db.get_one(Dataset, session.dataset_id)
    plan = db.get(SamplingPlan, session.plan_id) if session.plan_id else None
    ratings = [rating for rating in find_ratings(db, session) if rating.kind == ItemKind.SAMPLE]
    by_field: dict[str, list[Rating]] = defaultdict(list)
    for rating in ratings:
        by_field[rating.label_field].append(rating)
    settled: dict[str, dict[int, str]] = defaultdict(dict)
    for (entry_id, label_field), found in find_settled(db, session.id).items():
        settled[label_field][entry_id] = found.value
    population = _population(db, session, plan)
    asked = [field for field in fields_of(dataset) if field.name in session.label_fields]
    fields = tuple(
        _field(field, dataset.taxonomy, by_field[field.name], population, settled[field.name]) for field in asked
    )
    return SessionStatistics(
        session=session,
        dataset=dataset,
        response=_response(db, session),
        entries=len({rating.entry for rating in ratings}),
        reviewers=len({rating.reviewer for rating in ratings}),
        fields=fields,
        decisions=_decisions(session, fields),
    )


def _field(
    field: LabelField, taxonomy: Taxonomy, ratings: Sequence[Rating], population: Population, settled: Settled
) -> FieldStatistics:
    return field_statistics(field, values_of(field, taxonomy), ratings, population, settled)


def values_of(field: LabelField, taxonomy: Taxonomy) -> list[Any]:
    """All that the label may be, whether or not it is."""
    if field.kind is LabelKind.SEVERITY:
        return [severity.level for severity in taxonomy.severities]
    if field.kind is LabelKind.SAFE:
        return [True, False]
    return [] if field.kind is LabelKind.CATEGORIES else [0, 1, TIE]


def _population(db: Session, session: ReviewSession, plan: SamplingPlan | None) -> Population:
    """That the sample was drawn from; without a plan what is in the session speaks for itself alone."""
    if plan is not None:
        strata = {stratum["name"]: int(stratum["size"]) for stratum in plan.strata}
        clusters = {stratum["name"]: int(stratum["clusters"]) for stratum in plan.strata if "clusters" in stratum}
        return Population(strata, clusters or None)
    mine = select(SessionEntry.stratum).filter_by(session_id=session.id, kind=ItemKind.SAMPLE)
    return Population(Counter(db.scalars(mine)))


def _response(db: Session, session: ReviewSession) -> Response:
    of_sample = (SessionEntry.session_id == session.id, SessionEntry.kind == ItemKind.SAMPLE)
    sums = select(func.coalesce(func.sum(SessionEntry.wanted), 0), func.coalesce(func.sum(SessionEntry.done), 0))
    wanted, done = db.execute(sums.where(*of_sample)).one()
    put_off = select(func.count()).where(Reservation.session_id == session.id, Reservation.skipped_at.is_not(None))
    return Response(wanted, done, db.scalar(put_off) or 0)


def _decisions(session: ReviewSession, fields: Sequence[FieldStatistics]) -> tuple[tuple[LabelField, str], ...]:
    """An entry is wrong where it was adjudicated so, or at least half of its reviewers say so."""
    if session.acceptance is None:
        return ()
    plan = from_json(session.acceptance)
    return tuple((one.field, plan.decide(one.errors, one.judged)) for one in fields)
