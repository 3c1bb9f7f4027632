"""The pages on which admins invite people, change what they may, and end access."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from app.accounts.managing import disable
from app.accounts.passwords import hash_password, store_password
from app.db import Database
from app.errors import Forbidden
from app.models import Reviewer
from app.models.event import Event
from tests.team import add_account, sign_in

Team = Callable[[str], TestClient]
GOOD = "seven pears on a blue plate"
LINK = re.compile(r"http://127\.0\.0\.1:8000(/invitations/[\w-]+)")


@pytest.fixture
def dana(team: Team, database: Database) -> TestClient:
    client = team("dana")
    with database.write() as db:
        store_password(db, id_of(database, "dana"), hash_password(GOOD), None, "command")
    client.follow_redirects = False
    return client


def id_of(database: Database, name: str) -> int:
    with database.read() as db:
        return db.query(Reviewer.id).filter_by(name=name).one().id


def account(database: Database, name: str) -> Reviewer:
    with database.read() as db:
        return db.query(Reviewer).filter_by(name=name).one()


def post(client: TestClient, path: str, **form: object) -> object:
    return client.post(path, data={"your_password": GOOD, **form})


def events(database: Database, kind: str) -> list[tuple[int | None, dict[str, object]]]:
    with database.read() as db:
        return [(event.reviewer_id, event.data) for event in db.query(Event).filter_by(kind=kind).order_by(Event.id)]


def test_invited_person_comes_in_by_the_link(sample: None, dana: TestClient, database: Database) -> None:
    assert "Invite somebody" in dana.get("/accounts").text
    assert dana.get("/accounts/new").status_code == 200
    made = post(dana, "/accounts", name="Erin", role="lead", reach="some", dataset="1")
    assert made.headers["cache-control"] == "no-store"
    link = LINK.search(made.text)
    assert link
    erin = account(database, "Erin")
    assert (erin.role, erin.sees_all_datasets, erin.is_account) == ("lead", False, True)
    assert link[1] not in dana.get(f"/accounts/{erin.id}").text  # shown once
    listed = dana.get("/accounts?q=eri").text
    assert "invited" in listed and "carol" not in listed  # noqa: PT018
    assert dana.get("/accounts?q=zebra").text.count("has “zebra” in it") == 1
    accepted = dana.post(link[1], data={"password": "six plums under a green lamp"})
    assert accepted.status_code == 303
    assert dana.get("/accounts").status_code == 403  # erin is signed in now, and is no admin
    by, data = events(database, "account.added")[-1]
    assert (by, data["after"]) == (id_of(database, "dana"), {"role": "lead", "datasets": [1]})


def test_every_change_takes_ones_own_password(sample: None, dana: TestClient, database: Database) -> None:
    bob = id_of(database, "bob")
    last = len(events(database, "account.added"))
    for path, form in {
        "/accounts": {"name": "erin"},
        f"/accounts/{bob}/role": {"was": "reviewer", "role": "lead"},
        f"/accounts/{bob}/datasets": {"reach": "some", "dataset": "1"},
        f"/accounts/{bob}/disable": {},
        f"/accounts/{bob}/link": {},
    }.items():
        refused = dana.post(path, data={"your_password": "not this one", **form})
        assert (refused.status_code, "This is not your password" in refused.text) == (422, True), path
        assert LINK.search(refused.text) is None
    assert account(database, "bob").role == "reviewer"
    assert account(database, "bob").disabled_at is None
    assert len(events(database, "account.added")) == last


def test_role_and_datasets_change_with_before_and_after(sample: None, dana: TestClient, database: Database) -> None:
    bob = id_of(database, "bob")
    done = post(dana, f"/accounts/{bob}/role", was="reviewer", role="lead")
    assert done.headers["location"] == f"/accounts/{bob}?done=role"
    assert "bob has the role lead now" in dana.get(done.headers["location"]).text
    assert events(database, "account.role_changed") == [
        (
            id_of(database, "dana"),
            {"of": bob, "name": "bob", "before": {"role": "reviewer"}, "after": {"role": "lead"}},
        )
    ]
    post(dana, f"/accounts/{bob}/datasets", was="all", reach="some", dataset="1")
    assert 'value="1" checked' in dana.get(f"/accounts/{bob}?done=datasets").text
    post(dana, f"/accounts/{bob}/datasets", was="1", reach="all")
    told = [(data["before"], data["after"]) for _, data in events(database, "account.datasets_changed")]
    assert told == [({"datasets": "all"}, {"datasets": [1]}), ({"datasets": [1]}, {"datasets": "all"})]


def test_form_of_an_older_state_changes_nothing(sample: None, dana: TestClient, database: Database) -> None:
    bob = id_of(database, "bob")
    post(dana, f"/accounts/{bob}/role", was="reviewer", role="viewer")
    late = post(dana, f"/accounts/{bob}/role", was="reviewer", role="lead")
    assert (late.status_code, "bob has the role viewer by now" in late.text) == (409, True)
    assert post(dana, f"/accounts/{bob}/datasets", was="1", reach="all").status_code == 409
    for form in ({"reach": "some"}, {"reach": "some", "dataset": "99"}):
        assert post(dana, f"/accounts/{bob}/datasets", was="all", **form).status_code == 422
    assert post(dana, f"/accounts/{bob}/role", was="viewer", role="emperor").status_code == 422
    assert post(dana, f"/accounts/{bob}/enable").status_code == 409
    assert post(dana, "/accounts", name="\u2800").status_code == 422
    assert post(dana, "/accounts/999/role", was="reviewer", role="admin").status_code == 404
    assert account(database, "bob").role == "viewer"


def test_deactivated_person_is_out_and_comes_back_by_activation(dana: TestClient, database: Database) -> None:
    bob = id_of(database, "bob")
    assert LINK.search(post(dana, f"/accounts/{bob}/link").text)
    assert post(dana, f"/accounts/{bob}/disable").status_code == 303
    assert "bob is deactivated" in dana.get(f"/accounts/{bob}?done=disable").text
    assert post(dana, f"/accounts/{bob}/link").status_code == 409
    assert post(dana, f"/accounts/{bob}/disable").status_code == 409
    assert post(dana, f"/accounts/{bob}/enable").status_code == 303
    assert account(database, "bob").disabled_at is None


def test_last_admin_can_neither_leave_nor_step_down(dana: TestClient, database: Database) -> None:
    me = id_of(database, "dana")
    for change, form in {"disable": {}, "role": {"was": "admin", "role": "lead"}}.items():
        refused = post(dana, f"/accounts/{me}/{change}", **form)
        assert (refused.status_code, "last admin who can sign in" in refused.text) == (409, True)
    assert account(database, "dana").role == "admin"


def test_of_two_admins_who_end_each_other_one_stays(dana: TestClient, database: Database) -> None:
    dan, erin = id_of(database, "dana"), add_account(database, "erin", "admin")
    with database.write() as db:
        disable(db, erin, dan)
    with pytest.raises(Forbidden, match="no longer an admin"), database.write() as db:
        disable(db, dan, erin)


def test_local_name_becomes_an_account(sample: None, alice: TestClient, database: Database) -> None:
    """The browser of alice is that of dana later."""
    alice.post("/entries/1/review", data={"action": "agree_rest", "revision": "0"})
    dana_id = add_account(database, "dana", "admin", password_hash=hash_password(GOOD))
    dana = sign_in(alice, database, dana_id)
    row = id_of(database, "alice")
    assert "local name" in dana.get("/accounts").text
    assert "local name" in dana.get("/reviewers").text
    page = dana.get(f"/accounts/{row}?done=role").text
    assert "Make an account of it" in page
    assert "1 review," in page
    refused = post(dana, "/accounts", name="Alice")
    assert (refused.status_code, "is a name of local mode" in refused.text) == (422, True)
    assert post(dana, f"/accounts/{row}/role", was="reviewer", role="lead").status_code == 409
    assert post(dana, f"/accounts/{row}/claim", name="dana", role="reviewer").status_code == 422
    assert LINK.search(post(dana, f"/accounts/{row}/claim", name="alice.b", role="reviewer").text)
    assert post(dana, f"/accounts/{row}/claim", name="x", role="reviewer").status_code == 409
    assert (account(database, "alice.b").id, account(database, "alice.b").is_account) == (row, True)
    exported = dana.get("/datasets/sample/export?what=reviews&format=jsonl").text
    assert exported.count('"reviewer":"alice.b"') == len(exported.splitlines()) > 0


def test_local_mode_says_how_a_team_begins(alice: TestClient, database: Database) -> None:
    assert "saferlhf-review user add NAME --role admin" in alice.get("/accounts").text
    for path in ("/accounts", "/accounts/1/role", "/accounts/1/claim", "/accounts/1/disable"):
        assert alice.post(path, data={"name": "mallory", "role": "admin"}).status_code == 403
    assert alice.get("/accounts/new").status_code == 403
    assert account(database, "alice").is_account is False


def test_only_admins_see_accounts(sample: None, team: Team) -> None:
    for name in ("vera", "alice", "carol"):
        client = team(name)
        assert client.get("/accounts").status_code == 403
        assert client.post("/accounts", data={"name": "mallory", "role": "admin"}).status_code == 403
    assert team("dana").get("/accounts/999").status_code == 404
