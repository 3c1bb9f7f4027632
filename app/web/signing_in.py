"""Signing in with a password, and out. Every other way ends here too: `enter` is what a browser gets from each."""

from datetime import timedelta
from functools import partial
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.logins import Way, end_login
from app.accounts.permissions import Action
from app.accounts.signing_in import sign_in
from app.errors import InvalidInput, TooManyAttempts
from app.settings import Settings
from app.web.access import needs
from app.web.dependencies import (
    REVIEWER_COOKIE,
    CurrentSettings,
    CurrentVisitor,
    ReadDb,
    WholeDatabase,
    WriteDb,
    login_cookie,
    one_by_one,
)
from app.web.rendering import TEXTS_COOKIE, local_path, redirect, render

router = APIRouter()


@router.get("/sign-in", dependencies=[needs(Action.ENTER)])
def show_sign_in(
    request: Request,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    next: str = "/",  # noqa: A002
    signed_out: str = "",
) -> Response:
    if visitor.is_team and visitor.reviewer is not None:
        return redirect(next)
    return _page(request, settings, next, is_signed_out=bool(signed_out))


@router.post("/sign-in", dependencies=[needs(Action.ENTER)])
async def sign_in_with_password(
    request: Request,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    database: WholeDatabase,
    db: ReadDb,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    if not visitor.is_team:
        return _page(request, settings, next)
    former = request.cookies.get(login_cookie(settings), "")
    way, lasts = way_of(request, "password"), lasting(settings)
    try:
        secret = await one_by_one(request, db, partial(sign_in, database, name, password, way, lasts, former))
    except InvalidInput as error:
        return _page(request, settings, next, typed=name, error=error.message, status=422)
    except TooManyAttempts as error:
        headers = {"Retry-After": str(error.retry_after)}
        return _page(request, settings, next, typed=name, error=error.message, status=429, headers=headers)
    return enter(settings, secret, next)


@router.post("/sign-out", dependencies=[needs(Action.ENTER)])
def sign_out(settings: CurrentSettings, visitor: CurrentVisitor, db: WriteDb) -> Response:
    if visitor.reviewer is not None and visitor.login_id is not None:
        end_login(db, visitor.reviewer.id, visitor.login_id, "sign-out", visitor.reviewer.id)
    response = redirect("/sign-in?signed_out=yes")
    response.delete_cookie(login_cookie(settings), secure=settings.is_https, httponly=True, samesite="lax")
    _forget_former(response, settings)
    return response


def way_of(request: Request, method: str) -> Way:
    """The address is that of the connection, or what a trusted proxy says it is."""
    return Way(method, request.client.host if request.client else "", request.headers.get("user-agent", ""))


def lasting(settings: Settings) -> timedelta:
    return timedelta(days=settings.sign_in_days)


def enter(settings: Settings, secret: str, to: str) -> Response:
    """The answer that makes a browser the one in which somebody is signed in."""
    response = redirect(to)
    _forget_former(response, settings)
    response.set_cookie(
        login_cookie(settings),
        secret,
        max_age=int(lasting(settings).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.is_https,
    )
    return response


def _forget_former(response: Response, settings: Settings) -> None:
    """What would show the next person at this machine the texts that the former one saw."""
    for name in (TEXTS_COOKIE, REVIEWER_COOKIE):
        response.delete_cookie(name)
    if settings.is_https:  # browsers listen to it nowhere else
        response.headers["Clear-Site-Data"] = '"cache"'


def _page(
    request: Request,
    settings: Settings,
    to: str,
    *,
    typed: str = "",
    error: str | None = None,
    is_signed_out: bool = False,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    to = local_path(to)
    context = {
        "typed": typed[:256],
        "error": error,
        "next": to,
        "is_signed_out": is_signed_out,
        "single_sign_on": settings.oidc_label if settings.oidc_issuer else None,
        "single_sign_on_path": f"/sign-in/oidc?{urlencode({'next': to})}",
    }
    return render(request, "signing_in/index.html", context, status=status, headers=headers)
