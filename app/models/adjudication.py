from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now


class ErrorKind(StrEnum):
    NONE = "none"  # the stored label is right
    LABEL_WRONG = "label_wrong"
    GUIDELINE_UNCLEAR = "guideline_unclear"
    AMBIGUOUS = "ambiguous"
    REVIEWER_SLIP = "reviewer_slip"
    TEXT_BROKEN = "text_broken"


class Adjudication(Base):
    """The settled value of a label; the stored one stays. Reopened, the row stays, and a further one settles anew."""

    __tablename__ = "adjudication"
    __table_args__ = (
        Index(
            "uq_adjudication_settled",
            "entry_id",
            "label_field",
            unique=True,
            sqlite_where=text("reopened_at IS NULL"),
            postgresql_where=text("reopened_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("review_session.id", ondelete="CASCADE"), index=True)
    label_field: Mapped[str]
    stored_value: Mapped[str]  # canonical JSON, as in a verdict
    value: Mapped[str]
    error_kind: Mapped[str]
    reason: Mapped[str | None]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))  # who settled it
    created_at: Mapped[datetime] = mapped_column(default=now)
    reopened_at: Mapped[datetime | None]
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
