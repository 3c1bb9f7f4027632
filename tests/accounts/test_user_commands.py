"""Accounts at the command line: how a team begins, and how whoever cannot sign in gets back."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

from starlette.testclient import TestClient

from app.accounts.passwords import is_password
from app.db import Database
from app.models import Login, Reviewer
from app.models.event import Event
from tests.team import add_account, sign_in

Run = Callable[..., CompletedProcess[str]]
GOOD = "seven pears on a blue plate"


def password_hash_of(database: Database, name: str) -> str | None:
    with database.read() as db:
        return db.query(Reviewer.password_hash).filter_by(name=name).scalar()


def test_first_account_begins_team_mode(run: Run, client: TestClient, database: Database) -> None:
    assert client.get("/datasets").status_code == 200
    assert "begins team mode: saferlhf-review user add NAME --role admin" in run("user", "list").stderr
    refused = run("user", "add", "bob", typed=GOOD)
    assert (refused.returncode, "The first account must be an admin's" in refused.stderr) == (1, True)
    added = run("user", "add", "Dana", "--role", "admin", typed=f"{GOOD}\n")
    assert added.stdout == "Dana has an account now, with the role admin.\n"
    assert "Everybody signs in from now on" in added.stderr
    assert GOOD not in added.stdout + added.stderr
    assert is_password(password_hash_of(database, "Dana"), GOOD)
    assert client.get("/datasets", follow_redirects=False).headers["location"].startswith("/sign-in")


def test_password_comes_from_no_option_and_keeps_the_rules(run: Run, database: Database) -> None:
    assert "stdin, or --invite" in run("user", "add", "dana", "--role", "admin").stderr
    assert "at least 10 characters" in run("user", "add", "dana", "--role", "admin", typed="short\n").stderr
    with database.read() as db:
        assert db.query(Reviewer).count() == 0
        assert db.query(Event).count() == 0


def test_invitation_link_sets_the_password(run: Run, client: TestClient) -> None:
    added = run("user", "add", "dana", "--role", "admin", "--invite", SAFERLHF_REVIEW_PUBLIC_URL="http://127.0.0.1")
    link = added.stdout.splitlines()[1]
    assert link.startswith("http://127.0.0.1/invitations/")
    path = link.removeprefix("http://127.0.0.1")
    client.headers["Sec-Fetch-Site"] = "same-origin"
    assert "dana" in client.get(path).text
    accepted = client.post(path, data={"password": GOOD, "again": GOOD}, follow_redirects=False)
    assert accepted.status_code == 303
    assert client.get("/datasets").status_code == 200


def test_account_claims_the_reviews_of_a_local_name(sample: None, run: Run, alice: TestClient) -> None:
    alice.post("/entries/1/review", data={"action": "agree_rest", "revision": "0"})
    alice.post("/entries/2/review", data={"action": "agree_rest", "revision": "0"})
    before = alice.get("/datasets/sample/export?what=reviews&format=jsonl").text
    run("user", "add", "dana", "--role", "admin", typed=GOOD)
    assert run("user", "list").stdout.splitlines()[1].split() == [
        *("alice", "-", "local", "name,", "2", "reviews,", "never", "seen")
    ]
    claimed = run("user", "add", "ALICE", "--role", "lead", typed=GOOD)
    assert claimed.stdout.splitlines() == [
        "alice has an account now, with the role lead.",
        "alice has 2 reviews from local mode; this account now owns them.",
    ]
    assert run("export", "sample", "--format", "jsonl", "-o", "-").stdout == before


def test_deactivated_account_is_out_at_once(run: Run, client: TestClient, database: Database) -> None:
    add_account(database, "dana", "admin")
    bob = sign_in(client, database, add_account(database, "bob", "reviewer"))
    assert bob.get("/datasets").status_code == 200
    assert run("user", "disable", "BOB").stdout.startswith("bob is deactivated: signed out everywhere")
    assert bob.get("/datasets", follow_redirects=False).status_code == 303
    assert "already" in run("user", "disable", "bob").stderr
    assert "deactivated" in run("user", "reset", "bob").stderr
    assert run("user", "enable", "bob").stdout == "bob may sign in again.\n"
    assert "already" in run("user", "enable", "bob").stderr
    assert bob.get("/datasets", follow_redirects=False).status_code == 303  # the sign-in of before stays ended
    with database.read() as db:
        assert db.query(Login).filter(Login.ended_at.is_(None)).count() == 0


def test_reset_prints_a_link(run: Run, database: Database) -> None:
    add_account(database, "dana", "admin")
    reset = run("user", "reset", "dana")
    assert reset.stdout.startswith("http://127.0.0.1:8000/invitations/")
    assert "good once, for 72 hours" in reset.stderr
    assert run("user", "reset", "eve").stderr.startswith("saferlhf-review: There is no account 'eve'")


def test_last_admin_stays(run: Run, database: Database) -> None:
    add_account(database, "dana", "admin")
    add_account(database, "carol", "admin")  # and has not taken the invitation
    assert "dana is the last admin who can sign in" in run("user", "disable", "dana").stderr


def test_accounts_are_listed(run: Run, database: Database) -> None:
    add_account(database, "dana", "admin", sees_all_datasets=False)
    run("user", "add", "bob", "--invite")
    assert "bob                      reviewer  invited until" in run("user", "list").stdout
    bob, dana = json.loads(run("user", "list", "--json").stdout)
    assert (bob["name"], bob["role"], bob["state"], bob["datasets"]) == ("bob", "reviewer", "invited", None)
    assert (dana["state"], dana["datasets"], dana["reviews"]) == ("no password yet", [], 0)
