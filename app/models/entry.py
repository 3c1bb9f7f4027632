from sqlalchemy import ForeignKey, LargeBinary, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId


class Entry(Base):
    """One row of the dataset. Ids are dense in the order of import, which is what the browse index stands on."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("dataset_id", "content_key", "occurrence"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), index=True)  # with the id
    import_id: Mapped[int] = mapped_column(ForeignKey("dataset_import.id"))
    seen_import_id: Mapped[int] = mapped_column(ForeignKey("dataset_import.id"))  # the last one that had it
    subset: Mapped[str | None]
    split: Mapped[str]
    row: Mapped[int]  # 1-based line or row in its file
    prompt: Mapped[str]
    prompt_source: Mapped[str | None]
    better_response_id: Mapped[int | None] = mapped_column(SmallInteger)
    safer_response_id: Mapped[int | None] = mapped_column(SmallInteger)
    content_key: Mapped[bytes] = mapped_column(LargeBinary(20))  # app.terms.content_key
    occurrence: Mapped[int]
    contradictions: Mapped[int]  # bits of app.terms.contradiction
    length: Mapped[int]  # characters of prompt and responses
    withdrawn: Mapped[bool] = mapped_column(default=False)  # a later revision no longer has it
    extra: Mapped[str | None]  # the columns that mean nothing here, as a JSON object; kept for export

    responses: Mapped[list["Response"]] = relationship(lazy="raise", order_by="Response.position")
    dataset: Mapped["Dataset"] = relationship(lazy="raise")  # type: ignore[name-defined]  # noqa: F821


class Response(Base):
    """Every label may be unknown: NULL is not "safe"."""

    __tablename__ = "response"

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    text: Mapped[str]
    source: Mapped[str | None]
    is_safe: Mapped[bool | None]
    severity_level: Mapped[int | None] = mapped_column(SmallInteger)
    harm_categories: Mapped[int | None]  # bits over the dataset's taxonomy
    sha256: Mapped[str | None]  # as given
