"""How somebody proves who they are. Of every secret only its hash is stored."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now


class Login(Base):
    """One sign-in of one browser."""

    __tablename__ = "login"

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    method: Mapped[str]  # password, oidc, proxy
    address: Mapped[str]
    browser: Mapped[str]  # as its User-Agent says, cut to a bound
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)  # to some minutes
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """A link by which somebody sets the password of an account: the first one, or a new one."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str]  # invitation, reset
    created_by: Mapped[int | None] = mapped_column(ForeignKey("reviewer.id"))  # None: the command line
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), index=True)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # to some minutes
    revoked_at: Mapped[datetime | None]


class Attempt(Base):
    """To sign in: counted before the password is looked at, so that many at once are counted too."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_name_hash_at", "name_hash", "at"),
        Index("ix_attempt_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name_hash: Mapped[bytes]  # of whatever was typed as a name, which may be a password
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class Membership(Base):
    """A dataset that somebody may see who may not see all."""

    __tablename__ = "membership"

    reviewer_id: Mapped[int] = mapped_column(ForeignKey("reviewer.id"), primary_key=True)
    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), primary_key=True, index=True)
