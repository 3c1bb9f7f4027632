from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, now


class ReviewState(StrEnum):
    DRAFT = "draft"  # a comment or a flag, or first answers that wait to be confirmed; no verdict yet
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"  # undone by its reviewer; the event log keeps what it said


class VerdictKind(StrEnum):
    AGREE = "agree"
    DISAGREE = "disagree"
    UNSURE = "unsure"


class Review(Base):
    """One reviewer's judgement of one entry's labels, and the conditions under which it was given."""

    __tablename__ = "review"
    __table_args__ = (UniqueConstraint("reviewer_id", "entry_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    item_id: Mapped[int] = mapped_column(default=0, index=True)  # of a session's queue; 0 outside of sessions
    state: Mapped[str]
    revision: Mapped[int]  # counts saves; a save must name the one it saw
    blind: Mapped[bool] = mapped_column(default=False)
    shuffled: Mapped[bool] = mapped_column(default=False)  # a seed, not the dataset, said which response stands left
    left_position: Mapped[int | None] = mapped_column(SmallInteger)  # of the response that stood left
    # By label field, canonical JSON: frozen when the stored labels were revealed.
    first_answers: Mapped[dict[str, Any] | None]
    labels_seen_at: Mapped[datetime | None]  # nobody reviews blind what they have seen
    seen_before: Mapped[bool] = mapped_column(default=False)  # its labels, elsewhere, by who judged it blind
    guideline_id: Mapped[int | None] = mapped_column(ForeignKey("guideline.id"))  # the version that was shown
    active_seconds: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, index=True)

    verdicts: Mapped[list["Verdict"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", passive_deletes=True, order_by="Verdict.id"
    )


class Verdict(Base):
    """Values are canonical JSON text (true, 2, ["cybercrime"], "tie"), whatever the field."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("review_id", "label_field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    label_field: Mapped[str]
    stored_value: Mapped[str]
    first_value: Mapped[str | None]  # the reviewer's own answer, before they saw the stored value
    verdict: Mapped[str]
    corrected_value: Mapped[str | None]
    reason: Mapped[str | None]
    outdated: Mapped[bool] = mapped_column(default=False)  # the stored value is another one now
