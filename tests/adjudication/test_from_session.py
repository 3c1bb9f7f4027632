"""From the queue of reviewers to that of adjudicators, by the pages alone."""

from urllib.parse import urlsplit

from app.adjudication.queries import find_disputed
from app.models import ReviewSession
from tests.adjudication.conftest import SEVERITY
from tests.factories import import_rows, rows
from tests.sessions.running import draw, open_session, take, work_through
from tests.web.reviewing import field
from tests.web.test_entries import text_of


def disagree(client, address: str) -> None:
    """On one label of the item at hand, and agree with the others."""
    page, place = client.get(address).text, urlsplit(address)
    form = {name: field(page, name) for name in ("revision", "key", "stage")}
    form |= {f"verdict.{SEVERITY}": "disagree", f"corrected.{SEVERITY}": "2", f"reason.{SEVERITY}": "A thorn."}
    send = f"{place.path}/review?{place.query}"
    assert client.post(send, data={**form, "action": "rest"}, follow_redirects=False).status_code == 303


def test_what_two_reviewers_judge_differently_waits_and_is_settled(alice, bob, database, tmp_path):
    import_rows(database, tmp_path, rows(5), slug="plants")
    session = open_session(alice, database, draw(database), "Alice", "Bob")
    queue = f"/sessions/{session}/adjudication"
    assert "Nothing is in dispute" in alice.get(queue).text
    entry = int(urlsplit(address := take(alice, session)).path.rpartition("/")[2])
    disagree(alice, address)
    assert "Nothing is in dispute" in alice.get(queue).text
    work_through(alice, session)
    assert bob.get(f"{queue}/{entry}").status_code == 403  # bob owes his own review of it
    work_through(bob, session)
    with database.read() as db:
        assert find_disputed(db, db.get_one(ReviewSession, session)) == [(entry, SEVERITY)]
    page = text_of(bob.get(f"{queue}/{entry}").text)
    assert "2 moderate disagrees" in page
    assert "A thorn." in page
    form = {f"value.{SEVERITY}": "0", f"kind.{SEVERITY}": "reviewer_slip", f"reason.{SEVERITY}": "Page 4 says so."}
    assert bob.post(f"{queue}/{entry}", data=form, follow_redirects=False).status_code == 303
    assert "The one disputed entry is settled" in bob.get(queue).text
    bob.post(f"/sessions/{session}/state", data={"step": "close"})
    told = text_of(alice.get(f"/sessions/{session}/feedback").text)
    assert "Page 4 says so." in told
    assert "reviewer slip" in told
    assert f"/sessions/{session}/feedback" in alice.get(f"/sessions/{session}").text
    assert '"adjudicated": 1' in str(bob.get("/api/v1/datasets/plants/entries").text).replace('":', '": ')
