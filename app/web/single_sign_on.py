"""Signing in at another system: to the OpenID provider and back. A link leads there: our forms stay on this site."""

import hmac
import json
import secrets
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.permissions import Action
from app.accounts.single_sign_on import CALLBACK, Handshake, person_of, sign_in_person
from app.errors import Conflict, Forbidden, NotFound, ReviewError
from app.settings import Settings
from app.web.access import needs
from app.web.dependencies import (
    CurrentSettings,
    CurrentVisitor,
    ReadDb,
    WholeDatabase,
    login_cookie,
    one_by_one,
)
from app.web.rendering import local_path, render
from app.web.signing_in import enter, lasting, way_of

if TYPE_CHECKING:
    from app.accounts.openid import Provider

router = APIRouter()
_GOOD_FOR = 600
_LONGEST_NEXT = 2000  # a cookie holds four thousand letters
_STALE = "This sign-in was not begun in this browser, or more than ten minutes ago. Begin again."
_DENIED = "You, or the provider of single sign-on, stopped the sign-in. Nobody was signed in."
_PROVIDER_ERROR = "The provider of single sign-on refused the sign-in. Begin again, or ask an admin."


@dataclass(frozen=True)
class _Begun:
    """What the browser keeps of a sign-in while it is at the provider."""

    seed: str
    next: str

    def sealed(self, key: bytes) -> str:
        said = json.dumps([self.seed, int(time.time()) + _GOOD_FOR, self.next]).encode()
        return f"{urlsafe_b64encode(said).decode()}.{_seal(key, said)}"

    @classmethod
    def read(cls, sealed: str, key: bytes) -> "_Begun":
        text, _, seal = sealed.partition(".")
        try:
            said = urlsafe_b64decode(text)
        except ValueError:
            raise Forbidden(_STALE) from None
        if not hmac.compare_digest(_seal(key, said).encode(), seal.encode()):
            raise Forbidden(_STALE)
        seed, until, to = json.loads(said)
        if until < time.time():
            raise Forbidden(_STALE)
        return cls(seed, to)


def _seal(key: bytes, said: bytes) -> str:
    return hmac.new(key, b"single sign-on " + said, "sha256").hexdigest()


@router.get("/sign-in/oidc", dependencies=[needs(Action.ENTER)])
async def go_to_provider(
    request: Request,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    db: ReadDb,
    next: str = "/",  # noqa: A002
) -> Response:
    provider = _provider(request, visitor)
    begun = _Begun(secrets.token_urlsafe(32), local_path(next) if len(next) <= _LONGEST_NEXT else "/")
    handshake = Handshake.made_from(begun.seed, request.state.secret_key)
    try:
        address = await one_by_one(request, db, partial(provider.address, handshake), turns="provider_calls")
    except ReviewError as error:
        return _refusal(request, error, begun.next)
    response = RedirectResponse(address, status_code=303, headers={"Cache-Control": "no-store"})
    response.set_cookie(
        _cookie(settings),
        begun.sealed(request.state.secret_key),
        max_age=_GOOD_FOR,
        httponly=True,
        samesite="lax",  # the provider sends the browser back from another site
        secure=settings.is_https,
    )
    return response


@router.get(CALLBACK, dependencies=[needs(Action.ENTER)])
async def come_back(
    request: Request,
    settings: CurrentSettings,
    visitor: CurrentVisitor,
    database: WholeDatabase,
    db: ReadDb,
    state: str = "",
    code: str = "",
    error: str = "",
) -> Response:
    provider, to = _provider(request, visitor), "/"
    try:
        begun = _Begun.read(request.cookies.get(_cookie(settings), ""), request.state.secret_key)
        to = begun.next
        if error:  # some providers say it without the state
            raise Forbidden(_DENIED if error == "access_denied" else _PROVIDER_ERROR)
        handshake = Handshake.made_from(begun.seed, request.state.secret_key)
        if not hmac.compare_digest(handshake.state.encode(), state.encode()):
            raise Forbidden(_STALE)
        claims = await one_by_one(request, db, partial(provider.claims, code, handshake), turns="provider_calls")
        person, former = person_of(claims, settings.oidc_role_claim), request.cookies.get(login_cookie(settings), "")
        way = way_of(request, "oidc")
        entering = partial(sign_in_person, database, settings, person, way, lasting(settings), former)
        response = enter(settings, await one_by_one(request, db, entering, turns="provider_calls"), to)
    except ReviewError as refusal:
        response = _refusal(request, refusal, to)
    response.delete_cookie(_cookie(settings), secure=settings.is_https, httponly=True, samesite="lax")
    return response


def _provider(request: Request, visitor: CurrentVisitor) -> "Provider":
    provider: Provider | None = request.state.provider
    if provider is None:
        raise NotFound("Single sign-on is not set up here.")
    if not visitor.is_team:
        raise Conflict(
            "This is local mode, in which nobody signs in. The first account, an admin's, is added with "
            "`saferlhf-review user add NAME --role admin`."
        )
    return provider


def _cookie(settings: Settings) -> str:
    return "__Host-single-sign-on" if settings.is_https else "single-sign-on"


def _refusal(request: Request, error: ReviewError, to: str) -> Response:
    """Without the address that the provider made: to load it again helps nobody."""
    context = {
        "title": error.title,
        "message": error.message,
        "here": to,
        "again": f"/sign-in/oidc?{urlencode({'next': to})}",
        "other": f"/sign-in?{urlencode({'next': to})}",
    }
    return render(
        request, "signing_in/refused.html", context, status=error.status, headers={"Cache-Control": "no-store"}
    )
