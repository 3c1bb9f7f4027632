"""What admins do to accounts. Each change is an event that says what was before and what is after.

`by` is the admin's id, None for the command line. Who stopped being an admin while their form was under way changes
nothing, and neither does a form that shows what is no longer so.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from app.accounts.actions import LONGEST_NAME
from app.accounts.logins import end_logins
from app.accounts.visitors import is_team
from app.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.models import ApiToken, Dataset, Invitation, Membership, Reviewer
from app.models.base import now
from app.models.event import record_event
from app.names import name_key, readable_name
from app.terms.role import Role

Datasets = Collection[int] | None  # None: all


def find_named(db: Session, typed: str) -> Reviewer | None:
    name = readable_name(typed, LONGEST_NAME)
    return None if name is None else db.scalar(select(Reviewer).where(Reviewer.name_key == name_key(name)))


def add_account(db: Session, typed: str, role: str, by: int | None, datasets: Datasets = None) -> Reviewer:
    _check_still_admin(db, by)
    reviewer = Reviewer(name=_free_name(db, typed), role=_role_for(db, role), is_account=True)
    reviewer.name_key = name_key(reviewer.name)
    _check_datasets(db, datasets)
    db.add(reviewer)
    db.flush()
    _replace_memberships(db, reviewer, datasets)
    after = {"role": reviewer.role, "datasets": _in_words(datasets)}
    record_event(db, "account.added", _about(reviewer, None, after), reviewer_id=by)
    return reviewer


def claim(
    db: Session, reviewer_id: int, role: str, by: int | None, *, name: str = "", datasets: Datasets = None
) -> Reviewer:
    """A name of local mode becomes an account, with every review and comment that is under it."""
    _check_still_admin(db, by)
    reviewer = _get(db, reviewer_id)
    if reviewer.is_account:
        raise Conflict(f"{reviewer.name} is an account already, so nothing was changed.")
    before = {"name": reviewer.name}
    new_name = _free_name(db, name, but_for=reviewer.id) if name else reviewer.name
    new_role = _role_for(db, role)
    _check_datasets(db, datasets)
    reviewer.name, reviewer.name_key, reviewer.role, reviewer.is_account = new_name, name_key(new_name), new_role, True
    _replace_memberships(db, reviewer, datasets)
    after = {"name": reviewer.name, "role": reviewer.role, "datasets": _in_words(datasets)}
    record_event(db, "account.claimed", _about(reviewer, before, after), reviewer_id=by)
    return reviewer


def change_role(db: Session, reviewer_id: int, was: str, role: str, by: int | None) -> Reviewer:
    _check_still_admin(db, by)
    reviewer, wanted = _get_account(db, reviewer_id), _role_for(db, role)
    if reviewer.role != was:
        raise Conflict(f"{reviewer.name} has the role {reviewer.role} by now, so nothing was changed.")
    if wanted != was:
        if was == Role.ADMIN:
            _keep_an_admin(db, reviewer)
        reviewer.role = wanted
        record_event(db, "account.role_changed", _about(reviewer, {"role": was}, {"role": wanted}), reviewer_id=by)
    return reviewer


def set_memberships(db: Session, reviewer_id: int, was: Datasets, datasets: Datasets, by: int | None) -> Reviewer:
    _check_still_admin(db, by)
    reviewer = _get_account(db, reviewer_id)
    _check_datasets(db, datasets)
    before = find_memberships(db, reviewer)
    if _in_words(before) != _in_words(was):
        raise Conflict(f"What {reviewer.name} may see was changed in the meantime, so nothing was changed now.")
    if _in_words(datasets) != _in_words(before):
        _replace_memberships(db, reviewer, datasets)
        told = {"datasets": _in_words(before)}, {"datasets": _in_words(datasets)}
        record_event(db, "account.datasets_changed", _about(reviewer, *told), reviewer_id=by)
    return reviewer


def find_memberships(db: Session, reviewer: Reviewer) -> Datasets:
    if reviewer.sees_all_datasets:
        return None
    return db.scalars(select(Membership.dataset_id).where(Membership.reviewer_id == reviewer.id)).all()


def disable(db: Session, reviewer_id: int, by: int | None) -> Reviewer:
    """They are out at once, and what let them in lets nobody in when they come back."""
    _check_still_admin(db, by)
    reviewer = _get_account(db, reviewer_id)
    if reviewer.disabled_at:
        raise Conflict(f"{reviewer.name} is deactivated already.")
    if reviewer.role == Role.ADMIN:
        _keep_an_admin(db, reviewer)
    reviewer.disabled_at = now()
    end_logins(db, reviewer.id, "disabled", by)
    for table in (ApiToken, Invitation):
        good = (table.reviewer_id == reviewer.id, table.revoked_at.is_(None))
        db.execute(update(table).where(*good).values(revoked_at=now()))
    states = {"state": "active"}, {"state": "deactivated"}
    record_event(db, "account.disabled", _about(reviewer, *states), reviewer_id=by)
    return reviewer


def enable(db: Session, reviewer_id: int, by: int | None) -> Reviewer:
    _check_still_admin(db, by)
    reviewer = _get_account(db, reviewer_id)
    if not reviewer.disabled_at:
        raise Conflict(f"{reviewer.name} is active already.")
    reviewer.disabled_at = None
    states = {"state": "deactivated"}, {"state": "active"}
    record_event(db, "account.enabled", _about(reviewer, *states), reviewer_id=by)
    return reviewer


def check_invitable(db: Session, reviewer_id: int, by: int | None) -> Reviewer:
    """Whose password may be set by a link: an account's that is active."""
    _check_still_admin(db, by)
    reviewer = _get_account(db, reviewer_id)
    if reviewer.disabled_at:
        raise Conflict(f"{reviewer.name} is deactivated; activate the account first.")
    return reviewer


def _get(db: Session, reviewer_id: int) -> Reviewer:
    reviewer = db.get(Reviewer, reviewer_id)
    if reviewer is None:
        raise NotFound("There is no such account.")
    return reviewer


def _get_account(db: Session, reviewer_id: int) -> Reviewer:
    reviewer = _get(db, reviewer_id)
    if not reviewer.is_account:
        raise Conflict(f"{reviewer.name} is a name of local mode; make an account of it first.")
    return reviewer


def _free_name(db: Session, typed: str, but_for: int | None = None) -> str:
    name = readable_name(typed, LONGEST_NAME)
    if name is None:
        raise InvalidInput(f"Type a name of 1 to {LONGEST_NAME} letters.", "name")
    taken = db.scalar(select(Reviewer).where(Reviewer.name_key == name_key(name)))
    if taken is None or taken.id == but_for:
        return name
    if taken.is_account:
        raise InvalidInput(f"There is an account {taken.name} already.", "name")
    raise InvalidInput(
        f"{taken.name} is a name of local mode, with its reviews: make an account of it, or take another name.", "name"
    )


def _role_for(db: Session, role: str) -> Role:
    if role not in list(Role):
        raise InvalidInput(f"The role must be one of {', '.join(Role)}.", "role", list(Role))
    if role != Role.ADMIN and not is_team(db):
        raise InvalidInput(
            "The first account must be an admin's (--role admin): it begins team mode, and somebody has to invite "
            "the others.",
            "role",
            [Role.ADMIN],
        )
    return Role(role)


def _check_still_admin(db: Session, by: int | None) -> None:
    """Within the transaction of the change: of two admins who end each other's access, one gets through."""
    if by is None:
        return
    admin = db.scalar(select(Reviewer.id).where(Reviewer.id == by, *_active_admin()))
    if admin is None:
        raise Forbidden("You are no longer an admin, so nothing was changed.")


def _active_admin() -> tuple[Any, ...]:
    return Reviewer.is_account, Reviewer.role == Role.ADMIN, Reviewer.disabled_at.is_(None)


def _keep_an_admin(db: Session, leaving: Reviewer) -> None:
    """One who can sign in: an invitation that nobody took may never be taken."""
    has_way_in = or_(Reviewer.password_set_at.is_not(None), Reviewer.external_id.is_not(None))
    if db.scalar(select(Reviewer.id).where(Reviewer.id != leaving.id, *_active_admin(), has_way_in)) is None:
        raise Conflict(
            f"{leaving.name} is the last admin who can sign in. Make somebody else an admin first; nothing was changed."
        )


def _check_datasets(db: Session, datasets: Datasets) -> None:
    if datasets is None:
        return
    if not datasets:
        raise InvalidInput("Tick at least one dataset, or choose all.", "dataset")
    there = db.scalars(select(Dataset.id).where(Dataset.id.in_(datasets))).all()
    if len(there) != len(set(datasets)):
        raise InvalidInput("One of these datasets is not there any more; choose again.", "dataset")


def _replace_memberships(db: Session, reviewer: Reviewer, datasets: Datasets) -> None:
    reviewer.sees_all_datasets = datasets is None
    db.execute(delete(Membership).where(Membership.reviewer_id == reviewer.id))
    if datasets:
        rows = [{"reviewer_id": reviewer.id, "dataset_id": dataset_id} for dataset_id in sorted(set(datasets))]
        db.execute(insert(Membership), rows)


def _in_words(datasets: Datasets) -> str | list[int]:
    return "all" if datasets is None else sorted(set(datasets))


def _about(reviewer: Reviewer, before: dict[str, Any] | None, after: dict[str, Any]) -> dict[str, Any]:
    return {"of": reviewer.id, "name": reviewer.name, "before": before, "after": after}
