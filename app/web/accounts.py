"""Who may come in: admins invite people, give roles and datasets, and end access. Every change takes their password."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from app.accounts.actions import LONGEST_NAME
from app.accounts.confirming import confirm_password, has_password
from app.accounts.directory import find_accounts, find_choosable_datasets, get_account
from app.accounts.invitations import GOOD_FOR, invitation_path, invite
from app.accounts.managing import (
    Datasets,
    add_account,
    change_role,
    check_invitable,
    claim,
    disable,
    enable,
    set_memberships,
)
from app.accounts.permissions import PERMISSIONS, Action, permits
from app.accounts.visitors import Visitor
from app.errors import Conflict, Forbidden, InvalidInput
from app.importing.queries import find_datasets
from app.models import Reviewer
from app.models.base import now
from app.terms.role import Role
from app.web.access import needs
from app.web.dependencies import CurrentSettings, CurrentVisitor, Id, ReadDb, WholeDatabase
from app.web.rendering import redirect, render

router = APIRouter()
_ADMINS = [needs(Action.MANAGE_ACCOUNTS)]
_ALL = "all"
# What somebody gets for a role beyond the one before, in the words of the table.
ROLES = {
    role: [
        PERMISSIONS[action].words
        for action in Action
        if permits(role, action) and not PERMISSIONS[action].is_open and not (before and permits(before, action))
    ]
    for before, role in zip([None, *Role], Role, strict=False)
}


def _chosen(
    reach: Annotated[str, Form()] = _ALL,
    dataset: Annotated[list[str], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Datasets:
    return (
        None if reach == _ALL else [int(one) for one in dataset if one.isascii() and one.isdecimal() and len(one) < 19]
    )


Chosen = Annotated[Datasets, Depends(_chosen)]
Password = Annotated[str, Form()]
Text = Annotated[str, Form()]


@router.get("/accounts", dependencies=_ADMINS)
def list_accounts(request: Request, db: ReadDb, visitor: CurrentVisitor, q: str = "") -> Response:
    """In local mode it says how a team begins."""
    accounts = find_accounts(db, q)
    context = {"accounts": accounts, "q": q, **_frame(db, visitor)}
    return render(request, "accounts/index.html", context, partial="accounts/_accounts.html")


@router.get("/accounts/new", dependencies=_ADMINS)
def new_account(request: Request, db: ReadDb, visitor: CurrentVisitor) -> Response:
    _refuse_in_local_mode(visitor)
    return _form(request, db, visitor)


@router.post("/accounts", dependencies=_ADMINS)
def invite_somebody(
    request: Request,
    db: ReadDb,
    database: WholeDatabase,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    datasets: Chosen,
    name: Text = "",
    role: Text = Role.REVIEWER,
    your_password: Password = "",
) -> Response:
    by = _admin(visitor)
    try:
        confirm_password(database, visitor, your_password)
        with database.write() as write_db:
            reviewer = add_account(write_db, name, role, by, datasets)
            secret = invite(write_db, reviewer.id, "invitation", by)
    except InvalidInput as error:
        typed = {"name": name, "role": role, "datasets": datasets}
        return _form(request, db, visitor, error=error, typed=typed)
    return _show_link(request, visitor, settings, reviewer, secret)


@router.get("/accounts/{reviewer_id}", dependencies=_ADMINS)
def show_account(request: Request, reviewer_id: Id, db: ReadDb, visitor: CurrentVisitor, done: str = "") -> Response:
    _refuse_in_local_mode(visitor)
    return _page(request, db, visitor, reviewer_id, done=done)


@router.post("/accounts/{reviewer_id}/claim", dependencies=_ADMINS)
def make_account(
    request: Request,
    reviewer_id: Id,
    database: WholeDatabase,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    datasets: Chosen,
    name: Text = "",
    role: Text = Role.REVIEWER,
    your_password: Password = "",
) -> Response:
    by = _admin(visitor)

    def change(db: ReadDb) -> tuple[Reviewer, str]:
        claimed = claim(db, reviewer_id, role, by, name=name, datasets=datasets)
        return claimed, invite(db, reviewer_id, "invitation", by)

    return _give_link(request, database, settings, visitor, reviewer_id, "claim", your_password, change)


@router.post("/accounts/{reviewer_id}/link", dependencies=_ADMINS)
def make_link(
    request: Request,
    reviewer_id: Id,
    database: WholeDatabase,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    your_password: Password = "",
) -> Response:
    by = _admin(visitor)

    def change(db: ReadDb) -> tuple[Reviewer, str]:
        reviewer = check_invitable(db, reviewer_id, by)
        return reviewer, invite(db, reviewer_id, "reset" if reviewer.password_set_at else "invitation", by)

    return _give_link(request, database, settings, visitor, reviewer_id, "link", your_password, change)


@router.post("/accounts/{reviewer_id}/role", dependencies=_ADMINS)
def set_role(
    request: Request,
    reviewer_id: Id,
    database: WholeDatabase,
    visitor: CurrentVisitor,
    was: Text = "",
    role: Text = "",
    your_password: Password = "",
) -> Response:
    by = _admin(visitor)
    return _change(
        request, database, visitor, reviewer_id, "role", your_password,
        lambda db: change_role(db, reviewer_id, was, role, by),
    )  # fmt: skip


@router.post("/accounts/{reviewer_id}/datasets", dependencies=_ADMINS)
def set_datasets(
    request: Request,
    reviewer_id: Id,
    database: WholeDatabase,
    visitor: CurrentVisitor,
    datasets: Chosen,
    was: Text = _ALL,
    your_password: Password = "",
) -> Response:
    by = _admin(visitor)
    before = None if was == _ALL else [int(one) for one in was.split(",") if one.isascii() and one.isdecimal()]
    return _change(
        request, database, visitor, reviewer_id, "datasets", your_password,
        lambda db: set_memberships(db, reviewer_id, before, datasets, by),
    )  # fmt: skip


@router.post("/accounts/{reviewer_id}/disable", dependencies=_ADMINS)
def end_access(
    request: Request, reviewer_id: Id, database: WholeDatabase, visitor: CurrentVisitor, your_password: Password = ""
) -> Response:
    by = _admin(visitor)
    return _change(
        request, database, visitor, reviewer_id, "disable", your_password, lambda db: disable(db, reviewer_id, by)
    )


@router.post("/accounts/{reviewer_id}/enable", dependencies=_ADMINS)
def give_access_back(
    request: Request, reviewer_id: Id, database: WholeDatabase, visitor: CurrentVisitor, your_password: Password = ""
) -> Response:
    by = _admin(visitor)
    return _change(
        request, database, visitor, reviewer_id, "enable", your_password, lambda db: enable(db, reviewer_id, by)
    )


def _change(
    request: Request,
    database: WholeDatabase,
    visitor: Visitor,
    reviewer_id: int,
    part: str,
    typed_password: str,
    change: Callable[[ReadDb], object],
) -> Response:
    try:
        confirm_password(database, visitor, typed_password)
        with database.write() as db:
            change(db)
    except (InvalidInput, Conflict) as error:
        return _refused(request, database, visitor, reviewer_id, part, error)
    return redirect(f"/accounts/{reviewer_id}?done={part}")


def _give_link(
    request: Request,
    database: WholeDatabase,
    settings: CurrentSettings,
    visitor: Visitor,
    reviewer_id: int,
    part: str,
    typed_password: str,
    change: Callable[[ReadDb], tuple[Reviewer, str]],
) -> Response:
    try:
        confirm_password(database, visitor, typed_password)
        with database.write() as db:
            reviewer, secret = change(db)
    except (InvalidInput, Conflict) as error:
        return _refused(request, database, visitor, reviewer_id, part, error)
    return _show_link(request, visitor, settings, reviewer, secret)


def _refused(
    request: Request,
    database: WholeDatabase,
    visitor: Visitor,
    reviewer_id: int,
    part: str,
    error: InvalidInput | Conflict,
) -> Response:
    """The page as it is now, which may be no longer what the form was filled in for."""
    with database.read() as db:
        return _page(request, db, visitor, reviewer_id, part=part, error=error)


def _page(
    request: Request,
    db: ReadDb,
    visitor: Visitor,
    reviewer_id: int,
    *,
    done: str = "",
    part: str = "",
    error: InvalidInput | Conflict | None = None,
) -> Response:
    account = get_account(db, reviewer_id)
    context = {
        **_choices(db, visitor),
        "account": account,
        "done": done,
        "part": part,
        "error": error if isinstance(error, InvalidInput) else None,
        "conflict": error.message if isinstance(error, Conflict) else "",
    }
    return render(request, "accounts/show.html", context, status=error.status if error else 200)


def _form(
    request: Request,
    db: ReadDb,
    visitor: Visitor,
    *,
    error: InvalidInput | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    blank = {"name": "", "role": Role.REVIEWER, "datasets": None}
    context = {**_choices(db, visitor), "error": error, "typed": typed or blank}
    return render(request, "accounts/new.html", context, status=error.status if error else 200)


def _choices(db: ReadDb, visitor: Visitor) -> dict[str, Any]:
    reviewer = visitor.reviewer
    return {
        "roles": ROLES,
        "datasets": find_choosable_datasets(db),
        "longest_name": LONGEST_NAME,
        "has_password": reviewer is not None and has_password(db, reviewer.id),
        **_frame(db, visitor),
    }


def _frame(db: ReadDb, visitor: Visitor) -> dict[str, Any]:
    """What every page has round it."""
    datasets = find_datasets(db, visitor.datasets)
    return {"reviewer": visitor.reviewer, "nav": "accounts", "nav_dataset": datasets[0] if datasets else None}


def _show_link(
    request: Request, visitor: Visitor, settings: CurrentSettings, reviewer: Reviewer, secret: str
) -> Response:
    """Not by a redirect: the secret would have to be kept somewhere until the page is asked for."""
    context = {
        "of": reviewer,
        "link": settings.link(invitation_path(secret)),
        "until": now() + GOOD_FOR,
        "is_public": bool(settings.public_url),
        "reviewer": visitor.reviewer,
        "nav": "accounts",
    }
    return render(request, "accounts/link.html", context, headers={"Cache-Control": "no-store"})


def _admin(visitor: Visitor) -> int:
    _refuse_in_local_mode(visitor)
    assert visitor.reviewer is not None  # noqa: S101 - in a team nobody else gets past the gate
    return visitor.reviewer.id


def _refuse_in_local_mode(visitor: Visitor) -> None:
    if not visitor.is_team:
        raise Forbidden(
            "In local mode there are no accounts. The first begins a team: saferlhf-review user add NAME --role admin"
        )
