"""Whoever may come in, might have, or reviewed in local mode: what an admin sees of each."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import ApiToken, Dataset, Invitation, Login, Membership, Review, Reviewer, ReviewState
from app.models.base import now
from app.names import name_key


class AccountState(StrEnum):
    ACTIVE = "active"
    INVITED = "invited"
    WITHOUT_PASSWORD = "no password yet"  # noqa: S105 - and no invitation that is still good
    DISABLED = "deactivated"
    LOCAL = "local name"  # that no account has claimed


@dataclass(frozen=True)
class Account:
    id: int
    name: str
    role: str
    state: AccountState
    has_password: bool
    is_from_outside: bool  # another system signs them in
    invited_until: datetime | None
    datasets: tuple[tuple[int, str], ...] | None  # ids and titles; None: all
    seen_at: datetime | None
    reviews: int

    @property
    def dataset_ids(self) -> list[int] | None:
        return None if self.datasets is None else [dataset_id for dataset_id, _ in self.datasets]

    @property
    def is_local(self) -> bool:
        return self.state is AccountState.LOCAL


def _latest(moment: ColumnElement[Any], *which: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.max(moment)).where(*which).correlate(Reviewer).scalar_subquery()


def find_accounts(db: Session, typed: str = "") -> list[Account]:
    """Whose name has what was typed somewhere in it; names of local mode come last."""
    rows = _read(db)
    wanted = name_key(" ".join(typed.split()))
    return [account for account in rows if wanted in name_key(account.name)]


def get_account(db: Session, reviewer_id: int) -> Account:
    found = _read(db, Reviewer.id == reviewer_id)
    if not found:
        raise NotFound("There is no such account.")
    return found[0]


def count_reviews_of(db: Session, reviewer_id: int) -> int:
    return db.scalar(select(func.count()).where(*_submitted_by(reviewer_id))) or 0


def find_choosable_datasets(db: Session) -> list[tuple[int, str]]:
    return [(row.id, row.title) for row in db.execute(select(Dataset.id, Dataset.title).order_by(Dataset.id))]


def _submitted_by(reviewer_id: ColumnElement[int] | int) -> tuple[ColumnElement[bool], ...]:
    return Review.reviewer_id == reviewer_id, Review.state == ReviewState.SUBMITTED


def _read(db: Session, *which: ColumnElement[bool]) -> list[Account]:
    mine = Reviewer.id.expression
    good = (Invitation.used_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > now())
    statement = (
        select(
            Reviewer.id,
            Reviewer.name,
            Reviewer.role,
            Reviewer.is_account,
            Reviewer.disabled_at,
            Reviewer.password_set_at,
            Reviewer.external_id,
            Reviewer.sees_all_datasets,
            _latest(Invitation.expires_at.expression, Invitation.reviewer_id == mine, *good).label("invited_until"),
            _latest(Login.seen_at.expression, Login.reviewer_id == mine).label("login_at"),
            _latest(ApiToken.used_at.expression, ApiToken.reviewer_id == mine).label("token_at"),
            select(func.count()).where(*_submitted_by(mine)).correlate(Reviewer).scalar_subquery().label("reviews"),
        )
        .where(*which)
        .order_by(Reviewer.is_account.desc(), Reviewer.name_key)
    )
    members = _memberships(db)
    return [
        Account(
            row.id,
            row.name,
            row.role,
            _state(
                row.is_account, row.disabled_at, row.password_set_at or row.external_id, row.login_at, row.invited_until
            ),
            row.password_set_at is not None,
            row.external_id is not None,
            row.invited_until,
            None if row.sees_all_datasets else tuple(members.get(row.id, ())),
            max(filter(None, (row.login_at, row.token_at)), default=None),
            row.reviews,
        )
        for row in db.execute(statement)
    ]


def _memberships(db: Session) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    rows = select(Membership.reviewer_id, Dataset.id, Dataset.title).join(Dataset, Dataset.id == Membership.dataset_id)
    for reviewer_id, dataset_id, title in db.execute(rows.order_by(Dataset.id)):
        found.setdefault(reviewer_id, []).append((dataset_id, title))
    return found


def _state(
    is_account: bool, disabled_at: object, way_in: object, login_at: object, invited_until: object
) -> AccountState:
    if not is_account:
        return AccountState.LOCAL
    if disabled_at:
        return AccountState.DISABLED
    if way_in or login_at:
        return AccountState.ACTIVE
    return AccountState.INVITED if invited_until else AccountState.WITHOUT_PASSWORD
