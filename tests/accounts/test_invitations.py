"""Links that set a password: each is good once, for three days, and says nothing to whoever else tries it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.accounts.invitations import invite
from app.models import Event, Invitation
from tests.accounts.test_signing_in import GOOD, change, enter, events
from tests.team import add_account, open_client


@pytest.fixture
def invited(database, team, client):
    """`invited("alice")` is the link; nobody is signed in."""
    client.headers["Sec-Fetch-Site"] = "same-origin"

    def link(name, kind="invitation"):
        with database.write() as db:
            return f"/invitations/{invite(db, add_account_id(name), kind, None)}"

    def add_account_id(name):
        return {"vera": 1, "alice": 2, "bob": 3, "carol": 4, "dana": 5}[name]

    return link


def accept(client, link, password=GOOD):
    return client.post(link, data={"password": password}, follow_redirects=False)


def test_invited_person_sets_a_password_and_is_in(invited, client, database):
    link = invited("alice")
    page = client.get(link)
    assert "Welcome, alice" in page.text
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "same-origin")
    assert accept(client, link).headers["location"] == "/"
    assert "signed in as alice" in client.get("/help").text
    client.cookies.clear()
    assert enter(client).status_code == 303
    with database.read() as db:
        said = str([(event.kind, event.data) for event in db.query(Event)])
    assert link.rpartition("/")[2] not in said
    assert GOOD not in said


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("nine lett", "at least 10"),
        ("x" * 257, "at most 256"),
        ("Password2024!", "first that are guessed"),
        ("p@ssw0rd1234", "first that are guessed"),
        ("aaaaaaaaabbbb", "first that are guessed"),
        ("abcabcabcabc", "first that are guessed"),
        ("9876543210", "first that are guessed"),
        ("alice-2024-alice", "first that are guessed"),
        ("SafeRLHF Review 1", "first that are guessed"),
    ],
)
def test_passwords_that_are_refused(invited, client, password, said):
    link = invited("alice")
    answer = accept(client, link, password)
    assert answer.status_code == 422
    assert said in answer.text
    assert password not in answer.text
    assert accept(client, link).status_code == 303  # the link is still good


@pytest.mark.parametrize(
    "password", ["plum cake!", "x" * 5 + "y" * 3 + "zwvutsrq" * 31, "пирог с вишней", "1 кот 2 кота"]
)
def test_passwords_that_are_taken(invited, client, password):
    assert accept(client, invited("alice"), password).status_code == 303
    assert enter(client, password=password).status_code == 303


def test_links_that_are_no_longer_good_all_say_the_same(invited, client, database, team):
    revoked, used = invited("alice"), invited("bob")
    invited("alice")  # revokes the one before
    assert accept(client, used).status_code == 303
    client.cookies.clear()
    of_disabled = invited("vera")
    add_account(database, "vera", "viewer", disabled_at=events(database, "account.added")[0].at)
    dead = [revoked, used, of_disabled, "/invitations/nothing", f"/invitations/{'x' * 3000}"]
    pages = set()
    for link in dead:
        for answer in (client.get(link), accept(client, link)):
            assert answer.status_code == 404
            assert "can be used once, within three days" in answer.text
        pages.add(client.get(link).text.replace(client.get(link).headers["x-request-id"], "")[:200])
    assert len(pages) == 1
    expired = invited("carol")
    with database.read() as db:
        made = db.query(Invitation).order_by(Invitation.id.desc()).first()
    assert made.expires_at - made.created_at > timedelta(hours=71)
    change(database, Invitation, expires_at=made.created_at - timedelta(seconds=1))
    assert client.get(expired).status_code == 404


def test_of_two_who_use_a_link_at_once_one_gets_in(invited, settings):
    link = invited("alice")
    with open_client(settings) as one, open_client(settings) as other, ThreadPoolExecutor(2) as pool:
        one.headers["Sec-Fetch-Site"] = other.headers["Sec-Fetch-Site"] = "same-origin"
        codes = sorted(pool.map(lambda client: accept(client, link).status_code, [one, other]))
    assert codes == [303, 404]


def test_reset_ends_every_sign_in(invited, client, team, database):
    team("alice")
    secret = client.cookies["session"]
    assert client.get("/help", follow_redirects=False).status_code == 200
    client.cookies.clear()
    link = invited("alice", "reset")
    assert "A new password for alice" in client.get(link).text
    assert accept(client, link).status_code == 303
    client.cookies.clear()
    client.cookies.set("session", secret)
    assert client.get("/help", follow_redirects=False).status_code == 303
    kinds = [event.data.get("way") for event in events(database, "password.set")]
    assert kinds == ["reset"]
