"""A token in every form, bound to the browser's session: for browsers that say neither Sec-Fetch-Site nor Origin.

A page elsewhere can make a browser send a form here with its cookies, but cannot read the token that belongs to them.
Before somebody has signed in, and behind a proxy that signs them in, a cookie of its own stands for the session.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode

from fastapi import Request
from fastapi.responses import Response

from app.accounts.visitors import Visitor
from app.errors import Forbidden
from app.settings import Settings
from app.web.dependencies import login_cookie
from app.web.origins import SAFE_METHODS

FIELD = "csrf_token"
_HEADER = "x-csrf-token"
_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>')
_MOST_FIELDS = 20_000  # a list of ticked entries brings many
_URL_ENCODED = "application/x-www-form-urlencoded"


def token_of(secret: str) -> str:
    return urlsafe_b64encode(hmac.digest(secret.encode(), b"csrf", "sha256")).decode().rstrip("=")


async def check_token(request: Request, visitor: Visitor) -> None:
    """Raises Forbidden. Who sends an API token sends it knowingly; in local mode there is no session."""
    headers = request.headers
    if request.method in SAFE_METHODS or not visitor.is_team or visitor.token_id is not None:
        return
    if "sec-fetch-site" in headers or "origin" in headers:  # app.web.origins has looked at them
        return
    secret = _secret(request, visitor)
    given = headers.get(_HEADER) or await _given(request)
    if not secret or not hmac.compare_digest(given.encode(errors="replace"), token_of(secret).encode()):
        raise Forbidden("This form did not come from a page of this session, so nothing was changed. Load it again.")


async def _given(request: Request) -> str:
    """Of an upload, which is read as it comes in, only the header tells."""
    if not request.headers.get("content-type", "").startswith(_URL_ENCODED):
        return ""
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    return str(form.get(FIELD, ""))


def with_tokens(request: Request, html: str) -> str:
    """The page with the token in each of its forms; in this one place, so that none is forgotten."""
    visitor = getattr(request.state, "visitor", None)
    if visitor is None or not visitor.is_team or visitor.token_id is not None:
        return html
    secret = _secret(request, visitor)
    if not secret:
        request.state.form_secret = secret = secrets.token_urlsafe(32)
    return _FORM.sub(rf'\g<0><input type="hidden" name="{FIELD}" value="{token_of(secret)}">', html)


def keep_secret(request: Request, response: Response) -> None:
    """For who gets their first form before they have signed in."""
    secret = getattr(request.state, "form_secret", None)
    if secret is not None:
        name, is_https = _cookie(request)
        response.set_cookie(name, secret, httponly=True, samesite="lax", secure=is_https, path="/")


def _secret(request: Request, visitor: Visitor) -> str | None:
    settings: Settings = request.state.settings
    return request.cookies.get(login_cookie(settings) if visitor.login_id is not None else _cookie(request)[0])


def _cookie(request: Request) -> tuple[str, bool]:
    is_https = request.state.settings.is_https
    return ("__Host-form" if is_https else "form"), is_https
