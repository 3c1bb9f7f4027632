"""What a reviewer did last, what they put off, and what they have not saved yet."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, now


class DecisionKind(StrEnum):
    REVIEW = "review"
    SKIP = "skip"
    FLAGS = "flags"  # of many entries at once
    VERDICTS = "verdicts"  # on one label field of many entries at once


class Decision(Base):
    """One step of undo. References are plain numbers: what it names may be gone."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("reviewer_id", "key"),
        Index("ix_decision_reviewer_id_undone_at", "reviewer_id", "undone_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)  # of its first event
    last_event: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    dataset_id: Mapped[int]
    entry_id: Mapped[int | None]  # None when it is about many
    kind: Mapped[str]
    key: Mapped[str | None]  # of the form it came with: sent twice, it is one decision
    at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]


class Draft(Base):
    """A form that is filled in and not saved: it counts nowhere, and its reviewer finds it again."""

    __tablename__ = "draft"

    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True, index=True)
    item_id: Mapped[int] = mapped_column(BigId, primary_key=True, default=0, autoincrement=False)  # as of its review
    form: Mapped[dict[str, Any]]  # names to lists of values, as the browser sends them
    sequence: Mapped[int]  # rises; what arrives late changes nothing
    updated_at: Mapped[datetime] = mapped_column(default=now)


class SkipKind(StrEnum):
    PUT_OFF = "put_off"
    OPTED_OUT = "opted_out"  # the queue passed over it: its reviewer does not want to see such


class Skip(Base):
    """An entry that a reviewer saw, or was spared, and did not judge. Their review of it takes the skip away."""

    __tablename__ = "skip"

    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), primary_key=True, index=True)
    kind: Mapped[str]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)
