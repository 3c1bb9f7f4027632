"""The page of one entry for every unit, and its review."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Review, Verdict
from tests.factories import answer_row, beavertails_row, import_file, import_rows, row, write_jsonl
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, stored, verdict


@pytest.fixture(autouse=True)
def _texts_shown(client: TestClient) -> None:
    client.cookies.set("texts", "shown")


@pytest.fixture
def beavers(database: Database, tmp_path: Path) -> None:
    """Entries 1 to 3 are one response labelled by three people, 4 another response to the prompt."""
    said = [beavertails_row(0), beavertails_row(0, "animal_abuse"), beavertails_row(0)]
    import_rows(database, tmp_path, [*said, beavertails_row(0, response="Ask the beaver.")], slug="beavers")


@pytest.fixture
def prompts(database: Database, tmp_path: Path) -> None:
    lines = [{"prompt": "How tall is a fern?"}, {"prompt": "How old is moss?"}, {"prompt": "How tall is a fern?"}]
    import_file(database, write_jsonl(tmp_path / "train.jsonl", lines), slug="prompts")


def test_single_has_one_response_with_its_labels(alice: TestClient, database: Database, tmp_path: Path) -> None:
    unsafe = answer_row(is_safe=False, severity_level=2, harm_category={"Cybercrime": True})
    import_rows(database, tmp_path, [unsafe], slug="answers")
    page = text_of(alice.get("/entries/1").text)
    for said in ("Response Alpaca-7B", "1 Safe?", "✕ unsafe", "2 Categories", "Cybercrime", "3 Severity", "2 moderate"):
        assert said in page
    for other in ("Response 0", "Response 1", "better", "safer", "4 "):
        assert other not in page.split("Comment")[0]
    assert "1 … 3" in page
    save(alice, action="agree_rest")
    assert [name for name, *_ in stored(database)] == [
        "response_0.is_safe",
        "response_0.harm_categories",
        "response_0.severity_level",
    ]


@pytest.mark.usefixtures("beavers")
def test_annotations_of_a_response_stand_side_by_side(client: TestClient) -> None:
    page = text_of(client.get("/entries/1").text)
    assert "2 other annotations of this response" in page
    assert "Entry 2 train ✕ unsafe ≠ differs from this entry Animal Abuse ≠ differs from this entry" in page
    assert "Entry 3 train ✓ safe none" in page
    assert "1 other response to this prompt Entry 4 train ✓ safe" in page
    assert "annotations" not in text_of(client.get("/entries/4").text)
    assert "3 other responses to this prompt" in text_of(client.get("/entries/4").text)


def test_many_annotations_are_counted(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [beavertails_row(0) for _ in range(30)], slug="beavers")
    page = text_of(client.get("/entries/1").text)
    assert "29 other annotations of this response" in page
    assert "The first 20 are shown." in page


@pytest.mark.usefixtures("prompts")
def test_prompt_takes_a_remark_and_nothing_else(alice: TestClient, database: Database) -> None:
    page = alice.get("/entries/1").text
    assert 'name="verdict' not in page
    assert "Agree with the rest" not in page
    assert "choose a label" not in page
    assert "1 other entry with this prompt Entry 3 train" in text_of(page)
    nothing = save(alice)
    assert nothing.status_code == 422
    assert "Not saved: leave a comment or a flag." in text_of(nothing.text)
    assert "'better_response_id' is no label field here; there are none." in text_of(
        save(alice, verdict__better_response_id="agree").text
    )
    assert save(alice, comment="Which fern?").headers["location"] == "/entries/2?saved=1"
    assert "✓ saved" in text_of(alice.get("/entries/1").text)
    with database.read() as db:
        assert db.query(Review).one().state == "draft"


def test_others_with_a_prompt_are_counted_to_a_thousand(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [{"prompt": "How tall is a fern?"}] * 1002, slug="prompts")
    page = client.get("/entries/1").text
    assert "More than 1,000 other entries with this prompt" in text_of(page)
    assert "The first 20 are shown." in text_of(page)


@pytest.mark.usefixtures("prompts")
def test_prompt_alone_is_blurred_as_unknown(client: TestClient) -> None:
    client.cookies.delete("texts")
    page = client.get("/entries/1").text
    assert "Safety unknown Hold to read" in text_of(page)
    assert 'dir="auto" aria-hidden="true">How tall is a fern?' in page
    assert 'aria-hidden="true"><bdi>How tall is a fern?' in client.get("/datasets/prompts/entries").text


def test_pair_with_one_preference_has_no_empty_blocks(alice: TestClient, database: Database, tmp_path: Path) -> None:
    cake = {"prompt": "Which cake?", "chosen": "Lemon.", "rejected": "No cake."}
    import_rows(database, tmp_path, [cake], slug="cakes")
    page = text_of(alice.get("/entries/1").text)
    assert page.count("▲ better") == 1
    assert "Safe?" not in page
    assert re.search(r"Preferences Better Stored: response [01] 1 Better", page)
    listed = text_of(alice.get("/datasets/cakes/entries").text)
    assert "unknown" not in listed
    assert listed.count("▲ better") == 1
    save(alice, verdict__better_response_id="agree")
    assert len(stored(database)) == 1


def test_other_columns_are_shown_escaped_and_cut(client: TestClient, database: Database, tmp_path: Path) -> None:
    cake = {"prompt": "Which cake?", "chosen": "Lemon.", "rejected": "No.", "mood": "<b>fine</b>", "crumbs": "x" * 2500}
    import_rows(database, tmp_path, [{**cake, "score": {"tart": 0.5}}], slug="cakes")
    page = client.get("/entries/1").text
    assert "<dt>mood</dt>" in page
    assert "&lt;b&gt;fine&lt;/b&gt;" in page
    assert "{&#34;tart&#34;: 0.5}" in page
    assert "and 500 more characters" in text_of(page)
    assert client.get("/api/v1/entries/1").json()["extra"]["crumbs"] == "x" * 2500


def test_unseen_characters_are_made_visible(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(response_0="bell\x07 turn\u202ened \u200bgap\x7f")])
    for path in ("/entries/1?q=turn*", "/datasets/pairs/entries?q=turn*"):
        page = client.get(path).text
        assert "bell\u2407 <mark>turn" in page
        assert "\u27eaRLO\u27eb" in page
        assert "\u27eaZWSP\u27ebgap\u2421" in page
    found = client.get("/api/v1/entries/1").json()["responses"][0]["text"]
    assert found == "bell\x07 turn\u202ened \u200bgap\x7f"


def revise(database: Database, folder: Path, *lines: dict[str, Any]) -> None:
    """A later revision of the dataset `pairs`."""
    import_rows(database, folder / "later", lines)


@pytest.fixture
def revised(alice: TestClient, database: Database, tmp_path: Path) -> None:
    """Alice agreed with everything on entry 1 before its better response changed, and entry 3 went."""
    import_rows(database, tmp_path, [row(n) for n in range(3)])
    save(alice, action="agree_rest", comment="Fine.")
    save(alice, 3, verdict__better_response_id="agree")
    revise(database, tmp_path, row(0, better_response_id=0), row(1))


@pytest.mark.usefixtures("revised")
def test_withdrawn_entry_is_left_out_but_there(alice: TestClient) -> None:
    listed = alice.get("/api/v1/datasets/pairs/entries").json()
    assert (listed["total"], listed["sentence"]) == (2, "All 2 entries")
    assert listed["facets"]["withdrawn"] == {"yes": 1, "no": 2}
    assert listed["facets"]["better"] == {"0": 1, "1": 1}
    gone = alice.get("/api/v1/datasets/pairs/entries?withdrawn=yes").json()
    assert [(entry["id"], entry["withdrawn"]) for entry in gone["entries"]] == [(3, True)]
    assert (gone["sentence"], gone["facets"]["better"]) == ("1 of 3 entries that are withdrawn", {"0": 0, "1": 1})
    everything = alice.get("/api/v1/datasets/pairs/entries?withdrawn=yes&withdrawn=no&sort=length").json()
    assert everything["total"] == 3
    page = alice.get("/entries/3").text
    assert "Withdrawn: import 2 no longer has this entry. The last one that did is import 1 ." in text_of(page)
    assert "not among the 2" in text_of(page)
    assert alice.get("/api/v1/entries/3").json()["withdrawn"] is True
    assert "withdrawn" not in text_of(alice.get("/datasets/pairs/entries?q=cactus").text).split("Characters")[1]


def test_nothing_withdrawn_or_outdated_is_no_facet(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row()])
    facets = client.get("/api/v1/datasets/pairs/entries").json()["facets"]
    assert facets.keys().isdisjoint({"withdrawn", "outdated"})
    asked = client.get("/api/v1/datasets/pairs/entries?outdated=yes").json()
    assert (asked["total"], asked["facets"]["outdated"]) == (0, {"yes": 0, "no": 1})


@pytest.mark.usefixtures("revised")
def test_outdated_verdict_waits_to_be_given_anew(alice: TestClient, database: Database) -> None:
    page = alice.get("/entries/1").text
    assert "outdated you judged “response 1”, the dataset now says “response 0”. Your verdict was: agree." in text_of(
        page
    )
    assert page.count('value="agree" checked') == 7
    assert alice.get("/api/v1/datasets/pairs/entries").json()["facets"]["outdated"] == {"yes": 1, "no": 1}
    save(alice, revision=1, action="agree_rest", comment="Fine.")
    assert ("better_response_id", "0", "agree", None) in stored(database)
    assert "Your verdict was" not in alice.get("/entries/1").text
    assert alice.get("/api/v1/datasets/pairs/entries?outdated=yes").json()["total"] == 0


@pytest.mark.usefixtures("revised")
def test_outdated_verdict_stays_while_others_are_saved(alice: TestClient, database: Database) -> None:
    save(alice, revision=1, verdict__safer_response_id="agree", comment="Only this.")
    assert outdated(database, 1) == {"better_response_id": True, "safer_response_id": False}
    answer = save(alice, revision=2, verdict__safer_response_id="agree", comment="Only this.")
    assert answer.status_code == 303
    dropped = {"verdict.better_response_id": "", "verdict.safer_response_id": "agree"}
    save(alice, revision=2, **dropped)
    assert outdated(database, 1) == {"safer_response_id": False}


@pytest.mark.usefixtures("revised")
def test_undo_knows_what_is_outdated_by_now(alice: TestClient, database: Database) -> None:
    save(alice, revision=1, action="agree_rest", comment="Fine.")
    assert not any(outdated(database, 1).values())
    alice.post("/undo")
    assert [name for name, is_outdated in outdated(database, 1).items() if is_outdated] == ["better_response_id"]


@pytest.mark.usefixtures("revised")
def test_rejected_form_still_tells_what_is_outdated(alice: TestClient) -> None:
    answer = save(alice, revision=1, **verdict("response_0.severity_level", "disagree"))
    assert answer.status_code == 422
    assert "Your verdict was: agree." in text_of(answer.text)


def test_outdated_disagreement_is_told_in_words(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Drugs")), row(1)])
    save(alice, **verdict("response_0.severity_level", "disagree", "3"), **verdict("response_0.is_safe", "disagree"))
    revise(database, tmp_path, row(0), row(1))
    page = text_of(alice.get("/entries/1").text)
    assert "you judged “2 moderate”, the dataset now says “0 none”. Your verdict was: disagree: 3 severe." in page
    assert "you judged “unsafe”, the dataset now says “safe”. Your verdict was: disagree: safe." in page


@pytest.mark.usefixtures("revised")
def test_outdated_verdicts_count_in_no_share(alice: TestClient) -> None:
    page = text_of(alice.get("/datasets/pairs").text)
    assert "Outdated" in page
    assert "Better 0 none yet 0 0 1 outdated: entries with such a verdict" in page
    facets = alice.get("/api/v1/datasets/pairs/entries").json()["facets"]
    assert facets["verdict"] == {"agree": 1, "disagree": 0, "unsure": 0}


@pytest.mark.usefixtures("revised")
def test_export_says_what_is_outdated(alice: TestClient) -> None:
    lines = alice.get("/datasets/pairs/export?what=reviews&format=jsonl&flag=no").text.splitlines()
    told = {row["label_field"]: row["outdated"] for row in map(json.loads, lines)}
    assert len(told) == 8
    assert [name for name, is_outdated in told.items() if is_outdated] == ["better_response_id"]


def outdated(database: Database, entry: int) -> dict[str, bool]:
    with database.read() as db:
        found = db.query(Verdict).join(Review).where(Review.entry_id == entry).order_by(Verdict.id).all()
    return {v.label_field: v.outdated for v in found}
