"""Nothing changes without an event: every route that may change something does so once, and says so in the record."""

import re

from app.accounts.invitations import invite
from app.accounts.passwords import hash_password, store_password
from app.importing.queue import queue_import
from app.importing.requests import ImportRequest
from app.models import Event, Reviewer
from app.web.access import routes_of
from tests.accounts.test_forged_forms import changes_since, dump
from tests.adjudication.conftest import Plants
from tests.factories import import_rows, rows
from tests.sessions.running import draw

PASSWORD = {"your_password": "seven pears on a blue plate"}
NEW_PASSWORD = "nine figs in a tall glass jar"  # noqa: S105
PLANTS, SAFE_0 = "/datasets/plants", "response_0.is_safe"
CASE = "/sessions/1/adjudication/1"
VERDICT = {"field": SAFE_0, "verdict": "agree", "entry": "3"}
STEPS = (
    ("POST /entries/{entry_id}/review", "/entries/1/review", {"action": "rest"}, "review.recorded"),
    ("POST /entries/{entry_id}/skip", "/entries/2/skip", {}, "review.skipped"),
    ("POST /undo", "/undo", {}, "review.unskipped"),
    ("POST /entries/{entry_id}/comments", "/entries/1/comments", {"body": "A cactus?"}, "comment.added"),
    ("POST /entries/{entry_id}/comments/resolve", "/entries/1/comments/resolve", {}, "comment.resolved"),
    ("POST /comments/{comment_id}", "/comments/1", {"body": "No, a fern."}, "comment.edited"),
    ("POST /datasets/{slug}/flags", f"{PLANTS}/flags", {"action": "flag", "entry": "2"}, "review.recorded"),
    ("POST /datasets/{slug}/verdicts", f"{PLANTS}/verdicts", {**VERDICT, "confirmed": "1 0"}, "review.recorded"),
    ("POST /datasets/{slug}/views", f"{PLANTS}/views", {"name": "All", "query": ""}, "view.saved"),
    ("POST /datasets/{slug}/views/{view_id}/name", f"{PLANTS}/views/1/name", {"name": "Every"}, "view.renamed"),
    ("POST /datasets/{slug}/views/{view_id}/pin", f"{PLANTS}/views/1/pin", {"pinned": "yes"}, "view.pinned"),
    ("POST /datasets/{slug}/views/{view_id}/delete", f"{PLANTS}/views/1/delete", {}, "view.deleted"),
    ("POST /datasets/{slug}/guideline", f"{PLANTS}/guideline", {"body": "Water.", "begun_with": "0"},
     "guideline.written"),
    ("POST /sessions/{session_id}/adjudication/{entry_id}", CASE, {f"value.{SAFE_0}": "true"}, "adjudication.settled"),
    ("POST /sessions/{session_id}/adjudication/{entry_id}/reopen", f"{CASE}/reopen", {"field": SAFE_0},
     "adjudication.reopened"),
    ("POST /datasets/{slug}/plans", f"{PLANTS}/plans", {"title": "Some", "n": "2"}, "plan.drawn"),
    ("POST /sessions", "/sessions", {"plan": "1", "name": "Check", "label_fields": SAFE_0, "reviewers": ["3", "5"]},
     "session.made"),
    ("POST /sessions/{session_id}/state", "/sessions/2/state", {"step": "open"}, "session.opened"),
    ("POST /sessions/{session_id}/participants", "/sessions/2/participants", {"reviewers": ["2", "3", "5"]},
     "session.participants_changed"),
    ("POST /sessions/{session_id}/items/{item_id}", "/sessions/2/items/4", {"action": "requeue"}, "session.requeued"),
    ("POST /settings/{section}", "/settings/texts", {"text_size": "1"}, "reviewer.profile_changed"),
    ("POST /account/tokens", "/account/tokens", {"name": "script", "scope": "read", "days": "30", **PASSWORD},
     "token.made"),
    ("POST /account/tokens/{token_id}/revoke", "/account/tokens/1/revoke", {}, "token.revoked"),
    ("POST /accounts", "/accounts", {"name": "Erin", "role": "viewer", "reach": "all", **PASSWORD}, "account.added"),
    ("POST /accounts/{reviewer_id}/claim", "/accounts/6/claim", {"role": "viewer", "reach": "all", **PASSWORD},
     "account.claimed"),
    ("POST /accounts/{reviewer_id}/role", "/accounts/3/role", {"was": "reviewer", "role": "lead", **PASSWORD},
     "account.role_changed"),
    ("POST /accounts/{reviewer_id}/datasets", "/accounts/3/datasets", {"reach": "some", "dataset": "1", **PASSWORD},
     "account.datasets_changed"),
    ("POST /accounts/{reviewer_id}/link", "/accounts/3/link", PASSWORD, "invitation.made"),
    ("POST /accounts/{reviewer_id}/disable", "/accounts/3/disable", PASSWORD, "account.disabled"),
    ("POST /accounts/{reviewer_id}/enable", "/accounts/3/enable", PASSWORD, "account.enabled"),
    ("POST /imports/{import_id}/cancel", "/imports/2/cancel", {}, "import.cancelled"),
    ("POST /account/logins/end-others", "/account/logins/end-others", {}, "login.ended"),
    ("POST /account/logins/{login_id}/end", "/account/logins/{login}/end", {}, "login.ended"),
    ("POST /account/password", "/account/password", {**PASSWORD, "new_password": NEW_PASSWORD}, "password.set"),
    ("POST /sign-out", "/sign-out", {}, "login.ended"),
    ("POST /sign-in", "/sign-in", {"name": "dana", "password": "not this one"}, "login.refused"),
    ("POST /sign-in", "/sign-in", {"name": "dana", "password": NEW_PASSWORD}, "login.begun"),
    ("POST /invitations/{secret}", "/invitations/{secret}", {"password": NEW_PASSWORD}, "invitation.used"),
)  # fmt: skip
WITHOUT = {
    "POST /reviewers": "in local mode only: tests of test_activity.py",
    "POST /imports": "begins a process of its own, after queue_import, which records it",
    "POST /imports/{import_id}/import-now": "as POST /imports",
    "POST /imports/{import_id}/resume": "as POST /imports",
    "PUT /api/v1/entries/{entry_id}/review": "saves as the page does: tests/api/test_reviews.py",
    "PUT /entries/{entry_id}/draft": "what is typed is no opinion yet",
    "POST /entries/{entry_id}/draft/discard": "as a draft",
    "POST /sessions/{session_id}/next": "who has which entry before them is gone in half an hour",
    "POST /content-note": "a cookie",
    "POST /rows": "a cookie",
    "POST /texts": "a cookie",
    "POST /datasets/{slug}/verdicts/new": "a page that asks",
    "POST /datasets/{slug}/verdicts/confirm": "a page that asks",
}
NOT_TOLD = {"draft", "attempt"}  # tables: what is typed, and counted tries


def test_every_route_that_may_change_something_is_looked_at(client):
    unsafe = {f"{method} {path}" for path, methods, _ in routes_of(client.app) for method in methods - {"GET", "HEAD"}}
    assert unsafe == {route for route, *_ in STEPS} | WITHOUT.keys()


def test_nothing_changes_without_an_event(client, database, tmp_path, team):
    import_rows(database, tmp_path, rows(4), slug="plants")
    dana = team("dana")
    with database.write() as db:
        db.add(Reviewer(name="Frank", name_key="frank"))
        store_password(db, 5, hash_password(PASSWORD["your_password"]), None, "command")
        secret = invite(db, 1, "reset", None)
    plants = Plants(database)
    plants.judge(plants.begin(), 1, "Ann", {SAFE_0: "false"})
    plants.judge(1, 1, "Ben")
    draw(database)
    team("dana")  # once more, so that there is another sign-in to end
    import_id, _ = queue_import(database, ImportRequest(sources=("sample",), slug="more"), requested_by=5)
    assert import_id == 2
    for _, path, form, kind in STEPS:
        before = dump(database, *NOT_TOLD)
        login = max(row[0] for row in before["login"])
        answer = dana.post(path.format(login=login, secret=secret), data=form, follow_redirects=False)
        assert answer.status_code < 400 or kind == "login.refused", (path, answer.status_code, answer.text[-1500:])
        assert kind in changes_since(before, database, *NOT_TOLD), path
        with database.read() as db:
            event = db.query(Event).filter_by(kind=kind).order_by(Event.id.desc()).first()
            assert event.request_id == answer.headers["x-request-id"], path
        if path == "/account/logins/{login}/end":
            team("dana")


def test_no_secret_is_in_the_record(client, database, team):
    dana = team("dana")
    with database.write() as db:
        store_password(db, 5, hash_password(PASSWORD["your_password"]), None, "command")
    dana.post("/account/tokens", data={"name": "script", "scope": "read", "days": "30", **PASSWORD})
    link = dana.post("/accounts/3/link", data=PASSWORD).text
    secret = re.findall(r"/invitations/([\w-]{20,})", link)[0]
    dana.post("/sign-in", data={"name": PASSWORD["your_password"], "password": secret})
    with database.read() as db:
        record = str([event.data for event in db.query(Event)])
    assert PASSWORD["your_password"] not in record
    assert secret not in record
    assert "script" in record
