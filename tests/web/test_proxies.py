"""What a proxy says is believed when the settings name it, and what anybody else says never."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.web.proxies import BehindProxies

FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Request-ID": "from-the-proxy-1"}
Opened = Callable[..., TestClient]


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opened]:
    with ExitStack() as clients:

        def open_client(trusted: str, peer: str) -> TestClient:
            app = create_app(settings.model_copy(update={"trusted_proxies": trusted}))
            return clients.enter_context(TestClient(app, base_url="http://127.0.0.1", client=(peer, 50000)))

        yield open_client


def is_taken(client: TestClient, origin: str) -> bool:
    answer = client.post(
        "/texts", data={"shown": "yes"}, headers={**FORWARDED, "Origin": origin}, follow_redirects=False
    )
    return answer.status_code == 303


def test_trusted_proxy_says_it_was_https(opened: Opened) -> None:
    for client in (opened("10.0.0.0/8", "10.1.2.3"), opened("fd00::1, 192.0.2.1", "fd00::1")):
        assert is_taken(client, "https://127.0.0.1")
        assert not is_taken(client, "http://127.0.0.1")
        assert client.get("/healthz", headers=FORWARDED).headers["X-Request-ID"] == "from-the-proxy-1"


def test_nobody_else_says_so(opened: Opened) -> None:
    for client in (opened("10.0.0.0/8", "11.1.2.3"), opened("", "127.0.0.1")):
        assert not is_taken(client, "https://127.0.0.1")
        assert is_taken(client, "http://127.0.0.1")
        assert client.get("/healthz", headers=FORWARDED).headers["X-Request-ID"] != "from-the-proxy-1"


def test_id_of_a_proxy_is_well_formed(opened: Opened) -> None:
    client = opened("10.0.0.1", "10.0.0.1")
    for forged in ("short", "x" * 65, "two words here", "<b>markup</b>", "a\tb-a\tb-a"):
        assert len(client.get("/healthz", headers={"X-Request-ID": forged}).headers["X-Request-ID"]) == 16


CHAINS = [
    ("10.0.0.1", "203.0.113.9", "203.0.113.9", True),
    ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9", True),  # the first was made up
    ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9", True),
    ("10.0.0.1", "203.0.113.9:4711", "203.0.113.9", True),
    ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1", True),
    ("203.0.113.5", "198.51.100.1", "203.0.113.5", False),
    ("::ffff:10.0.0.1", "198.51.100.1", "::ffff:10.0.0.1", False),
]


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_client_is_the_last_that_no_proxy_wrote(anyio_backend: str) -> None:
    seen = {}

    async def remember(scope: dict, *_: object) -> None:
        seen.update(scope)

    layer = BehindProxies(remember, ["10.0.0.0/8"])
    for peer, chain, client, trusted in CHAINS:
        headers = [(b"x-forwarded-for", chain.encode())]
        scope = {"type": "http", "scheme": "http", "client": (peer, 1), "headers": headers, "state": {}}
        await layer(scope, None, None)
        assert (seen["client"][0], seen["state"]["from_trusted_proxy"]) == (client, trusted), chain
