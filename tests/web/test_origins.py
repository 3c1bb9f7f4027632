"""What another site's page makes a browser ask is refused before anybody looks who asks."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.settings import Settings
from tests.factories import import_rows, row

ENTRY = "/entries/1"
NAVIGATED = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0)])


def asked(mode: str, dest: str, site: str = "cross-site") -> dict[str, str]:
    return {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}


EMBEDDED = [
    asked("no-cors", "image"), asked("no-cors", "script"), asked("cors", "empty"), asked("navigate", "iframe"),
    asked("navigate", "object"), asked("no-cors", "style", "same-site"), asked("websocket", "websocket"),
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "sideways"},
]  # fmt: skip


def test_other_sites_load_nothing(client: TestClient) -> None:
    for headers in EMBEDDED:
        for path in (ENTRY, "/api/v1/entries/1", "/static/app.css", "/nowhere"):
            assert client.get(path, headers=headers).status_code == 403, (headers, path)
    assert client.head(ENTRY, headers=asked("navigate", "document")).status_code == 403


def test_other_sites_may_link_here(client: TestClient) -> None:
    for headers in (asked("navigate", "document"), asked("navigate", "empty"), asked("navigate", "document", "none")):
        assert client.get(ENTRY, headers=headers).status_code == 200
    assert client.get(ENTRY, headers=asked("cors", "empty", "same-origin")).status_code == 200


def save(client: TestClient, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post("/texts", data={"shown": "yes"}, headers=named, follow_redirects=False).status_code


def test_an_origin_is_scheme_host_and_port(client: TestClient) -> None:
    for origin in ("http://127.0.0.1", "http://127.0.0.1:80", "HTTP://127.0.0.1"):
        assert save(client, Origin=origin) == 303
    for origin in (
        "https://127.0.0.1", "http://127.0.0.1:8000", "http://localhost", "null", "", "http://", "http://127.0.0.1:x",
        "file://127.0.0.1", "http://127.0.0.1@evil.example", "127.0.0.1",
    ):  # fmt: skip
        assert save(client, Origin=origin) == 403, origin
    assert save(client, Host="[::1]:8000", Origin="http://[::1]:8000") == 303
    assert save(client, Host="[::1]:8000", Origin="http://[::1]") == 403


def test_public_address_is_ours_behind_a_proxy(settings: Settings) -> None:
    """That ends TLS and says nothing of it."""
    public = settings.model_copy(update={"public_url": "https://review.example.org"})
    with TestClient(create_app(public), base_url="http://review.example.org") as client:
        assert save(client, Origin="https://review.example.org") == 303
        assert save(client, Origin="https://review.example.org:8443") == 403
        assert save(client, Host="127.0.0.1:8000", Origin="http://127.0.0.1:8000") == 303
        assert save(client, Host="evil.example", Origin="https://review.example.org") == 400
        assert client.get("/").headers["Strict-Transport-Security"] == "max-age=63072000"
        assert client.get("/nowhere").headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.parametrize(
    "host",
    ["localhost.", "localhost:", "localhost:x", "[::1", "127.0.0.1, localhost", "localhost/", "a@localhost", "[::2]"],
)
def test_host_must_be_one_of_ours(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "Content-Security-Policy" in answer.headers


def test_two_hosts_are_refused(client: TestClient) -> None:
    answer = client.get("/", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 400


def test_forwarded_host_is_not_read(client: TestClient) -> None:
    answer = client.get("/datasets/", headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"})
    assert "evil" not in answer.text + str(answer.history)
