"""Samples that were drawn."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.importing.queries import find_imports
from app.models import Dataset, Entry, SampledEntry, SamplingPlan

COLUMNS = ("place", "entry", "content_key", "subset", "split", "row", "stratum", "inclusion_probability", "cluster")


def find_plans(db: Session, dataset: Dataset) -> Sequence[SamplingPlan]:
    """The newest first."""
    return db.scalars(select(SamplingPlan).filter_by(dataset_id=dataset.id).order_by(SamplingPlan.id.desc())).all()


def get_plan(db: Session, dataset: Dataset, plan_id: int) -> SamplingPlan:
    plan = db.get(SamplingPlan, plan_id)
    if plan is None or plan.dataset_id != dataset.id:
        raise NotFound(f"{dataset.slug!r} has no sample {plan_id}.")
    return plan


def find_revision(db: Session, dataset: Dataset) -> str | None:
    """Of the data as it is now, where its source names one."""
    return next((made.revision for made in find_imports(db, dataset.id) if made.revision), None)


def find_sampled(db: Session, plan: SamplingPlan) -> Iterator[tuple[Any, ...]]:
    """In the order of the draw, as `COLUMNS` names them."""
    rows = (
        select(
            SampledEntry.place,
            Entry.id,
            Entry.content_key,
            Entry.subset,
            Entry.split,
            Entry.row,
            SampledEntry.stratum,
            SampledEntry.inclusion_probability,
            SampledEntry.cluster,
        )
        .join(Entry, Entry.id == SampledEntry.entry_id)
        .where(SampledEntry.plan_id == plan.id)
        .order_by(SampledEntry.place)
    )
    for place, entry_id, key, *rest in db.execute(rows):
        yield (place, entry_id, key.hex(), *rest)
