"""Signing in at a real OpenID provider, in a real browser."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from pydantic import SecretStr

from app.db import open_database
from app.main import create_app
from app.settings import Settings
from tests.openid import CLIENT_ID, QUIET, running_provider
from tests.team import add_account

pytestmark = QUIET


@pytest.fixture
def site(sample: None, settings: Settings) -> Iterator[str]:
    """A server of a team, that knows a provider and its own address."""
    database = open_database(settings.database_path)
    add_account(database, "dana", "admin")
    add_account(database, "alice", "reviewer")
    database.close()
    with running_provider() as provider, socket.create_server(("127.0.0.1", 0)) as listener:
        provider.add_person("u1", preferred_username="alice")
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        about = {
            "oidc_issuer": provider.issuer,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": SecretStr("of the test"),
            "oidc_label": "Sign in with the garden club",
            "public_url": address,
        }
        app = create_app(settings.model_copy(update=about))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield address
        server.should_exit = True
        thread.join(timeout=10)


@pytest.mark.browser
def test_reviewer_signs_in_at_the_provider(open_page):
    page = open_page("/settings", shown=False, note=True)
    page.route(lambda url: not url.startswith("http:"), lambda route: route.fulfill(body=""))
    page.get_by_role("link", name="Sign in with the garden club").click()
    page.get_by_role("button", name="Deny").click()
    page.get_by_role("heading", name="Not allowed").wait_for()
    assert "stopped the sign-in" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Try again").click()
    page.get_by_placeholder("sub").fill("u1")
    page.get_by_role("button", name="Authorize").click()
    page.wait_for_url("**/settings")
    assert "alice" in page.get_by_role("banner").inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in?signed_out=yes")
