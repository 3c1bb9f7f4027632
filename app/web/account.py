"""One's own account: the password, the browsers one is signed in with, and API tokens."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.confirming import confirm_password, has_password
from app.accounts.logins import end_login, end_logins, find_logins
from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.permissions import Action
from app.accounts.signing_in import change_password
from app.errors import Forbidden, InvalidInput
from app.web.access import needs
from app.web.browsers import browser_name
from app.web.dependencies import CurrentSettings, CurrentVisitor, Id, ReadDb, SignedInReviewer, WholeDatabase, WriteDb
from app.web.rendering import redirect, render
from app.web.token_part import token_part

router = APIRouter()
_SET_OWN = [needs(Action.SET_OWN)]
_METHODS = {"password": "password", "oidc": "single sign-on", "proxy": "the proxy"}


@router.get("/account", dependencies=_SET_OWN)
def show_account(
    request: Request, db: ReadDb, settings: CurrentSettings, visitor: CurrentVisitor, done: str = ""
) -> Response:
    if not visitor.is_team:
        return redirect("/reviewers")
    return account_page(request, db, settings, visitor, done=done)


@router.post("/account/password", dependencies=_SET_OWN)
def set_password(
    request: Request,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    reviewer: SignedInReviewer,
    database: WholeDatabase,
    db: ReadDb,
    your_password: Annotated[str, Form()] = "",
    new_password: Annotated[str, Form()] = "",
) -> Response:
    _refuse_in_local_mode(visitor)
    if not has_password(db, reviewer.id):
        raise Forbidden("You sign in through another system, so there is no password of yours here.")
    try:
        confirm_password(database, visitor, your_password)
        change_password(database, visitor, new_password)
    except InvalidInput as error:
        return account_page(request, db, settings, visitor, error=error)
    return redirect("/account?done=password#password")


@router.post("/account/logins/end-others", dependencies=_SET_OWN)
def end_other_logins(visitor: CurrentVisitor, reviewer: SignedInReviewer, db: WriteDb) -> Response:
    _refuse_in_local_mode(visitor)
    end_logins(db, reviewer.id, "ended", reviewer.id, but=visitor.login_id)
    return redirect("/account?done=logins#logins")


@router.post("/account/logins/{login_id}/end", dependencies=_SET_OWN)
def end_one_login(login_id: Id, visitor: CurrentVisitor, reviewer: SignedInReviewer, db: WriteDb) -> Response:
    _refuse_in_local_mode(visitor)
    end_login(db, reviewer.id, login_id, "ended", reviewer.id)
    return redirect("/account?done=logins#logins")


def account_page(
    request: Request,
    db: ReadDb,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    *,
    done: str = "",
    error: InvalidInput | None = None,
    **more: Any,
) -> Response:
    """`more` is what the tokens' part of the page has to say."""
    reviewer = visitor.reviewer
    assert reviewer is not None  # noqa: S101 - who has not signed in does not get past the gate
    context: dict[str, Any] = {
        "reviewer": reviewer,
        "has_password": has_password(db, reviewer.id),
        "logins": find_logins(db, reviewer.id, timedelta(hours=settings.sign_in_idle_hours)),
        "login_id": visitor.login_id,
        "browser_name": browser_name,
        "methods": _METHODS,
        "shortest": SHORTEST,
        "longest": LONGEST,
        "done": done,
        "error": error,
        "nav": "account",
        **({} if "token_part" in more else {"token_part": token_part(db, reviewer)}),
        **more,
    }
    return render(request, "account/index.html", context, status=422 if error else 200)


def _refuse_in_local_mode(visitor: CurrentVisitor) -> None:
    if not visitor.is_team:
        raise Forbidden("In local mode nobody has an account, and so no password.")
