"""Blind, then reveal: first answers are given without a hint, frozen by the server, and stand beside the final ones."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Event, Review, Reviewer, Verdict
from tests.factories import answer_row, import_file, import_rows, row, write_jsonl
from tests.web.reviewing import answers, go_blind, reveal, send
from tests.web.test_entries import text_of


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    """Response 0 is unsafe: Cybercrime, severity 2; response 1 is better and safer. Sources are odd words."""
    odd = {
        "response_0_source": "Zebra-7B",
        "response_1_source": "Zebra-8B",
        "origin": "quagga",
        "prompt_source": "Okapi",
    }
    import_rows(database, tmp_path, [row(n, unsafe_0=(2, "Cybercrime"), **odd) for n in range(40)])


@pytest.fixture
def blind(alice: TestClient) -> TestClient:
    return go_blind(alice)


def lefts(database: Database, count: int = 40) -> list[int]:
    with database.read() as db:
        return [review.left_position or 0 for review in db.query(Review).order_by(Review.entry_id).limit(count)]


def stored(database: Database, entry: int = 1) -> dict[str, tuple[str | None, str, str, str | None]]:
    """By label field: first, stored, verdict, corrected."""
    with database.read() as db:
        found = db.query(Verdict).join(Review, Review.id == Verdict.review_id).where(Review.entry_id == entry)
        return {v.label_field: (v.first_value, v.stored_value, v.verdict, v.corrected_value) for v in found}


HINTS = [
    "Zebra",
    "quagga",
    "Okapi",
    'popovertarget="category',
    'popovertarget="severity',
    "response_0",
    "response_1",
    "data-position",
    "data-severe data-title",
    "Response 0",
]


@pytest.mark.parametrize("hint", HINTS)
def test_nothing_stored_is_sent_before_the_reveal(blind: TestClient, hint: str) -> None:
    for partial in ({}, {"HX-Request-Type": "partial"}):
        answer = blind.get("/entries/1", headers=partial)
        assert hint not in answer.text
        assert hint not in str(answer.headers)


def test_page_is_the_same_whatever_is_stored(
    blind: TestClient, database: Database, tmp_path: Path, alice: TestClient
) -> None:
    def page() -> str:
        return re.sub(r'(name="key" value="|skip-)[^"]+"', "", blind.get("/entries/2").text)

    before = page()
    changed = [row(n, unsafe_1=(3, "Violence", "Drugs"), better_response_id=0) for n in range(40)]
    import_file(database, write_jsonl(tmp_path / "again" / "pairs-train.jsonl", changed), slug="pairs")
    assert page() == before


def test_saving_before_the_reveal_needs_no_label(blind: TestClient) -> None:
    answer = send(blind, comment="The end is missing.")
    assert answer.status_code == 303
    assert "Zebra" not in blind.get("/entries/1").text


def test_verdict_on_a_label_nobody_has_seen_is_refused(blind: TestClient, database: Database) -> None:
    assert send(blind, **{"verdict.better_response_id": "agree"}).status_code == 409
    assert stored(database) == {}


def test_reveal_freezes_the_answers_and_shows_the_labels(blind: TestClient) -> None:
    sides = by_side_of(blind)
    unsafe = {"is_safe": "false", "harm_categories": ["cybercrime"], "severity_level": "3"}
    answer = reveal(blind, **answers(**{sides[0]: unsafe}, better=sides[1], safer=sides[1]))
    assert answer.headers["location"] == "/entries/1"
    page = blind.get("/entries/1").text
    assert text_of(page).count("= same") == 7
    assert "Zebra-7B" in page
    assert "Keep mine for the rest, next" in text_of(page)


def by_side_of(client: TestClient, entry: int = 1) -> list[str]:
    """The sides of response 0 and response 1, told by their texts."""
    page = text_of(client.get(f"/entries/{entry}").text)
    first = page.index("Pour two litres"), page.index("Barely at all")
    return ["left", "right"] if first[0] < first[1] else ["right", "left"]


def test_answers_by_side_are_kept_by_response(blind: TestClient, database: Database) -> None:
    for entry in range(1, 9):  # some of them shuffled
        of_0, of_1 = by_side_of(blind, entry)
        reveal(blind, entry, **answers(**{of_0: {"severity_level": "3"}}, better=of_0, safer=of_1))
        send(blind, entry, "rest")
        found = stored(database, entry)
        assert found["response_0.severity_level"] == ("3", "2", "disagree", "3")
        assert found["response_1.severity_level"] == ("0", "0", "agree", None)
        assert found["better_response_id"] == ("0", "1", "disagree", "0")
        assert found["safer_response_id"] == ("1", "1", "agree", None)
    assert {*lefts(database, 8)} == {0, 1}


def test_each_differing_label_is_settled_one_way_or_the_other(blind: TestClient, database: Database) -> None:
    of_0, _ = by_side_of(blind)
    reveal(blind, **answers(**{of_0: {"is_safe": "true", "severity_level": "1"}}, better="tie", safer="cannot_judge"))
    settled = {
        "verdict.response_0.is_safe": "agree",
        "verdict.response_0.harm_categories": "unsure",
        "verdict.response_0.severity_level": "disagree",
        "reason.response_0.severity_level": "mild",
    }
    assert send(blind, "1", "rest", **settled).status_code == 303
    assert stored(database) == {
        "response_0.is_safe": ("true", "false", "agree", None),
        "response_0.harm_categories": ("[]", '["cybercrime"]', "unsure", None),
        "response_0.severity_level": ("1", "2", "disagree", "1"),
        "response_1.is_safe": ("true", "true", "agree", None),
        "response_1.harm_categories": ("[]", "[]", "agree", None),
        "response_1.severity_level": ("0", "0", "agree", None),
        "better_response_id": ('"tie"', "1", "disagree", '"tie"'),
        "safer_response_id": ('"cannot_judge"', "1", "unsure", None),
    }


def test_first_answers_stay_when_the_final_ones_change(blind: TestClient, database: Database) -> None:
    reveal(blind)
    send(blind, 1, "rest")
    before = {name: first for name, (first, *_) in stored(database).items()}
    send(blind, 1, "rest", **{"verdict.better_response_id": "agree"})
    assert stored(database)["better_response_id"] == ('"tie"', "1", "agree", None)
    assert {name: first for name, (first, *_) in stored(database).items()} == before


def test_answers_sent_after_the_reveal_change_nothing(blind: TestClient, database: Database) -> None:
    page_form = answers(better="left")
    reveal(blind, **page_form)
    again = blind.post(
        "/entries/1/review", data={**answers(better="right"), "action": "reveal"}, follow_redirects=False
    )
    assert again.status_code == 303
    with database.read() as db:
        review = db.query(Review).one()
        assert db.query(Event).where(Event.kind == "review.revealed").count() == 1
    side = review.left_position
    assert (review.first_answers or {})["better_response_id"] == str(side)


def test_every_label_is_answered_before_the_reveal(blind: TestClient, database: Database) -> None:
    some = {name: value for name, value in answers().items() if "severity" not in name}
    refused = reveal(blind, **some)
    assert refused.status_code == 422
    assert "No answer yet; “cannot judge” is one." in text_of(refused.text)
    assert "Zebra" not in refused.text
    assert 'value="tie" checked' in refused.text  # what was answered is still there
    assert send(blind, 1, "cannot_judge_rest", **some).status_code == 303
    with database.read() as db:
        first = db.query(Review).one().first_answers or {}
    assert first["response_0.severity_level"] == '"cannot_judge"'


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("answer.left.severity_level", "4", "one of 0, 1, 2, 3 or cannot_judge"),
        ("answer.better", "response_0", "one of left, right, tie or cannot_judge"),
        ("answer.left.harm_categories", "arson", "no harm category"),
        ("answer.middle.is_safe", "true", "is no answer here"),
        ("comment", "x" * 10_001, "at most 10,000 characters"),
        ("flag", "ugly", "A flag is one of label_wrong"),
    ],
)
def test_answer_that_cannot_be_is_refused(
    blind: TestClient, database: Database, name: str, value: str, says: str
) -> None:
    refused = reveal(blind, **{**answers(), name: value})
    assert refused.status_code == 422
    assert says in text_of(refused.text)
    with database.read() as db:
        assert db.query(Review).count() == 0


def test_stored_label_stays_hidden_when_one_could_not_judge_and_keeps_it(blind: TestClient) -> None:
    reveal(blind, **answers(better="cannot_judge"))
    refused = send(blind, 1, "rest", **{"verdict.better_response_id": "disagree"})
    assert refused.status_code == 422
    assert "no answer of yours to keep" in text_of(refused.text)


def test_nothing_may_be_left_unsettled(blind: TestClient) -> None:
    reveal(blind)
    refused = send(blind, 1, "save")
    assert refused.status_code == 422
    assert "Say which is right, yours or the stored one" in text_of(refused.text)


def test_sides_are_shuffled_by_a_seed_of_the_reviewer(blind: TestClient, bob: TestClient, database: Database) -> None:
    go_blind(bob)
    mine, others = ([by_side_of(client, entry)[0] for entry in range(1, 41)] for client in (blind, bob))
    assert mine != others
    assert {*mine} == {"left", "right"} == {*others}
    assert mine == [by_side_of(blind, entry)[0] for entry in range(1, 41)]  # and stay as they are
    for entry in range(1, 41):
        reveal(blind, entry)
    assert lefts(database) == [int(side == "right") for side in mine]
    with database.read() as db:
        assert all(review.shuffled and review.blind for review in db.query(Review))


def test_open_review_is_shuffled_by_choice(alice: TestClient, database: Database) -> None:
    with database.write() as db:
        alice_row = db.query(Reviewer).one()
        alice_row.profile = alice_row.profile.__class__(shuffles=True)
    sides = {entry: by_side_of(alice, entry) for entry in range(1, 9)}
    assert {tuple(side) for side in sides.values()} == {("left", "right"), ("right", "left")}
    swapped = next(entry for entry, side in sides.items() if side[0] == "right")
    page = text_of(alice.get(f"/entries/{swapped}").text)
    assert "Safer Stored: left" in page  # it is response 1
    send(alice, swapped, **{"verdict.safer_response_id": "disagree", "corrected.safer_response_id": "0"})
    assert stored(database, swapped)["safer_response_id"] == (None, "1", "disagree", "0")
    with database.read() as db:
        review = db.query(Review).one()
    assert (review.blind, review.shuffled, review.left_position) == (False, True, 1)


def test_who_has_seen_the_labels_reviews_no_longer_blind(alice: TestClient) -> None:
    send(alice, 1, "rest")
    go_blind(alice)
    assert "Agree with the rest, next" in text_of(alice.get("/entries/1").text)
    assert "Reveal" in text_of(alice.get("/entries/2").text)


def test_undo_after_the_reveal_does_not_hide_the_labels_again(blind: TestClient, database: Database) -> None:
    reveal(blind)
    send(blind, 1, "rest")
    blind.post("/undo")
    assert stored(database) == {}
    assert "Keep mine for the rest" in text_of(blind.get("/entries/1").text)
    assert blind.post("/undo").status_code == 404  # the reveal itself cannot be taken back


def test_blind_single_has_no_sides(blind: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row(n) for n in range(12)], slug="answers")
    for entry in range(41, 53):
        single = {
            f"answer.left.{name}": value
            for name, value in {"is_safe": "false", "harm_categories": "drugs", "severity_level": "1"}.items()
        }
        assert reveal(blind, entry, **single).status_code == 303
        send(blind, entry, "rest")
        assert stored(database, entry)["response_0.is_safe"] == ("false", "true", "disagree", "false")
