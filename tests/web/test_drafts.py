"""What is filled in and not saved is kept, counts nowhere, and is found again; a form sent twice is saved once."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Draft, Event, Review
from tests.factories import import_rows, row, rows
from tests.web.reviewing import answers, field, go_blind, reveal, send
from tests.web.test_entries import text_of
from tests.web.test_reviews import save

JSON = {"Accept": "application/json"}
HALF = {
    "verdict.response_0.severity_level": "disagree",
    "corrected.response_0.severity_level": "3",
    "reason.response_0.severity_level": "half a",
    "comment": "not yet",
    "flag": "text_broken",
    "seconds": "41",
    "stage": "open",
    "revision": "0",
}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), *rows(3)[1:]])


def draft(client: TestClient, entry: int = 1, sequence: str = "1", **form: str) -> int:
    return client.put(f"/entries/{entry}/draft", data={**form, "sequence": sequence}).status_code


def test_draft_is_found_again(alice: TestClient) -> None:
    assert draft(alice, **HALF) == 204
    page = alice.get("/entries/1").text
    assert "half a" in page
    assert "not yet" in page
    assert field(page, "seconds") == "41"
    assert "draft, not saved as your review yet" in text_of(page)
    assert 'name="verdict.response_0.severity_level" value="disagree" checked' in page


def test_draft_counts_nowhere(alice: TestClient, database: Database) -> None:
    before = alice.get("/api/v1/datasets/pairs/entries").json()["facets"]
    draft(alice, **HALF)
    assert alice.get("/api/v1/datasets/pairs/entries").json()["facets"] == before
    with database.read() as db:
        assert db.query(Review).count() == 0
        assert db.query(Event).where(Event.kind.startswith("review.")).count() == 0


def test_draft_is_its_reviewers_alone(alice: TestClient, bob: TestClient) -> None:
    draft(alice, **HALF)
    assert "half a" not in bob.get("/entries/1").text


def test_what_arrives_late_changes_nothing(alice: TestClient) -> None:
    draft(alice, sequence="20", comment="second")
    draft(alice, sequence="10", comment="first")
    assert "second" in alice.get("/entries/1").text
    draft(alice, sequence="21", comment="third")
    assert "third" in alice.get("/entries/1").text


def test_save_and_skip_take_their_draft_away(alice: TestClient, database: Database) -> None:
    draft(alice, **HALF)
    save(alice, verdict__better_response_id="agree")
    with database.read() as db:
        assert db.query(Draft).count() == 0


def test_draft_over_what_another_tab_saved_is_stale(alice: TestClient) -> None:
    save(alice, verdict__better_response_id="agree")
    draft(alice, **HALF)
    page = alice.get("/entries/1").text
    assert field(page, "revision") == "0"
    stale = alice.post("/entries/1/review", data={**HALF, "action": "save"})
    assert stale.status_code == 409
    alice.post("/entries/1/draft/discard")
    assert "half a" not in alice.get("/entries/1").text


def test_blind_draft_is_gone_with_the_reveal(alice: TestClient) -> None:
    go_blind(alice)
    draft(alice, **answers(better="left"), stage="blind")
    assert 'value="left" checked' in alice.get("/entries/1").text
    reveal(alice)
    assert "draft, not saved" not in text_of(alice.get("/entries/1").text)


def test_open_draft_is_not_put_into_a_blind_form(alice: TestClient) -> None:
    draft(alice, **HALF)
    go_blind(alice)
    page = alice.get("/entries/1").text
    assert "half a" not in page
    assert "not saved as your review" not in page


@pytest.mark.parametrize(
    ("name", "value"), [("sequence", ""), ("sequence", "-1"), ("revision", "one"), ("seconds", "1.5")]
)
def test_draft_with_a_wrong_number_is_refused(alice: TestClient, name: str, value: str) -> None:
    answer = alice.put("/entries/1/draft", data={"sequence": "1", name: value})
    assert answer.status_code == 422
    assert name in text_of(answer.text)


def test_draft_of_no_entry_is_refused(alice: TestClient) -> None:
    assert draft(alice, entry=99, comment="x") == 404


def test_nobody_keeps_drafts_without_a_name(client: TestClient) -> None:
    assert draft(client, comment="x") == 403


def test_same_form_sent_again_is_saved_once(alice: TestClient, database: Database) -> None:
    form = {"key": "k1", "revision": "0", "verdict.better_response_id": "agree"}
    first = alice.post("/entries/1/review", data=form, headers=JSON).json()
    save(alice, revision=1, verdict__better_response_id="unsure")  # another tab, meanwhile
    again = alice.post("/entries/1/review", data=form, headers=JSON)
    assert again.status_code == 200
    assert again.json()["decision"] == first["decision"]
    with database.read() as db:
        assert db.query(Event).where(Event.kind.startswith("review.")).count() == 2
        assert db.query(Review).one().revision == 2


def test_scripts_get_the_place_or_what_is_wrong(alice: TestClient) -> None:
    ok = alice.post("/entries/1/review?split=train", data={"action": "rest", "revision": "0"}, headers=JSON)
    assert ok.json() == {"entry": 1, "revision": 1, "decision": ok.json()["decision"], "next": "/entries/2?split=train"}
    stale = alice.post("/entries/1/review", data={"verdict.better_response_id": "unsure"}, headers=JSON)
    assert (stale.status_code, stale.json()["revision"]) == (409, 1)
    wrong = alice.post("/entries/2/review", data={"verdict.better_response_id": "maybe"}, headers=JSON)
    assert wrong.status_code == 422
    assert wrong.json()["errors"] == [
        {"field": "better_response_id", "detail": "A verdict is agree, disagree or unsure."}
    ]
    assert alice.post("/entries/3/review", data={"action": "rest"}, headers=JSON).json()["next"] is None


def test_unknown_action_is_refused(alice: TestClient) -> None:
    assert send(alice, 1, "approve").status_code == 422


def test_active_time_is_kept_with_the_review(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree", seconds="73")
    with database.read() as db:
        assert db.query(Review).one().active_seconds == 73


def test_tie_is_an_answer(alice: TestClient, database: Database) -> None:
    save(alice, **{"verdict.better_response_id": "disagree", "corrected.better_response_id": "tie"})
    page = alice.get("/entries/1").text
    assert 'name="corrected.better_response_id" value="tie" checked' in page
