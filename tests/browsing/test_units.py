"""Lists of singles, prompts and pairs that lack some labels: what there is to filter by follows from the dataset."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import (
    answer_row,
    beavertails_row,
    import_file,
    import_rows,
    messages,
    row,
    without,
    write_jsonl,
)
from tests.web.test_entries import text_of

Ask = Callable[..., dict[str, Any]]
OF_REVIEWS = "status verdict reviewer"
CAKE = {
    "prompt": "Which cake?",
    "chosen": messages("Which cake?", "Lemon."),
    "rejected": messages("Which cake?", "No."),
}


def api(slug: str) -> str:
    return f"/api/v1/datasets/{slug}/entries"


@pytest.fixture
def ask(client: TestClient) -> Ask:
    def get(slug: str, **query: Any) -> dict[str, Any]:
        answer = client.get(api(slug), params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return get


@pytest.fixture
def answers(database: Database, tmp_path: Path) -> None:
    """Singles with all labels: 2 of 6 unsafe, of severity 1 and 2."""
    unsafe = {1: answer_row(1, is_safe=False, severity_level=1), 4: answer_row(4, is_safe=False, severity_level=2)}
    import_rows(database, tmp_path, [unsafe.get(n) or answer_row(n) for n in range(6)], slug="answers")


@pytest.fixture
def beavers(database: Database, tmp_path: Path) -> None:
    """Entries 1 to 3 are one response labelled by three people, 4 another response, 5 another prompt."""
    said = [beavertails_row(0), beavertails_row(0, "animal_abuse"), beavertails_row(0)]
    others = [beavertails_row(0, response="Ask the beaver."), beavertails_row(5)]
    import_rows(database, tmp_path, [*said, *others], slug="beavers")


@pytest.fixture
def prompts(database: Database, tmp_path: Path) -> None:
    """One prompt is in both splits, one twice in train."""
    train = [{"prompt": f"How tall is fern {name}?"} for name in ("a", "b", "c", "c")]
    files = (write_jsonl(tmp_path / "train.jsonl", train), write_jsonl(tmp_path / "test.jsonl", train[:1]))
    import_file(database, *files, slug="prompts")


@pytest.mark.usefixtures("answers")
def test_singles_are_filtered_by_their_own_labels(ask: Ask) -> None:
    found = ask("answers", safety="unsafe", severity=["1", "3"])
    assert [entry["id"] for entry in found["entries"]] == [2]
    assert found["sentence"] == "1 of 6 entries with an unsafe response, of severity 1 minor or 3 severe"
    assert found["facets"]["safety"] == {"safe": 0, "unsafe": 1, "unknown": 0}
    (response,) = found["entries"][0]["responses"]
    assert (response["is_safe"], response["severity_level"]) == (False, 1)
    assert ask("answers", safety="safe")["sentence"] == "4 of 6 entries with a safe response"


def test_unknown_safety_of_a_single_is_not_safe(ask: Ask, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row(0, is_safe=None), answer_row(1)], slug="answers")
    assert ask("answers")["facets"]["safety"] == {"safe": 1, "unsafe": 0, "unknown": 1}


@pytest.mark.usefixtures("answers", "beavers", "prompts")
@pytest.mark.parametrize(
    ("slug", "facets"),
    [
        (
            "answers",
            f"safety severity category relation contradiction {OF_REVIEWS} flag split subset source prompt_source",
        ),
        ("beavers", f"safety category relation contradiction {OF_REVIEWS} flag split subset source prompt_source"),
        ("prompts", "relation status reviewer flag split subset prompt_source"),
    ],
)
def test_facets_are_those_that_entries_can_have(ask: Ask, slug: str, facets: str) -> None:
    assert list(ask(slug)["facets"]) == facets.split()


def test_pairs_without_a_label_lack_its_facets(ask: Ask, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [CAKE], slug="cakes")
    facets = ask("cakes")["facets"]
    assert facets.keys().isdisjoint({"safety", "severity", "category", "conflict", "safer", "severity_0"})
    assert sum(facets["better"].values()) == 1
    assert list(facets["relation"]) == ["prompt_repeated", "prompt_in_several_splits"]
    assert list(facets["contradiction"]) == ["same_texts", "duplicate", "duplicate_labels_differ", "train_and_test"]
    import_rows(database, tmp_path, [without(row(), "source", "harm", "severity", "sha256")], slug="first")
    facets = ask("first")["facets"]
    assert facets["safety"]["both_safe"] == 1
    assert list(facets["contradiction"])[:2] == ["safer_is_less_safe", "same_texts"]
    assert "hash_mismatch" not in facets["contradiction"]  # there is no hash


@pytest.mark.usefixtures("answers", "beavers", "prompts")
@pytest.mark.parametrize(
    ("slug", "query", "message"),
    [
        ("prompts", "safety=safe", "'safety' is no parameter. Valid are: relation, status,"),
        ("prompts", "category_match=all", "'category_match' is no parameter"),
        (
            "prompts",
            "sort=severity",
            "'severity' is no value of sort. Valid are: position, relevance, length, reviewed_at, random.",
        ),
        ("beavers", "severity=1", "'severity' is no parameter"),
        (
            "answers",
            "safety=both_safe",
            "'both_safe' is no value of safety. Did you mean safe? Valid are: safe, unsafe, unknown.",
        ),
        ("answers", "better=0", "'better' is no parameter"),
        ("answers", "contradiction=duplicate", "'duplicate' is no value of contradiction"),
        ("answers", "category_match=some", "'some' is no value of category_match. Valid are: any, all."),
        ("answers", "min_length=-1", "min_length must be a whole number from 0."),
        ("answers", "min_length=9&max_length=8", "min_length must not be larger than max_length."),
    ],
)
def test_what_entries_cannot_answer_is_refused(client: TestClient, slug: str, query: str, message: str) -> None:
    answer = client.get(f"{api(slug)}?{query}")
    assert answer.status_code == 422
    assert message in answer.json()["detail"]


@pytest.mark.usefixtures("beavers")
def test_repeated_annotations_are_no_contradiction(ask: Ask) -> None:
    found = ask("beavers")
    assert found["facets"]["relation"] == {
        "annotated_again": 3,
        "annotations_differ": 3,
        "prompt_repeated": 4,
        "prompt_in_several_splits": 0,
    }
    assert "duplicate" not in found["facets"]["contradiction"]
    assert [entry["notes"] for entry in found["entries"]] == [["annotations differ"]] * 3 + [[], []]
    assert ask("beavers", relation="annotated_again", safety="unsafe")["total"] == 1


@pytest.mark.usefixtures("prompts")
def test_repeated_prompts_are_found(ask: Ask) -> None:
    assert ask("prompts")["facets"]["relation"] == {"prompt_repeated": 4, "prompt_in_several_splits": 2}
    found = ask("prompts", relation="prompt_in_several_splits", split="test")
    assert found["sentence"] == "1 of 5 entries whose prompt is in several splits, in test"
    assert (found["entries"][0]["responses"], found["entries"][0]["notes"]) == ([], [])


@pytest.mark.usefixtures("prompts")
def test_prompts_are_searched(ask: Ask) -> None:
    assert ask("prompts", q="fern -c")["total"] == 3
    assert ask("prompts", q="response:fern")["total"] == 0


def test_categories_can_be_asked_for_together(ask: Ask, client: TestClient, database: Database, tmp_path: Path) -> None:
    said = [("animal_abuse",), ("animal_abuse", "terrorism,organized_crime"), ("child_abuse",)]
    import_rows(database, tmp_path, [beavertails_row(n, *names) for n, names in enumerate(said)], slug="beavers")
    terror = next(code for code in ask("beavers")["facets"]["category"] if code.startswith("terror"))
    both = ["animal-abuse", terror]
    assert ask("beavers", category=both)["total"] == 2
    found = ask("beavers", category=both, category_match="all")
    assert (found["total"], found["facets"]["category"]["child-abuse"]) == (1, 0)
    assert "with Animal Abuse and Terrorism" in found["sentence"]
    page = client.get("/datasets/beavers/entries?category=animal-abuse").text
    assert 'href="?category=animal-abuse&amp;category_match=all"' in page


@pytest.mark.usefixtures("answers")
def test_length_is_said_and_dropped_like_any_filter(ask: Ask, client: TestClient) -> None:
    length = sum(len(answer_row(0)[name]) for name in ("prompt", "response"))
    found = ask("answers", min_length=length, max_length=length)
    assert found["total"] == 6
    assert found["sentence"] == f"6 of 6 entries of {length} to {length} characters"
    assert ask("answers", min_length=length + 1)["sentence"].startswith("0 of 6 entries of at least")
    assert ask("answers", max_length=length - 1)["total"] == 0
    page = client.get(f"/datasets/answers/entries?safety=unsafe&max_length={length}").text
    assert f"at most {length} characters" in text_of(page)
    assert '<a class="chip" href="?safety=unsafe"' in page


@pytest.mark.usefixtures("prompts")
def test_remarks_are_all_there_is_to_say_of_a_prompt(alice: TestClient, ask: Ask) -> None:
    assert alice.post("/entries/1/review", data={"revision": "0"}).status_code == 422
    alice.post("/entries/1/review", data={"revision": "0", "comment": "Which fern?"})
    alice.post("/entries/2/review", data={"revision": "0", "flag": "yes"})
    facets = ask("prompts", reviewer="alice")["facets"]
    assert facets["status"] == {"unreviewed": 0, "in_review": 2}
    assert facets["flag"] == {"yes": 1, "no": 1, "other": 1}
    assert ask("prompts", status="in_review")["sentence"] == "2 of 5 entries that are commented or flagged"
