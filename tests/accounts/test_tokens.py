"""API tokens: made with the password, shown once, good for what they say and no longer."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.accounts.passwords import hash_password
from app.accounts.tokens import make_token
from app.db import Database
from app.models import ApiToken, Event, Reviewer
from app.models.base import now

Team = Callable[[str], TestClient]
WORDS = "seven quiet cactus pots"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return hash_password(WORDS)


@pytest.fixture
def carol(team: Team, database: Database, password_hash: str) -> TestClient:
    change(database, "carol", password_hash=password_hash)
    return team("carol")


def change(database: Database, name: str, **fields: object) -> None:
    with database.write() as db:
        owner = db.scalars(select(Reviewer).where(Reviewer.name == name)).one()
        for field, value in fields.items():
            setattr(owner, field, value)


def give_token(database: Database, name: str, *scopes: str) -> dict[str, str]:
    """A header with it."""
    with database.write() as db:
        owner = db.scalars(select(Reviewer).where(Reviewer.name == name)).one()
        return {"Authorization": f"Bearer {make_token(db, owner, 'a script', scopes)}"}


def ask_for(client: TestClient, **fields: object) -> str:
    form = {"name": "nightly", "scope": ["read", "export"], "days": "30", "your_password": WORDS, **fields}
    answer = client.post("/account/tokens", data=form)
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


def test_token_is_shown_once_and_works_until_it_is_revoked(sample: None, carol: TestClient, database: Database) -> None:
    page = ask_for(carol)
    secret = re.findall(r"<code>(srr_[\w-]{43})</code>", page)[0]
    assert page.count(secret) == 1
    listed = carol.get("/account").text
    assert secret not in listed
    assert "nightly" in listed
    carol.cookies.clear()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert carol.get("/api/v1/datasets", headers=bearer).status_code == 200
    with database.read() as db:
        token = db.scalars(select(ApiToken)).one()
        assert secret.encode() not in token.token_hash
        assert token.used_at
        made = db.scalars(select(Event).where(Event.kind == "token.made")).one()
    assert (made.reviewer_id, made.data["name"], made.data["scopes"]) == (token.reviewer_id, "nightly", token.scopes)
    assert secret not in str(made.data)


def test_revoked_token_is_good_no_more(sample: None, team: Team, database: Database) -> None:
    bearer = give_token(database, "alice", "read")
    bob = team("bob")
    assert bob.post("/account/tokens/1/revoke", follow_redirects=False).status_code == 404
    alice = team("alice")
    assert alice.get("/api/v1/datasets", headers=bearer).status_code == 200
    assert "good no more" in alice.post("/account/tokens/1/revoke").text
    refused = alice.get("/api/v1/datasets", headers=bearer)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert alice.post("/account/tokens/1/revoke").status_code == 200
    with database.read() as db:
        assert len(db.scalars(select(Event).where(Event.kind == "token.revoked")).all()) == 1


def test_token_that_cannot_be_is_refused_beside_its_field(sample: None, carol: TestClient, database: Database) -> None:
    ask_for(carol)
    for fields, mistake in (
        ({"your_password": "of somebody else"}, "This is not your password."),
        ({"name": " "}, "Give the token a name"),
        ({"name": "NIGHTLY"}, "There is a token of this name already."),
        ({"name": "b", "scope": []}, "Say what the token is for"),
        ({"name": "c", "scope": ["everything"]}, "a lead can choose from read, review, export, admin"),
        ({"name": "d", "days": "367"}, "A token is good for 1 to 366 days."),
        ({"name": "e", "days": "-1"}, "A token is good for 1 to 366 days."),
    ):
        assert mistake in ask_for(carol, **fields)
    with database.read() as db:
        assert len(db.scalars(select(ApiToken)).all()) == 1


def test_nobody_gets_a_token_for_more_than_their_role_may(run: Callable[..., object], team: Team) -> None:
    offered = {name: set(re.findall(r'name="scope" value="(\w+)"', team(name).get("/account").text)) for name in CAST}
    assert offered == {
        "vera": {"read"},
        "alice": {"read", "review"},
        "carol": {"read", "review", "export", "admin"},
        "dana": {"read", "review", "export", "admin"},
    }


CAST = ("vera", "alice", "carol", "dana")


def test_token_is_good_for_its_scopes_on_addresses_for_scripts_alone(
    sample: None, team: Team, client: TestClient, database: Database
) -> None:
    reads = give_token(database, "dana", "read")
    client.cookies.clear()
    assert client.get("/api/v1/entries/1", headers=reads).status_code == 200
    refused = client.put("/api/v1/entries/1/review", headers=reads, json={"comment": "Nice plants."})
    assert (refused.status_code, refused.json()["title"]) == (403, "Not allowed")
    assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope", scope="review"'
    assert client.get("/datasets/sample/export?format=csv", headers=reads).status_code == 403
    for page in ("/datasets", "/settings", "/account", "/activity"):
        answer = client.get(page, headers=reads, follow_redirects=False)
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json"), page


def test_export_takes_a_token(sample: None, team: Team, client: TestClient, database: Database) -> None:
    exports = give_token(database, "carol", "export")
    client.cookies.clear()
    assert client.get("/datasets/sample/export?format=csv", headers=exports).status_code == 200
    assert client.get("/api/v1/datasets", headers=exports).status_code == 403


def test_token_counts_as_header_alone(sample: None, team: Team, client: TestClient, database: Database) -> None:
    secret = give_token(database, "alice", "read")["Authorization"].removeprefix("Bearer ")
    client.cookies.clear()
    for query in ("access_token", "token", "authorization"):
        assert client.get(f"/api/v1/datasets?{query}={secret}").status_code == 401
    assert client.get("/api/v1/datasets", headers={"Cookie": f"session={secret}"}).status_code == 401
    assert client.get("/api/v1/datasets", headers={"Authorization": f"Basic {secret}"}).status_code == 401
    assert client.get("/api/v1/datasets", headers={"Authorization": f"bearer {secret}"}).status_code == 200


def test_header_wins_over_the_cookie(sample: None, team: Team, database: Database) -> None:
    dana = team("dana")
    wrong = dana.get("/api/v1/datasets", headers={"Authorization": "Bearer srr_wrong"})
    assert wrong.status_code == 401
    reads = give_token(database, "vera", "read")
    assert dana.get("/datasets/sample/export?format=csv", headers=reads).status_code == 403
    answer = dana.get("/account", headers={"Authorization": "Bearer srr_wrong"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


def test_token_ends_with_its_days_its_owner_or_the_role(
    sample: None, team: Team, client: TestClient, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    bearer = give_token(database, "carol", "export")
    client.cookies.clear()
    address = "/datasets/sample/export?format=csv"
    change(database, "carol", role="reviewer")
    assert client.get(address, headers=bearer).status_code == 403
    change(database, "carol", role="lead", disabled_at=now())
    assert client.get(address, headers=bearer).status_code == 401
    change(database, "carol", disabled_at=None)
    assert client.get(address, headers=bearer).status_code == 200
    with database.write() as db:
        db.scalars(select(ApiToken)).one().expires_at = now() - timedelta(seconds=1)
    assert client.get(address, headers=bearer).status_code == 401
    assert "srr_" not in caplog.text


def test_command_makes_lists_and_revokes_tokens(sample: None, team: Team, client: TestClient, run) -> None:  # type: ignore[no-untyped-def]
    client.cookies.clear()
    made = run("token", "create", "ALICE", "--name", "nightly", "--scope", "read", "--scope", "review", "--days", "30")
    assert re.fullmatch(r"srr_[\w-]{43}\n", made.stdout)
    assert "Good for 30 days and for read, review." in made.stderr
    bearer = {"Authorization": f"Bearer {made.stdout.strip()}"}
    assert client.get("/api/v1/datasets", headers=bearer).status_code == 200
    assert "alice: nightly (read, review)" in run("token", "list").stdout
    assert '"owner": "alice"' in run("token", "list", "alice", "--json").stdout
    assert "No token" in run("token", "list", "bob").stderr
    assert "is good no more" in run("token", "revoke", "1").stdout
    assert client.get("/api/v1/datasets", headers=bearer).status_code == 401
    assert "no account 'nobody'" in run("token", "list", "nobody").stderr
    assert run("token", "revoke", "7").returncode == 1
    assert "can choose from read" in run("token", "create", "vera", "--name", "x", "--scope", "admin").stderr


def test_local_mode_has_no_tokens(sample: None, alice: TestClient, run) -> None:  # type: ignore[no-untyped-def]
    assert alice.post("/account/tokens", data={"name": "x"}).status_code == 403
    assert alice.post("/account/tokens/1/revoke").status_code == 403
    assert "no account 'alice'" in run("token", "create", "alice", "--name", "x", "--scope", "read").stderr
