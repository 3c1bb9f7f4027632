"""Review sessions: who reviews which entries under which conditions, and who has which of them now."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, exists, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.models.base import Base, now
from app.models.reviewer import Reviewer, new_seed


class SessionState(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


class Adjudicates(StrEnum):
    """Which entries of a session wait for an adjudicator."""

    CONFLICTS = "conflicts"  # between reviewers
    DISAGREEMENTS = "conflicts_and_disagreements"  # with the stored label too


class ReviewSession(Base):
    __tablename__ = "review_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("sampling_plan.id", ondelete="CASCADE"))
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default=SessionState.DRAFT)
    guideline_id: Mapped[int | None] = mapped_column(ForeignKey("guideline.id"))
    label_fields: Mapped[list[str]]  # that are asked
    is_blind: Mapped[bool]
    shuffles: Mapped[bool]
    overlap: Mapped[int]  # reviewers of an entry
    due_on: Mapped[date | None]
    acceptance: Mapped[dict[str, Any] | None]  # a plan of app.sampling.acceptance
    adjudicates: Mapped[str] = mapped_column(default=Adjudicates.CONFLICTS)
    seed: Mapped[int] = mapped_column(default=new_seed)  # of the order, and of which side stands left
    created_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]


class ItemKind(StrEnum):
    SAMPLE = "sample"
    REPEAT = "repeat"  # shown to its reviewer a second time
    PRACTICE = "practice"  # with an explained answer; counts in no statistic


class SessionEntry(Base):
    """One item of a session's queue: an entry, and how many are to review it."""

    __tablename__ = "session_entry"
    __table_args__ = (
        Index("ix_session_entry_open", "session_id", "kind", "position", sqlite_where=text("done < wanted")),
        UniqueConstraint("session_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id", ondelete="CASCADE"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(default=ItemKind.SAMPLE)
    stratum: Mapped[str] = mapped_column(default="")
    inclusion_probability: Mapped[float | None]
    cluster: Mapped[str | None]
    wanted: Mapped[int]  # reviews
    done: Mapped[int] = mapped_column(default=0)  # submitted reviews: app.reviewing.applying counts them
    repeat_of: Mapped[int | None] = mapped_column(ForeignKey("session_entry.id", ondelete="CASCADE"))
    only_reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    explanation: Mapped[str | None]  # of a practice item, shown after one's answer
    explained_values: Mapped[dict[str, Any] | None]  # by label field


class Participant(Base):
    __tablename__ = "participant"

    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]


class Reservation(Base):
    """An item that somebody has before them, or put off. Their review of it takes it away."""

    __tablename__ = "reservation"
    __table_args__ = (Index("ix_reservation_session_id_reviewer_id", "session_id", "reviewer_id"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("session_entry.id", ondelete="CASCADE"), primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("review_session.id", ondelete="CASCADE"))
    given_at: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime]
    skipped_at: Mapped[datetime | None]
    reason: Mapped[str | None]


# Part of what is asked of every visitor anyway: it decides what any page may show them.
Reviewer.owes_blind = column_property(  # type: ignore[assignment]
    exists(
        select(Participant.session_id)
        .join(ReviewSession, ReviewSession.id == Participant.session_id)
        .where(
            Participant.reviewer_id == Reviewer.id,
            Participant.left_at.is_(None),
            ReviewSession.is_blind,
            ReviewSession.state.in_([SessionState.OPEN, SessionState.PAUSED]),
        )
        .correlate(Reviewer)
    )
)
