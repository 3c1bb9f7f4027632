"""What people say of an entry beside their verdicts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now
from app.terms.flag_kind import FlagKind

# What may wait for somebody's answer: of all comments few, for those of reviews speak to nobody as a rule.
WAITS = "resolved_at IS NULL AND (NOT of_review OR body LIKE '%@%')"


class Comment(Base):
    """One of an entry's thread. A reviewer has at most one for each review of theirs, and any number beside it."""

    __tablename__ = "comment"
    __table_args__ = (
        Index(
            "uq_comment_of_review",
            "reviewer_id",
            "entry_id",
            "item_id",
            unique=True,
            sqlite_where=text("of_review"),
            postgresql_where=text("of_review"),
        ),
        Index("ix_comment_waiting", "entry_id", sqlite_where=text(WAITS), postgresql_where=text(WAITS)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    body: Mapped[str]
    of_review: Mapped[bool]  # saved, changed and undone with it
    item_id: Mapped[int] = mapped_column(default=0)  # as of the review that it belongs to
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))


class Flag(Base):
    __tablename__ = "flag"
    __table_args__ = (UniqueConstraint("reviewer_id", "entry_id", "item_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    item_id: Mapped[int] = mapped_column(default=0)  # as of the review that it was raised with
    kind: Mapped[str] = mapped_column(default=FlagKind.OTHER)
    created_at: Mapped[datetime] = mapped_column(default=now)
