"""What a reverse proxy says about a request, believed when the proxy is one of those that the settings name."""

from collections.abc import Sequence
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware


class BehindProxies:
    """The last `X-Forwarded-For` entry that no trusted proxy wrote is the client; `X-Forwarded-Host` is never read."""

    def __init__(self, app: ASGIApp, proxies: Sequence[str]) -> None:
        trusted = "*" if "*" in proxies else list(proxies)
        self.forwarded: Any = ProxyHeadersMiddleware(cast(Any, app), trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            peer = scope["client"][0] if scope.get("client") else None
            scope.setdefault("state", {})["from_trusted_proxy"] = peer in self.forwarded.trusted_hosts
        await self.forwarded(scope, receive, send)
