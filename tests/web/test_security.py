"""A page elsewhere cannot write here, no text ends in a log, and an error tells nothing but its number."""

import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha384
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Review, Reviewer
from app.web import exports, overview
from tests.factories import import_rows, row

SAVE = "/entries/1/review"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

EXPECTED = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0), row(1)])


def test_every_answer_has_the_security_headers(client: TestClient) -> None:
    kept = client.get("/static/app.css").headers["ETag"]
    answers = [
        *map(client.get, ("/", "/datasets", "/datasets/pairs/entries", "/entries/1", "/nowhere", "/api/v1/docs")),
        *map(client.get, ("/api/v1/entries/1", "/api/v1/nowhere", "/healthz", "/static/app.css", "/static/nowhere")),
        client.get("/static/app.css", headers={"If-None-Match": kept}),
        client.get("/", headers={"Host": "evil.example"}),
        client.post("/texts", headers={"Origin": "null"}),
        client.post("/texts", content=b"x" * 2_000_000),
        client.post("/texts", content=iter([b"x" * 2_000_000])),
        client.post("/texts", headers={"Content-Encoding": "gzip"}),
        client.delete("/entries/1"),
        client.options("/"),
    ]
    assert {answer.status_code for answer in answers} >= {200, 304, 400, 403, 404, 405, 413, 415}
    for answer in answers:
        assert answer.headers.items() >= {(name.lower(), value) for name, value in EXPECTED.items()}, answer.url
        assert answer.headers["Permissions-Policy"].startswith("accelerometer=(), ")
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers  # without HTTPS browsers would not believe it
        assert len(answer.headers["X-Request-ID"]) == 16


def test_scripts_and_styles_are_what_the_page_was_made_with(client: TestClient) -> None:
    for path in ("/", "/entries/1", "/datasets/pairs/entries", "/settings", "/api/v1/docs"):
        text = client.get(path).text
        files = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)" integrity="sha384-([^"]+)"', text)
        assert len(files) == text.count("<script") + text.count('rel="stylesheet"') > 3
        for address, digest in files:
            assert b64encode(sha384(client.get(address).content).digest()).decode() == digest


FORGED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:9999"},
    {"Origin": "http://127.0.0.1.evil.example"},
]


@pytest.mark.parametrize("headers", FORGED)
@pytest.mark.parametrize("path", [SAVE, SAVE + "/undo", "/reviewers", "/texts"])
def test_form_from_another_site_is_refused(
    alice: TestClient, database: Database, path: str, headers: dict[str, str]
) -> None:
    answer = alice.post(path, data={"action": "agree_rest", "name": "eve", "shown": "yes"}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    with database.read() as db:
        assert db.query(Review).count() == 0
        assert db.query(Reviewer).count() == 1


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://127.0.0.1"}, {}],
)
def test_our_own_form_is_taken(alice: TestClient, headers: dict[str, str]) -> None:
    answer = alice.post(SAVE, data={"action": "agree_rest"}, headers=headers, follow_redirects=False)
    assert answer.status_code == 303


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "169.254.169.254", ""])
def test_other_host_names_are_refused(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_loopback_host_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_cookies_are_out_of_reach_of_scripts(client: TestClient) -> None:
    for path, data in (("/reviewers", {"name": "alice"}), ("/texts", {"shown": "yes"})):
        cookie = client.post(path, data=data, follow_redirects=False).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie


@pytest.mark.parametrize("cookie", ["999", "-1", "0", "x", "1; DROP TABLE", "9" * 30, "１"])
def test_cookie_of_nobody_is_nobody(client: TestClient, cookie: str) -> None:
    answer = client.get("/entries/1", headers={"Cookie": f"reviewer={cookie}".encode()})
    assert answer.status_code == 200
    assert "Who is reviewing?" in answer.text


AWAY = [
    "http://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "javascript:alert(1)", "/\tevil", "/x\\..\\y", "evil", "", " /", "/\n/evil.example", "///evil.example",
]  # fmt: skip


@pytest.mark.parametrize("to", AWAY)
def test_redirects_stay_here(client: TestClient, to: str) -> None:
    answer = client.post("/reviewers", data={"name": "alice", "next": to}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_bug_answers_with_a_number_that_is_in_the_log(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a text of the dataset")

    monkeypatch.setattr(overview, "find_latest_reviews", broken)
    with caplog.at_level(logging.INFO, "app"):
        answer = client.get("/")
    assert answer.status_code == 500
    line = next(record.getMessage() for record in caplog.records if record.levelname == "ERROR")
    assert answer.headers["X-Request-ID"] in answer.text
    assert "RuntimeError at" in line
    assert "overview.py" in line
    assert "a text of the dataset" not in caplog.text + answer.text


def test_broken_error_page_still_answers(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(overview, "render", broken)
    monkeypatch.setattr("app.web.errors.render", broken)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/plain; charset=utf-8")


def test_answer_that_breaks_off_tells_the_log_where(
    alice: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        yield b"{}"
        raise RuntimeError("a text of the dataset")

    monkeypatch.setattr(exports, "export_stream", broken)
    with pytest.raises(ConnectionError):
        alice.get("/datasets/pairs/export")
    assert "the answer broke off: RuntimeError" in caplog.text
    assert "a text of the dataset" not in caplog.text


def test_log_holds_no_text(alice: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "app"):
        alice.get("/datasets/pairs/entries?q=secretword")
        alice.post(SAVE, data={"comment": "secretword", "action": "agree_rest"})
        alice.post(SAVE, data={"verdict.x": "secretword"})
        alice.get("/entries/1?secretword=1")
    assert "GET /datasets/{slug}/entries 200" in caplog.text
    assert "secretword" not in caplog.text


def test_errors_are_fragments_for_htmx_and_problems_for_scripts(client: TestClient) -> None:
    part = client.get("/entries/99", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert part.text.lstrip().startswith("<")
    assert "<html" not in part.text
    assert 'id="error"' in part.text
    problem = client.get("/api/v1/entries/99")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["detail"] == "There is no entry 99."
    assert client.get("/api/v1/entries/x").json()["field"] == "entry_id"
    assert client.get("/api/v1/nowhere").json()["status"] == 404
    assert client.delete("/api/v1/entries/1").json()["status"] == 405


def test_huge_form_is_refused(alice: TestClient) -> None:
    answer = alice.post(SAVE, data={"comment": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "<html" in answer.text


def test_form_with_too_many_fields_is_refused(alice: TestClient) -> None:
    assert alice.post(SAVE, data={f"f{n}": "x" for n in range(1000)}).status_code == 400
