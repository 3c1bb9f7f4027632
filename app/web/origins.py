"""Where a request comes from, decided before any cookie is looked at: a page elsewhere can make a browser ask here.

It cannot forge `Sec-Fetch-Site`, which browsers send over HTTPS and to loopback, nor `Origin`. A request with neither
comes from no browser (curl, a script), which no foreign page can steer.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = ("same-origin", "none")
_PORTS = {"http": 80, "https": 443}


class Origins:
    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public = _origin(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if len(headers.getlist("host")) > 1:
                raise HTTPException(400, "The request names two hosts.")
            if scope["method"] in SAFE_METHODS:
                _refuse_embedding(scope["method"], headers)
            else:
                self._refuse_other_sites(scope["scheme"], headers)
        await self.app(scope, receive, send)

    def _refuse_other_sites(self, scheme: str, headers: Headers) -> None:
        site, given = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None:
            same = site in _OURS
        elif given is not None:
            same = _origin(given) in {_origin(f"{scheme}://{headers.get('host', '')}"), self.public} - {None}
        else:
            same = True
        if not same:
            raise Forbidden("This request came from another site, so nothing was changed.")


def _refuse_embedding(method: str, headers: Headers) -> None:
    """Following a link from another site is fine; loading something of ours into its pages is not."""
    if headers.get("sec-fetch-site", "none") in _OURS:
        return
    is_link = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if not is_link or headers.get("sec-fetch-dest", "document") not in ("document", "empty"):
        raise Forbidden("Another site asked for this; open it from here instead.")


def _origin(url: str) -> tuple[str, str, int] | None:
    """None for `null` and whatever else names no origin."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
