from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now


class SavedView(Base):
    """A list of entries under a name: its query string, so that it always holds what fits it now."""

    __tablename__ = "saved_view"
    # A link to a view that is gone must never open another one.
    __table_args__ = (UniqueConstraint("dataset_id", "name_key"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"))
    name: Mapped[str]
    name_key: Mapped[str]  # casefolded: "Cacti" and "cacti" are one view
    query: Mapped[str]  # as Filters.query_string writes it, without the place in the list
    pinned: Mapped[bool] = mapped_column(default=False)  # shown on the overview
    created_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)
