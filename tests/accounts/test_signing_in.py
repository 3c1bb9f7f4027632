"""Signing in with a password: who gets in, who does not, and who may not even try any more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from argon2 import extract_parameters
from sqlalchemy import delete, select

from app.accounts import passwords
from app.accounts.passwords import hash_password
from app.models import Attempt, Event, Login, Reviewer
from tests.team import open_client

GOOD = "plum cake with two cats"
AS_RELEASED = passwords.hasher  # before a fixture takes a quick one


@pytest.fixture
def accounts(database, team, client):
    """Of the cast, alice and dana have passwords, and bob is out."""
    client.headers["Sec-Fetch-Site"] = "same-origin"  # as browsers say
    with database.write() as db:
        people = {one.name: one for one in db.scalars(select(Reviewer))}
        for name in ("alice", "bob", "dana"):
            people[name].password_hash = hash_password(GOOD)
        people["bob"].disabled_at = people["bob"].created_at
    return {name: one.id for name, one in people.items()}


def enter(client, name="alice", password=GOOD, **more):
    headers = {"Sec-Fetch-Site": "same-origin"} | more.pop("headers", {})  # as browsers say
    form = {"name": name, "password": password, **more}
    return client.post("/sign-in", data=form, headers=headers, follow_redirects=False)


def events(database, kind):
    with database.read() as db:
        return db.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)).all()


def change(database, model, **values):
    with database.write() as db:
        for row in db.scalars(select(model)):
            for name, value in values.items():
                setattr(row, name, value)


def test_signing_in_and_out(accounts, client, database):
    page = client.get("/sign-in?next=/help")
    assert 'autocomplete="current-password"' in page.text
    assert "Team mode: not signed in" in page.text
    answer = enter(client, "ALICE", next="/help")
    assert (answer.status_code, answer.headers["location"]) == (303, "/help")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("session="))
    for said in ("HttpOnly", "Path=/", "SameSite=lax", "Max-Age=604800"):
        assert said in cookie
    assert "Secure" not in cookie
    secret = client.cookies["session"]
    assert "signed in as alice, reviewer" in client.get("/help").text
    assert client.get("/sign-in", follow_redirects=False).headers["location"] == "/"
    assert client.post("/sign-out", follow_redirects=False).headers["location"] == "/sign-in?signed_out=yes"
    client.cookies.set("session", secret)  # the server has ended it, whatever the browser still sends
    assert client.get("/help", follow_redirects=False).status_code == 303
    assert "You are signed out" in client.get("/sign-in?signed_out=yes").text
    assert [event.data["why"] for event in events(database, "login.ended")] == ["sign-out"]
    with database.read() as db:
        assert secret.encode() not in {login.token_hash for login in db.scalars(select(Login))}


def test_with_https_the_cookie_is_of_this_host_alone(accounts, settings):
    with open_client(settings.model_copy(update={"public_url": "https://review.example.org"})) as client:
        answer = enter(client)
        cookies = "\n".join(answer.headers.get_list("set-cookie"))
        assert "__Host-session=" in cookies
        assert "Secure" in cookies.partition("__Host-session=")[2]
        assert answer.headers["clear-site-data"] == '"cache"'


def test_refusals_are_all_alike(accounts, client, database):
    answers = [
        enter(client, name, password)
        for name, password in [
            ("alice", "not the password"),
            ("nobody", GOOD),
            ("bob", GOOD),  # deactivated
            ("carol", GOOD),  # has no password
            ("", ""),
            ("alice\u0000", GOOD),
            ("alice", "x" * 5000),
        ]
    ]
    pages = {answer.text.replace(f'value="{name}"', "") for answer, name in zip(answers[:4], CALLED, strict=True)}
    ids = {answer.headers["x-request-id"] for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(pages) == 1
    assert len(ids) == len(answers)
    assert 'value="alice"' in answers[0].text  # the name stays, the password does not
    assert "not the password" not in answers[0].text
    assert not any("session=" in answer.headers.get("set-cookie", "") for answer in answers)
    assert {event.data["method"] for event in events(database, "login.refused")} == {"password"}
    assert "nobody" not in str([event.data for event in events(database, "login.refused")])


CALLED = ("alice", "nobody", "bob", "carol")


def test_each_sign_in_has_its_own_secret_and_ends_the_one_before(accounts, client, database):
    enter(client)
    first = client.cookies["session"]
    enter(client)
    assert client.cookies["session"] != first
    assert [event.data["why"] for event in events(database, "login.ended")] == ["new sign-in"]


@pytest.mark.parametrize("moved", ["seen_at", "expires_at"])
def test_sign_in_ends_by_itself(accounts, client, database, moved):
    enter(client)
    with database.read() as db:
        login = db.scalars(select(Login)).one()
    assert timedelta(days=6, hours=23) < login.expires_at - login.created_at < timedelta(days=7, hours=1)
    earlier = {"seen_at": timedelta(hours=12, minutes=1), "expires_at": timedelta(days=7, minutes=1)}[moved]
    change(database, Login, **{moved: getattr(login, moved) - earlier})
    assert client.get("/help", follow_redirects=False).status_code == 303


def test_ten_tries_and_the_owner_elsewhere(accounts, settings, client, database):
    """Tried all at once, and with another X-Forwarded-For each time."""
    with ThreadPoolExecutor(8) as pool:
        tries = pool.map(
            lambda n: enter(client, "alice", f"guess number {n}", headers={"X-Forwarded-For": f"10.9.8.{n}"}), range(30)
        )
        codes = [answer.status_code for answer in tries]
    assert (codes.count(422), codes.count(429)) == (10, 20)
    refused = enter(client)  # with the right password, too
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert "too many tries" in refused.text
    assert enter(client, "dana").status_code == 303
    with open_client(settings.model_copy(update={"trusted_proxies": "*"})) as elsewhere:
        assert enter(elsewhere, headers={"X-Forwarded-For": "10.0.0.4"}).status_code == 303
    with database.read() as db:
        later = min(db.scalars(select(Attempt.at))) - timedelta(minutes=16)
    change(database, Attempt, at=later)
    assert enter(client).status_code == 303


def test_success_forgets_the_tries(accounts, client):
    for _ in range(2):
        assert [enter(client, password="wrong one").status_code for _ in range(9)] == [422] * 9
        assert enter(client).status_code == 303


def test_many_addresses_and_the_ones_that_are_known(accounts, settings):
    with open_client(settings.model_copy(update={"trusted_proxies": "*"})) as client:

        def from_address(address, name="alice", password="guess"):
            return enter(client, name, password, headers={"X-Forwarded-For": address}).status_code

        assert from_address("10.0.0.4", password=GOOD) == 303
        client.cookies.clear()
        assert {from_address(f"10.1.0.{n}") for n in range(50)} == {422}
        assert from_address("10.1.1.1", password=GOOD) == 429
        assert from_address("10.0.0.4", password=GOOD) == 303
        # One person has as many addresses of version 6 as they like; and one address has few tries over all names.
        assert {from_address(f"2001:db8:1:2::{n}", "dana") for n in range(10)} == {422}
        assert from_address("2001:db8:1:2:ffff::1", "dana", GOOD) == 429
        assert from_address("2001:db8:1:3::1", "dana", GOOD) == 303
        assert {from_address("10.2.0.1", f"name {n}") for n in range(100)} == {422}
        assert from_address("10.2.0.1", "dana", GOOD) == 429


def test_old_tries_are_forgotten(accounts, client, database):
    enter(client, "nobody")
    with database.read() as db:
        change(database, Attempt, at=db.scalars(select(Attempt.at)).one() - timedelta(hours=2))
    enter(client, "nobody")
    with database.read() as db:
        assert len(db.scalars(select(Attempt.id)).all()) == 1


def test_passwords_are_hashed_slowly_and_anew_when_that_is_raised(accounts, client, database, monkeypatch):
    monkeypatch.setattr(passwords, "hasher", AS_RELEASED)
    enter(client)
    with database.read() as db:
        found = db.scalar(select(Reviewer.password_hash).where(Reviewer.name == "alice"))
    used = extract_parameters(found)
    assert (used.type.name, used.time_cost, used.memory_cost, used.parallelism) == ("ID", 3, 65536, 1)
    assert enter(client).status_code == 303


def test_password_is_taken_as_typed_but_for_how_keyboards_write_it(accounts, client, database):
    with database.write() as db:
        alice = db.get_one(Reviewer, accounts["alice"])
        alice.password_hash = hash_password("  Käse und Kuchen ")
    assert enter(client, password="  Ka\u0308se und Kuchen ").status_code == 303
    assert enter(client, password="Käse und Kuchen").status_code == 422
    assert enter(client, password="  käse und kuchen ").status_code == 422


def test_local_mode_needs_no_sign_in(client, database):
    page = client.get("/sign-in")
    assert "No sign-in is needed here" in page.text
    assert enter(client).status_code == 200
    assert client.post("/sign-out", follow_redirects=False).status_code == 303
    assert client.get("/account", follow_redirects=False).headers["location"] == "/reviewers"
    with database.write() as db:
        db.execute(delete(Attempt))
    client.post("/reviewers", data={"name": "alice"})
    form = {"your_password": "", "new_password": GOOD}
    for path in ("/account/password", "/account/logins/end-others", "/account/logins/1/end"):
        assert client.post(path, data=form).status_code == 403


@pytest.mark.parametrize("to", ["//evil.example", "/\\evil.example", "/\t/evil.example", "https:evil.example", "/é"])
def test_sign_in_leads_to_this_site_alone(accounts, client, to):
    assert enter(client, next=to).headers["location"] in ("/", "/%C3%A9")
