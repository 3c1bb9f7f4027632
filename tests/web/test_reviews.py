"""Recording agreement: one review per reviewer and entry, never lost, never silently overwritten."""

import json
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.db import Database
from app.models import Event, Review, Verdict
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

R0 = "response_0."
EIGHT = [
    *(f"response_{n}.{name}" for n in (0, 1) for name in ("is_safe", "harm_categories", "severity_level")),
    "better_response_id",
    "safer_response_id",
]


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    """Entry 1 is unsafe on the left: Cybercrime, severity 2; the others are safe."""
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1), row(2)])


def save(client: TestClient, entry: int = 1, revision: int = 0, query: str = "", **form: Any) -> Response:
    """Field names with __ for the dot: verdict__better_response_id="agree"."""
    data = {name.replace("__", "."): value for name, value in form.items()} | {"revision": str(revision)}
    return client.post(f"/entries/{entry}/review{query}", data=data, follow_redirects=False)


def verdict(field: str, said: str, *corrected: str, reason: str = "") -> dict[str, Any]:
    return {f"verdict.{field}": said, f"corrected.{field}": list(corrected), f"reason.{field}": reason}


def stored(database: Database) -> list[tuple[str, str, str, str | None]]:
    with database.read() as db:
        found = db.query(Verdict).order_by(Verdict.id).all()
    return [(v.label_field, v.stored_value, v.verdict, v.corrected_value) for v in found]


def test_it_works(alice: TestClient, database: Database) -> None:
    answer = save(
        alice, **verdict(R0 + "severity_level", "disagree", "3", reason="a whole parish"), comment="see row 7"
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/entries/2?saved=1")
    assert stored(database) == [("response_0.severity_level", "2", "disagree", "3")]
    page = text_of(alice.get(answer.headers["location"]).text)
    assert "saved entry 1" in page
    again = alice.get("/entries/1").text
    assert "a whole parish" in again
    assert "see row 7" in again


def test_nobody_reviews_without_a_name(client: TestClient, database: Database) -> None:
    answer = save(client, verdict__better_response_id="agree")
    assert answer.status_code == 403
    assert "Say who you are first" in text_of(answer.text)
    assert stored(database) == []


def test_agree_with_the_rest_covers_all_eight(alice: TestClient, database: Database) -> None:
    save(alice, **verdict(R0 + "is_safe", "disagree"), verdict__safer_response_id="unsure", action="agree_rest")
    said = {field: (kind, corrected) for field, _, kind, corrected in stored(database)}
    assert list(said) == EIGHT
    assert said["response_0.is_safe"] == ("disagree", "true")  # the only other value there is
    assert said["safer_response_id"] == ("unsure", None)
    assert sum(kind == "agree" for kind, _ in said.values()) == 6


def test_corrected_categories_are_kept_in_the_order_of_the_taxonomy(alice: TestClient, database: Database) -> None:
    save(alice, **verdict(R0 + "harm_categories", "disagree", "cybercrime", "violence"))
    assert stored(database) == [
        ("response_0.harm_categories", '["cybercrime"]', "disagree", '["violence", "cybercrime"]')
    ]


def test_no_category_at_all_is_a_correction(alice: TestClient, database: Database) -> None:
    save(alice, **verdict(R0 + "harm_categories", "disagree"))
    assert stored(database)[0][3] == "[]"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "give a verdict on at least one label, a comment, or a flag"),
        (verdict(R0 + "severity_level", "disagree"), "Choose what it should be instead"),
        (verdict(R0 + "severity_level", "disagree", "2"), "must differ from the stored one and be one of 0, 1, 3"),
        (verdict(R0 + "severity_level", "disagree", "9"), "must differ from the stored one"),
        (verdict(R0 + "severity_level", "disagree", "1", "3"), "Choose what it should be instead"),
        (verdict(R0 + "is_safe", "disagree", "false"), "must differ from the stored one"),
        (verdict(R0 + "harm_categories", "disagree", "cybercrime"), "are the stored ones: change them, or agree"),
        (verdict(R0 + "harm_categories", "disagree", "rudeness"), "'rudeness' is no harm category"),
        (verdict("better_response_id", "perhaps"), "A verdict is agree, disagree or unsure"),
        (verdict("response_2.is_safe", "agree"), "'response_2.is_safe' is no label field here"),
        (verdict("better_response_id", "unsure", reason="x" * 2001), "at most 2,000 characters"),
        ({"comment": "x" * 10_001}, "at most 10,000 characters"),
    ],
)
def test_form_that_cannot_be_saved_comes_back_as_typed(
    alice: TestClient, database: Database, form: dict[str, Any], message: str
) -> None:
    typed = {"comment": "what I typed"} | form if form else {}
    answer = save(alice, **typed)
    assert answer.status_code == 422
    assert message in text_of(answer.text)
    assert stored(database) == []
    if "comment" in typed and len(typed["comment"]) < 100:
        assert "what I typed" in answer.text


def test_revision_must_be_a_number(alice: TestClient) -> None:
    assert alice.post("/entries/1/review", data={"revision": "new"}).status_code == 422


def test_unknown_label_cannot_be_agreed_with(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(7, is_response_0_safe=None)], slug="more-pairs")
    assert "no label here to agree with" in text_of(save(alice, 4, **verdict(R0 + "is_safe", "agree")).text)
    assert save(alice, 4, **verdict(R0 + "is_safe", "disagree", "true"), action="agree_rest").status_code == 303
    assert stored(database)[0] == ("response_0.is_safe", "null", "disagree", "true")
    assert len(stored(database)) == 8


def test_changing_a_review_keeps_the_former_version_in_the_log(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree")
    save(alice, revision=1, **verdict("better_response_id", "disagree"))
    assert stored(database) == [("better_response_id", "1", "disagree", "0")]
    with database.read() as db:
        review = db.query(Review).one()
        events = db.query(Event).where(Event.review_id == review.id).order_by(Event.id).all()
    assert review.revision == 2
    assert [event.kind for event in events] == ["review.recorded", "review.revised"]
    assert events[1].data["before"]["verdicts"][0]["verdict"] == "agree"
    assert events[1].data["after"]["verdicts"][0]["corrected_value"] == "0"


def test_second_tab_cannot_overwrite_silently(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree", comment="from the first tab")
    answer = save(alice, **verdict("better_response_id", "disagree"), comment="from the second tab")
    assert answer.status_code == 409
    page = text_of(answer.text)
    assert "from the first tab" in page
    assert "from the second tab" in page
    assert "disagree: response 0" in page
    assert stored(database)[0][2] == "agree"
    save(alice, revision=1, **verdict("better_response_id", "disagree"), comment="from the second tab")
    assert stored(database)[0][2] == "disagree"


def test_every_difference_is_shown(alice: TestClient) -> None:
    save(alice, **verdict(R0 + "harm_categories", "disagree", "drugs", reason="coffee"), flag="yes")
    answer = save(alice, **verdict(R0 + "is_safe", "disagree", "true"), comment="mine")
    page = text_of(answer.text)
    assert answer.status_code == 409
    for said in ("disagree: Drugs (coffee)", "no verdict", "disagree: safe", "not flagged", "none mine"):
        assert said in page


def test_categories_that_all_go_are_said(alice: TestClient) -> None:
    save(alice, **verdict(R0 + "harm_categories", "disagree"))
    assert "disagree: none" in text_of(save(alice, verdict__better_response_id="agree").text)


def test_form_sent_twice_is_saved_once(alice: TestClient, database: Database) -> None:
    for _ in range(2):
        assert save(alice, verdict__better_response_id="agree").status_code == 303
    with database.read() as db:
        assert db.query(Event).where(Event.kind.like("review.%")).count() == 1
        assert db.query(Review).one().revision == 1


def test_two_reviewers_have_a_review_each(alice: TestClient, bob: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree")
    save(bob, verdict__better_response_id="unsure")
    with database.read() as db:
        assert db.query(Review).count() == 2


def test_comment_alone_is_in_review(alice: TestClient) -> None:
    assert save(alice, comment="come back to this").status_code == 303
    facets = alice.get("/api/v1/datasets/pairs/entries").json()["facets"]
    assert facets["status"] == {"unreviewed": 2, "in_review": 1, "reviewed": 0, "disputed": 0, "adjudicated": 0}


def test_review_facets_follow_every_save(alice: TestClient, bob: TestClient) -> None:
    save(alice, action="agree_rest")
    save(alice, 2, **verdict("better_response_id", "disagree"), flag="yes")
    save(bob, 2, verdict__better_response_id="agree")
    save(bob, 3, verdict__better_response_id="unsure")
    save(alice, 3, verdict__better_response_id="agree")
    for client in (alice, bob):  # each has an index of its own, like two workers
        facets = client.get("/api/v1/datasets/pairs/entries").json()["facets"]
        assert facets["status"]["reviewed"] == 2
        assert facets["status"]["disputed"] == 1  # unsure contradicts nobody
        assert facets["verdict"] == {"agree": 3, "disagree": 1, "unsure": 1}
        assert facets["reviewer"] == {"alice": 3, "bob": 2}
        assert facets["flag"] == {"yes": 1, "no": 2, "other": 1}


def test_saving_leads_to_the_next_of_the_list(alice: TestClient) -> None:
    query = "?status=unreviewed&sort=length"
    order = [e["id"] for e in alice.get(f"/api/v1/datasets/pairs/entries{query}").json()["entries"]]
    answer = save(alice, order[0], query=query, action="agree_rest")
    assert answer.headers["location"] == f"/entries/{order[1]}?status=unreviewed&sort=length&saved={order[0]}"


def test_last_of_the_list_stays_and_says_so(alice: TestClient) -> None:
    answer = save(alice, 3, action="agree_rest")
    assert answer.headers["location"] == "/entries/3?saved=3"
    assert alice.get("/entries/3?saved=3").status_code == 200


def test_htmx_save_brings_the_next_pair(alice: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = alice.post("/entries/1/review", data={"action": "agree_rest", "revision": "0"}, headers=headers)
    assert answer.text.lstrip().startswith('<div id="entry"')
    assert answer.headers["HX-Push-Url"] == "/entries/2?saved=1"
    assert "saved entry 1" in text_of(answer.text)


def test_event_log_says_who_did_what(alice: TestClient, database: Database) -> None:
    save(alice, verdict__better_response_id="agree")
    with database.read() as db:
        event = db.query(Event).where(Event.kind == "review.recorded").one()
    assert (event.reviewer_id, event.entry_id, event.data["before"]) == (1, 1, None)
    assert json.dumps(event.data["after"]["verdicts"][0]["verdict"]) == '"agree"'
