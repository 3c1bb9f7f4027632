from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, now


class Reviewer(Base):
    __tablename__ = "reviewer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)  # casefolded: "Alice" and "alice" are one person
    role: Mapped[str] = mapped_column(default="reviewer")
    created_at: Mapped[datetime] = mapped_column(default=now)


class ReviewState(StrEnum):
    DRAFT = "draft"  # a comment or a flag, no verdict yet
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"  # undone by its reviewer; the event log keeps what it said


class VerdictKind(StrEnum):
    AGREE = "agree"
    DISAGREE = "disagree"
    UNSURE = "unsure"


class Review(Base):
    """One reviewer's judgement of one entry's labels."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("reviewer_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    state: Mapped[str]
    revision: Mapped[int]  # counts saves; a save must name the one it saw
    blind: Mapped[bool] = mapped_column(default=False)
    shuffled: Mapped[bool] = mapped_column(default=False)
    active_seconds: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, index=True)

    verdicts: Mapped[list["Verdict"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="Verdict.id"
    )


class Verdict(Base):
    """Values are canonical JSON text (true, 2, ["cybercrime"]), whatever the field."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("review_id", "label_field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    label_field: Mapped[str]
    stored_value: Mapped[str]
    first_value: Mapped[str | None]
    verdict: Mapped[str]
    corrected_value: Mapped[str | None]
    reason: Mapped[str | None]
    outdated: Mapped[bool] = mapped_column(default=False)  # the stored value is another one now


class Comment(Base):
    __tablename__ = "comment"
    __table_args__ = (UniqueConstraint("reviewer_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    body: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Flag(Base):
    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("reviewer_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
