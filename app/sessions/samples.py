"""The samples that sessions are made of."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import SamplingPlan


def get_plan(db: Session, plan_id: int, within: Collection[int] | None) -> SamplingPlan:
    """Of one of the datasets of these ids; None: of any."""
    plan = db.get(SamplingPlan, plan_id)
    if plan is None or not (within is None or plan.dataset_id in within):
        raise NotFound(f"There is no sample {plan_id}.")
    return plan


def find_plans(db: Session, within: Collection[int] | None, limit: int = 20) -> Sequence[SamplingPlan]:
    """The newest first."""
    wanted = select(SamplingPlan).order_by(SamplingPlan.id.desc()).limit(limit)
    return db.scalars(wanted if within is None else wanted.where(SamplingPlan.dataset_id.in_(within))).all()
