"""One's own account: the password is changed by who knows it, and every sign-in can be ended."""

from datetime import timedelta

import pytest

from app.accounts.confirming import confirm_password
from app.accounts.logins import Way, begin_login
from app.accounts.passwords import hash_password
from app.accounts.visitors import find_signed_in
from app.errors import InvalidInput
from app.models import Login, Reviewer
from tests.accounts.test_signing_in import GOOD, change, enter, events

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
NEW = "three cakes for two cats"


@pytest.fixture
def alice(database, team):
    """Signed in here, and on a phone."""
    client = team("alice")
    with database.write() as db:
        person = db.query(Reviewer).filter_by(name="alice").one()
        person.password_hash = hash_password(GOOD)
        begin_login(db, person.id, Way("oidc", "10.0.0.4", CHROME), timedelta(days=7))
        begin_login(db, person.id, Way("password", "10.0.0.5", "Firefox/140.0"), timedelta(days=7))
        begin_login(db, person.id, Way("password", "10.0.0.6", "curl"), timedelta(days=7))
    return client


def live(database):
    with database.read() as db:
        return [login.id for login in db.query(Login).filter(Login.ended_at.is_(None))]


def test_sign_ins_are_listed_and_ended(alice, database):
    page = alice.get("/account").text
    for said in ("Chrome on Linux", "By single sign-on from 10.0.0.4", "Firefox", "an unknown browser", "this one"):
        assert said in page
    assert page.count("End the sign-in with") == 3
    assert alice.post("/account/logins/2/end", follow_redirects=False).headers["location"].startswith("/account")
    assert live(database) == [1, 3, 4]
    assert "Chrome on Linux" not in alice.get("/account").text
    assert "✓ Ended" in alice.post("/account/logins/end-others").text
    assert live(database) == [1]
    assert alice.post("/account/logins/99/end").status_code == 404
    assert alice.post("/account/logins/1/end", follow_redirects=True).url.path == "/sign-in"


def test_sign_ins_of_others_are_not_there(alice, team, database):
    team("bob")
    assert alice.post("/account/logins/2/end").status_code == 404
    assert 2 in live(database)


def test_password_is_changed_by_who_knows_it(alice, database):
    form = {"your_password": "not it at all", "new_password": NEW}
    wrong = alice.post("/account/password", data=form)
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    short = alice.post("/account/password", data={"your_password": GOOD, "new_password": "short"})
    assert "at least 10" in short.text
    assert len(live(database)) == 4
    done = alice.post("/account/password", data={"your_password": GOOD, "new_password": NEW})
    assert "✓ Changed" in done.text
    assert live(database) == [1]
    assert [event.data for event in events(database, "password.set")] == [{"of": 2, "way": "change"}]
    alice.post("/sign-out")
    assert (enter(alice).status_code, enter(alice, password=NEW).status_code) == (422, 303)


def test_guessing_in_a_session_left_open_is_stopped_too(alice):
    form = {"your_password": "not it at all", "new_password": NEW}
    codes = [alice.post("/account/password", data=form).status_code for _ in range(11)]
    assert codes == [422] * 10 + [429]


def test_who_is_signed_in_by_another_system_must_have_come_just_now(alice, database):
    with database.write() as db:
        db.query(Reviewer).filter_by(name="alice").one().password_hash = None
    assert "no password of yours here" in alice.get("/account").text
    with database.read() as db:
        visitor = find_signed_in(db, alice.cookies["session"], timedelta(hours=12))
    confirm_password(database, visitor, "")
    with database.read() as db:
        began = db.get_one(Login, 1).created_at
    change(database, Login, created_at=began - timedelta(minutes=11))
    with pytest.raises(InvalidInput, match="Sign out and in again"):
        confirm_password(database, visitor, "")
    # Nor do they get a password, by which they could come when the other system lets them in no more.
    assert alice.post("/account/password", data={"your_password": "", "new_password": NEW}).status_code == 403
