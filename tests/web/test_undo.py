"""Undo walks back through one's own decisions, across entries and reloads, one at a time."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Event, Review, Skip
from tests.factories import import_rows, rows
from tests.web.reviewing import field, send
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, stored, verdict

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(5))


def undo(client: TestClient, **form: str) -> tuple[int, str]:
    answer = client.post("/undo", data=form, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "")


def test_three_back_after_a_reload(alice: TestClient, database: Database) -> None:
    for entry in (1, 2, 3):
        save(alice, entry, verdict__better_response_id="agree")
    said = [undo(alice)[1] for _ in range(3)]
    assert said == [f"/entries/{entry}?undone=review" for entry in (3, 2, 1)]
    assert stored(database) == []
    assert undo(alice)[0] == 404


def test_undo_keeps_the_list_one_is_in(alice: TestClient) -> None:
    save(alice, 2, verdict__better_response_id="agree")
    assert undo(alice, next="/entries/3?split=train&saved=2", dataset="1")[1] == "/entries/2?split=train&undone=review"
    save(alice, 2, revision=2, verdict__better_response_id="agree")
    assert undo(alice, next="/entries/9?split=else", dataset="7")[1] == "/entries/2?undone=review"


def test_a_change_is_taken_back_before_what_it_changed(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree", flag="duplicate", comment="hm")
    save(alice, revision=1, **verdict("better_response_id", "disagree"))
    undo(alice)
    assert stored(database) == [("better_response_id", "1", "agree", None)]
    assert alice.get("/api/v1/datasets/pairs/entries?flag=duplicate").json()["total"] == 1
    assert "hm" in alice.get("/entries/1").text
    undo(alice)
    assert stored(database) == []
    assert alice.get("/api/v1/datasets/pairs/entries?status=unreviewed&flag=no").json()["total"] == 5
    assert save(alice, revision=4, verdict__better_response_id="agree").status_code == 303


def test_button_sent_twice_takes_back_one_decision(alice: TestClient, database: Database) -> None:
    for entry in (1, 2):
        save(alice, entry, verdict__better_response_id="agree")
    decision = field(alice.get("/entries/3").text, "decision")
    first, second = undo(alice, decision=decision), undo(alice, decision=decision)
    assert first == second == (303, "/entries/2?undone=review")
    assert len(stored(database)) == 1


def test_undone_review_is_not_said_to_be_saved(alice: TestClient) -> None:
    save(alice, verdict__better_response_id="agree")
    undo(alice)
    assert "saved entry 1" not in text_of(alice.get("/entries/2?saved=1").text)
    assert "your review was undone" in text_of(alice.get("/entries/1").text)


def test_nobody_undoes_for_others(alice: TestClient, bob: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree")
    decision = field(alice.get("/entries/1").text, "decision")
    assert undo(bob, decision=decision)[0] == 404
    assert undo(bob)[0] == 404
    assert len(stored(database)) == 1


def test_one_step_that_was_changed_since_is_refused(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree")
    decision = field(alice.get("/entries/1").text, "decision")
    save(alice, revision=1, **verdict("better_response_id", "unsure"))
    assert undo(alice, decision=decision)[0] == 409
    assert len(stored(database)) == 1


@pytest.mark.parametrize("decision", ["-1", "x", "9" * 30])
def test_decision_is_a_number(alice: TestClient, decision: str) -> None:
    assert undo(alice, decision=decision)[0] == 422


def test_scripts_are_told_where_to_go(alice: TestClient) -> None:
    save(alice, 4, verdict__better_response_id="agree")
    assert alice.post("/undo", headers=JSON).json() == {"entry": 4, "url": "/entries/4?undone=review"}
    assert alice.post("/undo", headers=JSON).status_code == 404


def test_what_a_deleted_dataset_held_is_passed_over(alice: TestClient, database: Database, run, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(2), slug="gone")
    save(alice, 1, verdict__better_response_id="agree")
    save(alice, 6, verdict__better_response_id="agree")
    assert run("datasets", "delete", "gone", "--confirm", "gone").returncode == 0
    assert undo(alice)[1] == "/entries/1?undone=review"


def test_skipped_entry_comes_again_at_the_end(alice: TestClient, database: Database) -> None:
    skipped = alice.post("/entries/2/skip?split=train", data={"skip_reason": "later"}, follow_redirects=False)
    assert skipped.headers["location"] == "/entries/3?split=train&saved=2"
    assert "skipped entry 2" in text_of(alice.get("/entries/3?saved=2").text)
    for entry in (3, 4):
        send(alice, entry, "rest", "?split=train")
    last = send(alice, 5, "rest", "?split=train")
    assert last.headers["location"] == "/entries/2?split=train&put_off=yes&saved=5"
    assert "put off" in text_of(alice.get("/entries/2?put_off=yes").text)
    done = send(alice, 2, "rest", "?split=train&put_off=yes")
    assert done.headers["location"] == "/entries/2?split=train&put_off=yes&saved=2"  # nothing is left
    with database.read() as db:
        assert db.query(Skip).count() == 0
        assert db.query(Review).count() == 4


def test_skipping_again_puts_it_behind_the_others(alice: TestClient) -> None:
    for entry in (1, 2, 3):
        alice.post(f"/entries/{entry}/skip")
    following = []
    at = "/entries/1?put_off=yes"
    for _ in range(4):
        entry = int(re.findall(r"/entries/(\d+)", at)[0])
        at = alice.post(f"/entries/{entry}/skip?put_off=yes", follow_redirects=False).headers["location"]
        following.append(int(re.findall(r"/entries/(\d+)", at)[0]))
    assert following == [2, 3, 1, 2]


def test_reviewing_starts_behind_what_was_put_off(alice: TestClient) -> None:
    alice.post("/entries/1/skip")
    start = "/datasets/pairs/review?status=unreviewed"
    assert alice.get(start, follow_redirects=False).headers["location"] == "/entries/2?status=unreviewed"
    for entry in (2, 3, 4, 5):
        send(alice, entry, "rest")
    assert alice.get(start, follow_redirects=False).headers["location"] == "/entries/1?status=unreviewed"


def test_skip_is_undone_like_a_save(alice: TestClient, database: Database) -> None:
    alice.post("/entries/2/skip", data={"skip_reason": "once"})
    alice.post("/entries/2/skip", data={"skip_reason": "twice"})
    assert undo(alice)[1] == "/entries/2?undone=skip"
    with database.read() as db:
        assert db.query(Skip).one().reason == "once"
    undo(alice)
    with database.read() as db:
        assert db.query(Skip).count() == 0
        kinds = [event.kind for event in db.query(Event).order_by(Event.id) if event.kind.startswith("review.")]
    assert kinds == ["review.skipped", "review.skipped", "review.unskipped", "review.unskipped"]


def test_reason_to_skip_has_an_end(alice: TestClient, database: Database) -> None:
    assert alice.post("/entries/2/skip", data={"skip_reason": "x" * 2001}).status_code == 422
    with database.read() as db:
        assert db.query(Skip).count() == 0
