import secrets
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import JSON, Dialect, TypeDecorator
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, now
from app.terms.profile import Profile


class ProfileJson(TypeDecorator[Profile]):
    """Few texts are ever read, again and again: every request asks for its reviewer."""

    impl = JSON  # as the column is declared; its text is read and written here
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Profile | None], str]:  # noqa: ARG002
        return lambda profile: orjson.dumps((profile or Profile()).to_json()).decode()

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[str], Profile]:  # noqa: ARG002
        return _read_profile


@lru_cache(maxsize=256)
def _read_profile(text: str) -> Profile:
    return Profile.from_json(orjson.loads(text))


def new_seed() -> int:
    return secrets.randbits(62)


class Reviewer(Base):
    __tablename__ = "reviewer"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str] = mapped_column(unique=True)  # casefolded: "Alice" and "alice" are one person
    role: Mapped[str] = mapped_column(default="reviewer")  # app.terms.role.Role; means something with an account only
    is_account: Mapped[bool] = mapped_column(default=False)  # else a name that somebody chose in local mode
    password_hash: Mapped[str | None] = mapped_column(deferred=True)
    password_set_at: Mapped[datetime | None]
    external_id: Mapped[str | None] = mapped_column(unique=True)  # at the provider of single sign-on
    disabled_at: Mapped[datetime | None]
    sees_all_datasets: Mapped[bool] = mapped_column(default=True)  # else those of app.models.account.Membership
    profile: Mapped[Profile] = mapped_column(ProfileJson, default=Profile)
    seed: Mapped[int] = mapped_column(default=new_seed)  # decides which response stands left: app.reviewing.sides
    created_at: Mapped[datetime] = mapped_column(default=now)

    if TYPE_CHECKING:
        owes_blind: bool  # takes part in a blind session that is not closed: set by app.models.session

    @property
    def is_blind(self) -> bool:
        """By choice, or for a session's sake: what somebody is to judge blind they find nowhere before."""
        return self.profile.is_blind or bool(self.owes_blind)
