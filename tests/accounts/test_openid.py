"""Single sign-on against a real OpenID provider: who gets in, as whom, and what is not believed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import flask
import pytest
from joserfc.jwk import OctKey, RSAKey
from pydantic import ValidationError
from starlette.testclient import TestClient

from app.db import Database
from app.errors import InvalidInput
from app.main import create_app
from app.models import Event, Invitation, Login, Reviewer
from app.settings import Settings
from tests.openid import CLIENT_ID, QUIET, OpenIdProvider, running_provider
from tests.team import add_account, open_client

pytestmark = QUIET
HAS_PASSWORD = {"password_hash": "a hash"}
HOME = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    with running_provider() as found:
        yield found


@pytest.fixture
def provider(running: OpenIdProvider) -> OpenIdProvider:
    running.changes.clear()
    return running


@dataclass
class Site:
    client: TestClient
    database: Database
    provider: OpenIdProvider

    def start(self, to: str = "/datasets") -> str:
        """Where the browser is sent."""
        answer = self.client.get("/sign-in/oidc", params={"next": to})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    def come_back(self, address: str) -> Any:
        assert address.startswith(f"{HOME}/sign-in/oidc/callback?")
        return self.client.get(address.removeprefix(HOME), headers={"Sec-Fetch-Site": "cross-site", **NAVIGATING})

    def sign_in(self, sub: str | None, **claims: object) -> Any:
        if claims and sub:
            self.provider.add_person(sub, **claims)
        return self.come_back(self.provider.sign_in(self.start(), sub))

    def who(self) -> str | None:
        """The name of who is signed in now."""
        reviewer = None
        if self.client.cookies.get("session"):
            with self.database.read() as db:
                login = db.query(Login).filter_by(ended_at=None).order_by(Login.id.desc()).first()
                reviewer = login and db.get(Reviewer, login.reviewer_id)
        return reviewer.name if reviewer else None

    def account(self, name: str) -> Reviewer:
        with self.database.read() as db:
            return db.query(Reviewer).filter_by(name=name).one()

    def events(self, kind: str) -> list[Event]:
        with self.database.read() as db:
            return db.query(Event).filter_by(kind=kind).order_by(Event.id).all()


NAVIGATING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OpenSite = Callable[..., Site]


@pytest.fixture
def open_site(sample: None, settings: Settings, database: Database, provider: OpenIdProvider) -> Iterator[OpenSite]:
    """A team of one admin, dana, whose service knows the provider."""
    opened = []

    def open_one(**more: object) -> Site:
        about = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": "of the test"}
        client = open_client(Settings(_env_file=None, data_dir=settings.data_dir, **(about | more)))
        opened.append(client)
        return Site(client.__enter__(), database, provider)

    add_account(database, "dana", "admin", **HAS_PASSWORD)
    yield open_one
    for client in opened:
        client.__exit__(None, None, None)


def test_person_comes_and_gets_the_default_role(open_site):
    site = open_site(sso_default_role="reviewer")
    answer = site.sign_in("u1", preferred_username="Alice")
    assert (answer.status_code, answer.headers["location"]) == (303, "/datasets")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert site.client.get("/datasets").status_code == 200
    alice = site.account("Alice")
    assert (alice.role, alice.external_id, alice.is_account) == ("reviewer", f"{site.provider.issuer} u1", True)
    assert site.events("login.begun")[-1].data["method"] == "oidc"
    first = site.client.cookies["session"]
    site.sign_in("u1", preferred_username="Somebody renamed")  # the id counts, not the name
    assert site.who() == "Alice"
    assert site.client.cookies["session"] != first
    assert len(site.events("login.ended")) == 1


def test_without_default_role_only_whom_an_admin_added_gets_in(open_site, database):
    site = open_site()
    refused = site.sign_in("u2", preferred_username="bob")
    assert refused.status_code == 403
    assert "You have no account here" in refused.text
    assert site.events("login.refused")[-1].data["method"] == "oidc"
    bob = add_account(database, "bob", "lead")
    with database.write() as db:
        about = {"reviewer_id": bob, "token_hash": b"link", "kind": "invitation"}
        db.add(Invitation(**about, expires_at=site.account("bob").created_at))
    assert site.sign_in("u2").status_code == 303
    assert (site.who(), site.account("bob").role) == ("bob", "lead")
    with database.read() as db:
        assert db.query(Invitation).one().revoked_at is not None  # nobody else gets in by the link


def test_names_take_over_nothing(open_site, database):
    site = open_site(sso_default_role="reviewer")
    add_account(database, "carol", "lead", **HAS_PASSWORD)
    with database.write() as db:
        db.add(Reviewer(name="erin", name_key="erin"))
    add_account(database, "frank@example.org", "lead")
    site.sign_in("u3", preferred_username="grace")
    refusals = [
        ({"preferred_username": "DANA"}, "signs in in another way"),
        ({"preferred_username": "carol"}, "signs in in another way"),
        ({"preferred_username": "grace"}, "signs in in another way"),  # with an id of her own
        ({"preferred_username": "erin"}, "make an account of it"),
        ({"email": "frank@example.org"}, "told no name"),
        ({"email": "frank@example.org", "email_verified": "true"}, "told no name"),
        ({"preferred_username": "frank@example.org", "email_verified": False}, "told no name"),
        ({"preferred_username": "\u200b"}, "told no name"),
        ({"preferred_username": ["dana"], "name": "dana"}, "told no name"),
    ]
    for claims, words in refusals:
        answer = site.sign_in("stranger", **claims)
        assert (answer.status_code, words in answer.text) == (403, True), claims
        assert "session=" not in answer.headers.get("set-cookie", "")
    site.sign_in("u4", email="frank@example.org", email_verified=True)
    assert site.who() == "frank@example.org"


def test_role_follows_the_claim_at_each_sign_in(open_site, database):
    site = open_site(sso_default_role="viewer", oidc_role_claim="realm_access.roles")
    for roles, role in [(["x", "reviewer", "lead"], "lead"), ("reviewer", "reviewer"), (["root"], "viewer")]:
        site.sign_in("u5", preferred_username="hugo", realm_access={"roles": roles})
        assert site.account("hugo").role == role
    changes = site.events("account.role_changed")
    assert [(event.data["before"], event.data["after"]) for event in changes] == [
        ({"role": "lead"}, {"role": "reviewer"}),
        ({"role": "reviewer"}, {"role": "viewer"}),
    ]
    strict = open_site(oidc_role_claim="realm_access.roles")
    answer = strict.sign_in("u5", preferred_username="hugo", realm_access={"roles": ["root"]})
    assert (answer.status_code, "gives you no role" in answer.text) == (403, True)


def test_provider_does_not_demote_the_last_admin(open_site, database):
    site = open_site(oidc_role_claim="role")
    with database.write() as db:
        db.query(Reviewer).one().password_hash = None
    assert site.sign_in("u6", preferred_username="dana", role="viewer").status_code == 303
    assert site.account("dana").role == "admin"


def test_deactivated_account_stays_out(open_site, database):
    site = open_site(sso_default_role="reviewer")
    site.sign_in("u7", preferred_username="iris")
    with database.write() as db:
        db.query(Reviewer).filter_by(name="iris").one().disabled_at = site.account("iris").created_at
    answer = site.sign_in("u7")
    assert (answer.status_code, "iris is deactivated" in answer.text) == (403, True)
    assert site.events("login.refused")[-1].reviewer_id == site.account("iris").id


def test_answer_is_good_once_and_in_one_browser(open_site, settings):
    site = open_site(sso_default_role="reviewer")
    site.provider.add_person("u8", preferred_username="jane")
    began = site.start()
    cookie = site.client.cookies["single-sign-on"]
    back = site.provider.sign_in(began, "u8")
    for other in (back.replace("state=", "state=x"), back.replace("state=", "forgotten="), f"{back}&state=é"):
        site.client.cookies.set("single-sign-on", cookie)
        assert site.come_back(other).status_code == 403
    for made in ("", "x", f"{cookie}0", "W10.0", cookie.replace(".", "A.")):
        site.client.cookies.set("single-sign-on", made)
        assert "not begun in this browser" in site.come_back(back).text
    site.client.cookies.delete("single-sign-on")
    site.client.cookies.set("single-sign-on", cookie)
    assert site.come_back(back).status_code == 303
    assert site.come_back(back).status_code == 403  # the browser forgot that it went
    site.client.cookies.set("single-sign-on", cookie)
    assert "does not hold" in site.come_back(back).text  # and the provider that it gave the code
    assert len(site.events("login.begun")) == 1


def test_old_sign_in_has_to_begin_again(open_site, monkeypatch):
    site = open_site(sso_default_role="reviewer")
    monkeypatch.setattr("app.web.single_sign_on._GOOD_FOR", -1)
    began = site.client.get("/sign-in/oidc")
    cookie = began.headers["set-cookie"].split(";")[0].partition("=")[2]
    site.client.cookies.set("single-sign-on", cookie)  # which browsers forget by then
    back = site.provider.sign_in(began.headers["location"], "u9")
    assert "more than ten minutes ago" in site.come_back(back).text
    assert site.who() is None


def test_provider_that_refuses_is_told_plainly(open_site):
    site = open_site(sso_default_role="reviewer")
    answer = site.sign_in(None)
    assert (answer.status_code, "stopped the sign-in" in answer.text) == (403, True)
    assert 'href="/sign-in/oidc?next=%2Fdatasets"' in answer.text
    began = site.start()
    state = dict(part.split("=") for part in began.split("?")[1].split("&"))["state"]
    answer = site.come_back(f"{HOME}/sign-in/oidc/callback?state={state}&error=<b>server</b>&error_description=visit")
    assert answer.status_code == 403
    assert "<b>server" not in answer.text
    assert "visit" not in answer.text


def test_forged_tokens_let_nobody_in(open_site, caplog):
    site = open_site(sso_default_role="admin")
    other = RSAKey.generate_key(2048, private=True)
    shared = OctKey.import_key("of the test, and long enough for HMAC")
    forgeries = {
        "other nonce": {"nonce": "of another sign-in"},
        "no nonce": {"nonce": None},
        "other audience": {"aud": "another service"},
        "other party": {"aud": [CLIENT_ID, "another"], "azp": "another"},
        "two audiences and no party": {"aud": [CLIENT_ID, "another"], "azp": None},
        "other issuer": {"iss": "https://elsewhere.example"},
        "expired": {"exp": 1_000_000_000},
        "no expiry": {"exp": None},
        "from the future": {"iat": 9_000_000_000, "exp": 9_000_000_600},
        "nobody": {"sub": ""},
        "other access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        "other key": {"key": other},
        "key that is not there": {"key": other, "header": {"kid": "new"}},
        "shared secret": {"key": shared, "header": {"alg": "HS256"}},
    }
    for name, forged in forgeries.items():
        site.provider.forge(**forged)
        answer = site.sign_in("u10", preferred_username="mallory")
        assert (answer.status_code, "does not hold" in answer.text) == (403, True), name
    answers = {
        "not signed": lambda answer: answer | {"id_token": _unsigned(answer["id_token"])},
        "no token": lambda _: {"access_token": "x", "token_type": "Bearer"},
        "no text": lambda answer: answer | {"id_token": 1},
        "no JWT": lambda answer: answer | {"id_token": "a.b"},
    }
    for name, change in answers.items():
        site.provider.changes["/token"] = change
        assert site.sign_in("u10").status_code == 403, name
    assert site.who() is None
    assert not site.events("account.added")[1:]
    assert "InvalidClaimError nonce" in caplog.text
    assert "eyJ" not in caplog.text
    assert "of the test" not in caplog.text


def _unsigned(token: str) -> str:
    return f"eyJhbGciOiJub25lIn0.{token.split('.')[1]}."


def test_new_keys_of_the_provider_are_read_once(open_site):
    site = open_site(sso_default_role="reviewer")
    site.sign_in("u11", preferred_username="kim")
    new = RSAKey.generate_key(2048, {"kid": "new"}, private=True)
    site.provider.changes["/jwks"] = lambda keys: {"keys": [*keys["keys"], new.as_dict(private=False)]}
    site.provider.forge(key=new, header={"kid": "new"})
    assert site.sign_in("u11").status_code == 303


def test_name_may_be_in_the_user_info_alone(open_site):
    site = open_site(sso_default_role="reviewer")
    site.provider.forge(preferred_username=None)
    site.sign_in("u12", preferred_username="lena")
    assert site.who() == "lena"
    site.provider.changes["/userinfo"] = lambda info: info | {"sub": "u11"}
    assert site.sign_in("u12").status_code == 403


def test_provider_that_fails_is_told_plainly(open_site, provider, running):
    answers = [
        lambda metadata: metadata | {"issuer": "https://elsewhere.example"},
        lambda metadata: metadata | {"token_endpoint": "http://elsewhere.example/token"},
        lambda _: flask.Response("<h1>busy", 503),
        lambda _: flask.Response("<h1>busy", 200),
        lambda _: flask.Response("", 302, {"Location": "/elsewhere"}),
    ]
    site = open_site()
    for change in answers:
        provider.changes["/openid-configuration"] = change
        answer = site.client.get("/sign-in/oidc")
        assert (answer.status_code, "did not answer as it should" in answer.text) == (502, True)
    provider.changes.clear()
    for change in (lambda _: {"keys": []}, lambda _: {"keys": 1}):
        provider.changes["/jwks"] = change
        assert site.client.get("/sign-in/oidc").status_code == 502
    provider.changes.clear()
    provider.changes["/token"] = lambda _: flask.Response("<h1>busy", 503)
    assert site.sign_in("u13", preferred_username="mona").status_code == 502
    down = open_site(oidc_issuer="http://localhost:9")
    assert down.client.get("/sign-in/oidc").status_code == 502
    assert down.client.get("/sign-in").status_code == 200


def test_secret_is_sent_as_the_provider_takes_it(open_site, provider, tmp_path):
    (tmp_path / "secret").write_text("of a file\n")
    taken = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    for method in ({}, taken):
        provider.changes["/openid-configuration"] = lambda metadata, method=method: metadata | method
        sent: list[tuple[Any, Any]] = []

        def note(answer, sent=sent):
            authorization = flask.request.authorization
            sent.append((authorization and authorization.password, flask.request.form.get("client_secret")))
            return answer

        provider.changes["/token"] = note
        file = {"oidc_client_secret": None, "oidc_client_secret_file": tmp_path / "secret"}
        assert open_site(sso_default_role="viewer", **file).sign_in("u14", preferred_username="nora").status_code == 303
        assert sent == ([(None, "of a file")] if method else [("of a file", None)])


def test_sign_in_ends_on_the_site(open_site):
    site = open_site(sso_default_role="reviewer")
    for trick in ("//elsewhere.example", "https://elsewhere.example", "/\\elsewhere.example", "/" + 3000 * "x"):
        began = site.start(trick)
        answer = site.come_back(site.provider.sign_in(began, "u15"))
        assert answer.status_code in (303, 403)
        assert answer.headers.get("location", "/") == "/"


def test_https_gives_cookies_that_only_this_host_can_set(open_site, provider):
    site = open_site(public_url="https://review.example.org")
    answer = site.client.get("/sign-in/oidc")
    assert "redirect_uri=https%3A%2F%2Freview.example.org%2Fsign-in%2Foidc%2Fcallback" in answer.headers["location"]
    assert "code_challenge_method=S256" in answer.headers["location"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-single-sign-on=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))


def test_nobody_begins_team_mode_from_elsewhere(settings, client, provider):
    assert client.get("/sign-in/oidc").status_code == 404  # not set up
    local = settings.model_copy(update={"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID})
    with open_client(local) as alone:
        answer = alone.get("/sign-in/oidc")
        assert (answer.status_code, "user add NAME --role admin" in answer.text) == (409, True)


def test_half_a_setup_does_not_start(settings, tmp_path):
    with pytest.raises(InvalidInput, match="OIDC_CLIENT_ID"):
        create_app(settings.model_copy(update={"oidc_issuer": "https://sso.example.org"}))
    missing = {"oidc_client_id": "x", "oidc_client_secret_file": tmp_path / "missing"}
    with pytest.raises(InvalidInput, match="OIDC_CLIENT_SECRET_FILE"):
        create_app(settings.model_copy(update={"oidc_issuer": "https://sso.example.org", **missing}))
    for issuer in (
        "http://sso.example.org",
        "ftp://x",
        "https://",
        "sso.example.org",
        "https://x/?y",
        "http://10.0.0.1",
    ):
        with pytest.raises(ValidationError, match="https://"):
            Settings(_env_file=None, oidc_issuer=issuer)
    assert Settings(_env_file=None, oidc_issuer="http://127.0.0.1:9").oidc_issuer
