"""One's own review by JSON: what it replaces is said, what it says is read strictly, and the page shows it."""

from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from app.api import schemas
from app.db import Database
from app.models import Event
from tests.api.conftest import API, review

pytestmark = pytest.mark.usefixtures("pairs")
PATH = f"{API}/entries/2/review"
FIRST = {"If-None-Match": "*"}
SAFE, CATEGORIES = "response_0.is_safe", "response_0.harm_categories"
AGREES = {"verdicts": {SAFE: {"verdict": "agree"}}}


def put(client: TestClient, body: Any, headers: dict[str, str] | None = None, path: str = PATH) -> Response:
    return client.put(path, json=body, headers=FIRST if headers is None else headers)


def test_review_is_saved_as_on_the_page(alice: TestClient, database: Database) -> None:
    body = {
        "verdicts": {
            SAFE: {"verdict": "disagree", "corrected_value": True, "reason": "It is about watering."},
            CATEGORIES: {"verdict": "disagree", "corrected_value": []},
            "response_0.severity_level": {"verdict": "disagree", "corrected_value": 0},
            "better_response_id": {"verdict": "disagree", "corrected_value": "tie"},
            "safer_response_id": {"verdict": "unsure", "reason": None},
        },
        "comment": "A cactus.",
        "flag": "label_wrong",
        "seconds": 12,
    }
    made = put(alice, body)
    assert (made.status_code, made.headers["etag"], made.headers["cache-control"]) == (201, '"1"', "no-store")
    saved = made.json()
    assert (saved["state"], saved["comment"], saved["flag"], saved["seconds"]) == (
        "submitted",
        "A cactus.",
        "label_wrong",
        12,
    )
    assert saved["verdicts"][SAFE] == {
        "verdict": "disagree",
        "corrected_value": True,
        "reason": "It is about watering.",
        "stored_value": False,
        "first_value": None,
        "outdated": False,
    }
    assert saved["verdicts"]["better_response_id"]["corrected_value"] == "tie"
    schemas.Review.model_validate_json(made.content, strict=True)
    read = alice.get(PATH)
    assert (read.status_code, read.headers["etag"], read.json()) == (200, '"1"', saved)
    assert "A cactus." in alice.get("/entries/2").text
    with database.read() as db:
        assert db.scalars(select(Event).where(Event.kind == "review.recorded")).one().entry_id == 2
    assert alice.post("/undo", follow_redirects=False).status_code == 303
    assert alice.get(PATH).status_code == 404
    assert put(alice, AGREES).headers["etag"] == '"3"'


def test_what_is_replaced_must_be_said_and_be_there(alice: TestClient) -> None:
    assert put(alice, AGREES, {}).status_code == 428
    assert put(alice, AGREES, {"If-Match": '"1"'}).status_code == 412
    assert put(alice, AGREES, {"If-Match": "*"}).json()["detail"] == "There is no review of yours to replace."
    assert put(alice, AGREES).status_code == 201
    assert put(alice, {"comment": "Other words."}).status_code == 412
    for wrong in ({"If-Match": "1"}, {"If-None-Match": '"1"'}, {"If-Match": "*", **FIRST}):
        assert put(alice, AGREES, wrong).status_code == 422
    changed = put(alice, {**AGREES, "comment": "Other words."}, {"If-Match": 'W/"1", "7"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = put(alice, AGREES, {"If-Match": '"1"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"2"')
    assert stale.json()["review"]["comment"] == "Other words."
    schemas.StaleProblem.model_validate_json(stale.content, strict=True)
    assert put(alice, AGREES, {"If-Match": "*"}).status_code == 200


def test_sent_twice_it_is_saved_once(alice: TestClient, database: Database) -> None:
    assert [put(alice, AGREES).status_code for _ in range(2)] == [201, 200]
    changed = {**AGREES, "comment": "Sandy soil."}
    assert [put(alice, changed, {"If-Match": '"1"'}).headers["etag"] for _ in range(2)] == ['"2"', '"2"']
    with database.read() as db:
        assert len(db.scalars(select(Event).where(Event.kind.startswith("review."))).all()) == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ([], "body"),
        ({"verdict": {}}, "verdict"),
        ({"role": "admin", **AGREES}, "role"),
        ({"verdicts": []}, "verdicts"),
        ({"verdicts": {"colour": {"verdict": "agree"}}}, "verdicts.colour"),
        ({"verdicts": {SAFE: "agree"}}, f"verdicts.{SAFE}"),
        ({"verdicts": {SAFE: {}}}, f"verdicts.{SAFE}.verdict"),
        ({"verdicts": {SAFE: {"verdict": ["agree"]}}}, f"verdicts.{SAFE}.verdict"),
        ({"verdicts": {SAFE: {"verdict": "agree", "because": "x"}}}, f"verdicts.{SAFE}.because"),
        ({"verdicts": {SAFE: {"verdict": "agree", "reason": "x"}}}, f"verdicts.{SAFE}.reason"),
        ({"verdicts": {SAFE: {"verdict": "unsure", "reason": 1}}}, f"verdicts.{SAFE}.reason"),
        ({"verdicts": {SAFE: {"verdict": "unsure", "reason": "x" * 2001}}}, f"verdicts.{SAFE}"),
        ({"verdicts": {SAFE: {"verdict": "agree", "corrected_value": True}}}, f"verdicts.{SAFE}.corrected_value"),
        ({"verdicts": {SAFE: {"verdict": "disagree", "corrected_value": "true"}}}, f"verdicts.{SAFE}.corrected_value"),
        ({"verdicts": {SAFE: {"verdict": "disagree", "corrected_value": False}}}, f"verdicts.{SAFE}"),
        ({"verdicts": {CATEGORIES: {"verdict": "disagree"}}}, f"verdicts.{CATEGORIES}.corrected_value"),
        ({"verdicts": {CATEGORIES: {"verdict": "disagree", "corrected_value": ["no"]}}}, f"verdicts.{CATEGORIES}"),
        (
            {"verdicts": {"better_response_id": {"verdict": "disagree", "corrected_value": True}}},
            "verdicts.better_response_id.corrected_value",
        ),
        ({"comment": 1}, "comment"),
        ({"comment": "a\0b"}, "comment"),
        ({"comment": "x" * 10_001}, "comment"),
        ({"comment": "x", "flag": "yes"}, "flag"),
        ({"comment": "x", "flag": []}, "flag"),
        ({"comment": "x", "seconds": 1.0}, "seconds"),
        ({"comment": "x", "seconds": True}, "seconds"),
        ({"comment": "x", "seconds": -1}, "seconds"),
    ],
)
def test_wrong_body_is_refused_with_the_field(alice: TestClient, body: Any, field: str) -> None:
    answer = put(alice, body)
    assert answer.status_code == 422, answer.text
    schemas.Problem.model_validate_json(answer.content, strict=True)
    assert answer.json().get("field", "") == field
    assert alice.get(PATH).status_code == 404


def test_what_is_not_strict_json_is_refused(alice: TestClient) -> None:
    headers = {**FIRST, "Content-Type": "application/json"}
    for body in (
        "",
        "{",
        '{"comment": "x", "comment": "y"}',
        '{"comment": "\\ud800"}',
        '{"\\ud800": 1, "\\ud800": 1}',
        '{"seconds": NaN, "comment": "x"}',
        "[" * 100_000,
        '{"seconds": ' + "9" * 5000 + "}",
        b'{"comment": "\xff"}',
    ):
        assert alice.put(PATH, content=body, headers=headers).status_code == 422, body[:40]
    assert (
        alice.put(PATH, content='{"comment": "x"}', headers={**FIRST, "Content-Type": "text/plain"}).status_code == 415
    )
    assert alice.put(PATH, content=b" " * 2**21, headers=headers).status_code == 413


def test_whoever_reviews_blind_is_refused_and_keeps_their_answers(alice: TestClient) -> None:
    alice.post("/settings/mode", data={"mode": "blind"})
    refused = put(alice, AGREES)
    assert (refused.status_code, refused.json()["title"]) == (403, "You review blind")
    assert alice.get(PATH).status_code == 403
    revealed = alice.post("/entries/2/review", data={"action": "cannot_judge_rest", "comment": "A cactus."})
    assert revealed.status_code == 200
    alice.post("/settings/mode", data={"mode": "open"})
    found = alice.get(PATH).json()
    assert (found["state"], found["blind"]) == ("draft", True)
    everything = {name: {"verdict": "unsure"} for name in alice.get(f"{API}/entries/2").json()["labels"]}
    other = {**everything, SAFE: {"verdict": "disagree", "corrected_value": True}}
    answer = put(alice, {"verdicts": other}, {"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["field"]) == (422, f"verdicts.{SAFE}.corrected_value")
    done = put(alice, {"verdicts": everything}, {"If-Match": '"1"'})
    assert done.json()["verdicts"][SAFE]["first_value"] == "cannot_judge"


def test_address_names_all_that_it_answers_to(alice: TestClient) -> None:
    assert alice.delete(PATH).headers["allow"] == "GET, PUT"


def test_everybody_has_a_review_of_their_own(alice: TestClient, bob: TestClient, client: TestClient) -> None:
    review(alice, 2, comment="Alice was here.")
    assert bob.get(PATH).status_code == 404
    assert put(bob, AGREES).status_code == 201
    assert alice.get(PATH).json()["comment"] == "Alice was here."
    client.cookies.clear()
    assert put(client, AGREES).status_code == 403
    assert put(bob, AGREES, path=f"{API}/entries/999/review").status_code == 404
