"""A sample as it was drawn: the plan with its seed, and the frozen list with its inclusion probabilities."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now


class SamplingPlan(Base):
    __tablename__ = "sampling_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    design: Mapped[dict[str, Any]]
    query: Mapped[str]  # of the population, as the list of entries has it
    seed: Mapped[int]
    population: Mapped[int]  # entries
    strata: Mapped[list[dict[str, Any]]]  # name, size, sampled
    data_version: Mapped[int]
    revision: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class SampledEntry(Base):
    __tablename__ = "sampled_entry"

    plan_id: Mapped[int] = mapped_column(ForeignKey("sampling_plan.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)  # in the order of the draw, from 0
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    stratum: Mapped[str]
    inclusion_probability: Mapped[float]
    cluster: Mapped[str | None]  # what was drawn as one, such as all pairs of a prompt
