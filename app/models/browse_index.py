from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class BrowseIndexPart(Base):
    """A piece of the browse index of a large dataset, which takes minutes to build and a second to read."""

    __tablename__ = "browse_index_part"

    dataset_id: Mapped[int] = mapped_column(
        ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0, 1, ... of its name
    data: Mapped[bytes] = mapped_column(LargeBinary)
