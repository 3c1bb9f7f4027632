"""Flags on many entries at once, from the list."""

import re
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.importing import chunks
from app.models import Event, Review
from app.operations.consistency import check_event_log, check_reviews
from app.reviewing import many
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

PAIRS, FLAGS = "/datasets/pairs/entries", "/datasets/pairs/flags"
HERE = f"{PAIRS}?safety=only_1_safe"


@pytest.fixture
def list_of_pairs(alice: TestClient, database: Database, tmp_path: Path) -> TestClient:
    """Entries 2, 4, ... 20 have an unsafe response 0."""
    lines = [row(n, unsafe_0=(1, "Cybercrime")) if n % 2 else row(n) for n in range(20)]
    import_rows(database, tmp_path, lines)
    return alice


def flag(client: TestClient, *entries: int, action: str = "flag", **fields: str) -> str:
    """Sends the bar's form and opens what it leads to; its text."""
    form = {"action": action, "entry": [str(entry) for entry in entries], "next": HERE, **fields}
    answer = client.post(FLAGS, data=form)
    return text_of(answer.text) if answer.status_code == 200 else f"{answer.status_code} {text_of(answer.text)}"


def flag_all(client: TestClient, total: int, query: str = "safety=only_1_safe", **fields: str) -> str:
    return flag(client, all="yes", query=query, total=str(total), **fields)


def undo(client: TestClient, page: str) -> str:
    """Presses the button of the notice."""
    fields = {
        name: re.search(f'name="{name}" value="([^"]*)">\\s*<(?:input|button)', page) for name in ("decision", "next")
    }
    form = {name: unescape(found.group(1)) for name, found in fields.items() if found}
    assert form.keys() == {"decision", "next"}
    return text_of(client.post("/undo", data=form).text)


def flagged(client: TestClient) -> list[int]:
    entries = client.get("/api/v1/datasets/pairs/entries?flag=yes").json()["entries"]
    return [entry["id"] for entry in entries]


def consistency(database: Database) -> list[str]:
    with database.read() as db:
        return [*check_event_log(db), *check_reviews(db)]


def test_ticked_entries_are_flagged(list_of_pairs: TestClient, database: Database) -> None:
    page = flag(list_of_pairs, 4, 2, 6)
    assert "3 entries flagged." in page
    assert "10 of 20 entries with only response 1 safe" in page
    assert flagged(list_of_pairs) == [2, 4, 6]
    assert consistency(database) == []


def test_each_entry_has_its_event(list_of_pairs: TestClient, database: Database) -> None:
    flag(list_of_pairs, 2, 4)
    with database.read() as db:
        events = [event for event in db.query(Event) if event.review_id]
    assert [(event.kind, event.entry_id, event.data["after"]["flag"]) for event in events] == [
        ("review.recorded", 2, "other"),
        ("review.recorded", 4, "other"),
    ]


def test_undo_gives_back_what_they_had(list_of_pairs: TestClient, database: Database) -> None:
    flag(list_of_pairs, 2)
    answer = list_of_pairs.post(FLAGS, data={"action": "flag", "entry": ["2", "4", "6"], "next": HERE})
    assert "2 entries flagged." in text_of(answer.text)
    assert "Undone: 2 entries without your flag again." in undo(list_of_pairs, answer.text)
    assert flagged(list_of_pairs) == [2]
    assert consistency(database) == []


def test_undo_leaves_what_was_changed_since(list_of_pairs: TestClient) -> None:
    answer = list_of_pairs.post(FLAGS, data={"action": "flag", "entry": ["2", "4"], "next": HERE})
    list_of_pairs.post("/entries/4/review", data={"revision": "1", "flag": "other", "comment": "Ask the gardener."})
    assert "Undone: 1 entry without your flag again." in undo(list_of_pairs, answer.text)
    assert flagged(list_of_pairs) == [4]


def test_undo_is_one_step(list_of_pairs: TestClient) -> None:
    answer = list_of_pairs.post(FLAGS, data={"action": "flag", "entry": ["2", "4"], "next": HERE})
    first = undo(list_of_pairs, answer.text)
    assert "Undone: 2 entries without your flag again." in first
    undo(list_of_pairs, answer.text)  # once more, as when a browser sends a form twice
    assert flagged(list_of_pairs) == []
    assert list_of_pairs.post("/undo", data={}).status_code == 404


def test_latest_step_is_undone_without_its_number(list_of_pairs: TestClient) -> None:
    flag(list_of_pairs, 2)
    flag(list_of_pairs, 4, 6)
    list_of_pairs.post("/undo", data={"next": HERE})
    assert flagged(list_of_pairs) == [2]
    list_of_pairs.post("/undo", data={"next": HERE})
    assert flagged(list_of_pairs) == []


@pytest.mark.parametrize("changed", ["1", "999", "x", "1-1", "9" * 30])
def test_list_tells_of_no_change_that_was_not_made(list_of_pairs: TestClient, changed: str) -> None:
    page = list_of_pairs.get(f"{PAIRS}?changed={changed}")
    assert page.status_code == 200
    assert "Undo" not in text_of(page.text)


def test_flag_has_a_kind(list_of_pairs: TestClient) -> None:
    assert "2 entries flagged as text broken." in flag(list_of_pairs, 2, 4, kind="text_broken")
    assert "1 entry flagged as duplicate." in flag(list_of_pairs, 4, kind="duplicate")
    kinds = list_of_pairs.get("/api/v1/datasets/pairs/entries").json()["facets"]["flag"]
    assert (kinds["text_broken"], kinds["duplicate"], kinds["yes"]) == (1, 1, 2)
    assert list_of_pairs.post(FLAGS, data={"action": "flag", "entry": "2", "kind": "nice"}).status_code == 422


def test_flag_of_a_whole_review_comes_and_goes(list_of_pairs: TestClient, database: Database) -> None:
    form = {"revision": "0", "action": "agree_rest", "comment": "Fine."}
    list_of_pairs.post("/entries/2/review", data=form)
    flag(list_of_pairs, 2)
    flag(list_of_pairs, 2, action="unflag")
    with database.read() as db:
        review = db.query(Review).one()
        assert (review.state, review.revision) == ("submitted", 3)
    assert "Fine." in list_of_pairs.get("/entries/2").text
    assert consistency(database) == []


def test_flag_alone_leaves_nothing_when_removed(list_of_pairs: TestClient, database: Database) -> None:
    flag(list_of_pairs, 2)
    assert "1 entry flagged no longer." in flag(list_of_pairs, 2, action="unflag")
    counts = list_of_pairs.get("/api/v1/datasets/pairs/entries").json()["facets"]
    assert counts["status"]["unreviewed"] == 20
    assert consistency(database) == []


def test_flags_of_others_stay(list_of_pairs: TestClient, bob: TestClient) -> None:
    flag(bob, 2)
    assert "Nothing to change" in flag(list_of_pairs, 2, action="unflag")
    assert flagged(list_of_pairs) == [2]
    assert "Nothing to change" in flag(bob, 2)


def test_flag_undone_on_the_entry_itself(list_of_pairs: TestClient) -> None:
    flag(list_of_pairs, 2)
    list_of_pairs.post("/undo", data={"next": "/entries/2"})
    assert flagged(list_of_pairs) == []


def test_all_that_match_are_asked_for_first(list_of_pairs: TestClient, database: Database) -> None:
    page = flag_all(list_of_pairs, 10)
    assert "Flag all 10 entries that match?" in page
    assert flagged(list_of_pairs) == []
    assert "10 entries flagged." in flag_all(list_of_pairs, 10, confirmed="yes")
    assert flagged(list_of_pairs) == list(range(2, 21, 2))
    assert consistency(database) == []


def test_list_that_changed_meanwhile_is_left_alone(list_of_pairs: TestClient) -> None:
    page = flag_all(list_of_pairs, 9, confirmed="yes")
    assert page.startswith("409")
    assert "10 entries match now, another number than this page shows. Nothing was changed." in page
    assert flagged(list_of_pairs) == []


def test_too_many_are_refused(list_of_pairs: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "MOST_AT_ONCE", 9)
    for page in (flag_all(list_of_pairs, 10), flag_all(list_of_pairs, 10, confirmed="yes")):
        assert page.startswith("413")
        assert "At most 9 entries can be changed at a time, and these are 10. Nothing was changed" in page


def test_more_than_one_batch(list_of_pairs: TestClient, monkeypatch: pytest.MonkeyPatch, database: Database) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 3)
    answer = list_of_pairs.post(FLAGS, data={"action": "flag", "entry": [str(n) for n in range(1, 11)], "next": HERE})
    assert "10 entries flagged." in text_of(answer.text)
    assert "Undone: 10 entries" in undo(list_of_pairs, answer.text)
    assert flagged(list_of_pairs) == []
    assert consistency(database) == []


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"action": "flag"}, "422 .*Select at least one entry"),
        ({"action": "praise", "entry": "2"}, "422 .*action must be flag or unflag"),
        ({"action": "flag", "entry": "two"}, "422 .*entry must be the number of an entry"),
        ({"action": "flag", "entry": ["2", "99"]}, "404 .*'pairs' has no entry 99. Nothing was changed"),
        ({"action": "flag", "all": "yes", "query": "colour=red", "total": "1"}, "422 .*'colour' is no parameter"),
    ],
)
def test_wrong_form_is_explained(list_of_pairs: TestClient, form: dict[str, str], message: str) -> None:
    answer = list_of_pairs.post(FLAGS, data=form)
    assert re.match(message, f"{answer.status_code} {text_of(answer.text)}")
    assert flagged(list_of_pairs) == []


def test_nobody_flags_without_a_name(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1)])
    assert client.post(FLAGS, data={"action": "flag", "entry": "1"}).status_code == 403
    assert "Say who you are to flag or judge them" in text_of(client.get(PAIRS).text)
    assert client.get(f"{PAIRS}?changed=1-1").status_code == 200


def test_answer_leads_nowhere_else(list_of_pairs: TestClient) -> None:
    form = {"action": "flag", "entry": "2", "next": "//elsewhere.example/"}
    answer = list_of_pairs.post(FLAGS, data=form, follow_redirects=False)
    assert answer.headers["location"].startswith("/?changed=")
