"""What others said of an entry: told to whoever has said it themselves, and to nobody else."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Reviewer
from app.terms.profile import Mode, Profile
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

OTHERS = "/entries/1/others"
SEVERITY = "response_0.severity_level"


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    """Entries 1 and 2 have the same prompt."""
    again = row(1, prompt=row(0)["prompt"], unsafe_1=(1, "Violence"))
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), again, row(2)])


def save(client: TestClient, entry: int = 1, **form: Any) -> None:
    client.post(f"/entries/{entry}/review", data={"revision": "0", "action": "rest", **form})


def disagree(reason: str = "") -> dict[str, str]:
    return {f"verdict.{SEVERITY}": "disagree", f"corrected.{SEVERITY}": "3", f"reason.{SEVERITY}": reason}


def others(client: TestClient, path: str = OTHERS) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return text_of(page.text)


def test_it_works(alice: TestClient, bob: TestClient) -> None:
    save(bob, **disagree("A <b>whole</b> parish."), comment="See row 7.", flag="duplicate")
    save(alice, **{"verdict.better_response_id": "unsure"})
    page = others(alice)
    assert "1 other review of this entry" in page
    assert "Label Stored You open bob open" in re.sub(r"\s+", " ", page)
    disputed = "2 moderate ✓ agree ✕ disagree: 3 severe A <b>whole</b> parish."
    assert re.search(f"Severity.*reviewers contradict each other.*{disputed}", page)
    assert "Better response 1 ? unsure ✓ agree" in page
    assert re.search("bob.*⚑ duplicate.*See row 7.", page)


@pytest.mark.parametrize("mode", [Mode.OPEN, Mode.BLIND])
def test_nothing_is_told_before_ones_own_review(
    alice: TestClient, bob: TestClient, database: Database, mode: Mode
) -> None:
    save(bob, **disagree())
    with database.write() as db:
        db.query(Reviewer).where(Reviewer.name == "alice").one().profile = Profile(mode=mode)
    for headers in ({}, {"HX-Request-Type": "partial"}):
        answer = alice.get(OTHERS, headers=headers)
        assert answer.status_code == 403
        assert "once you have submitted your own review" in text_of(answer.text)
    assert "Others on this" not in alice.get("/entries/1").text
    if mode is Mode.BLIND:
        save(alice, action="cannot_judge_rest")
        assert alice.get(OTHERS).status_code == 403
        assert "bob" not in alice.get("/entries/1").text
        alice.post("/entries/1/review", data={"revision": "1", "action": "rest"})
    else:
        save(alice)
    assert "disagree: 3 severe" in others(alice)
    assert "Others on this (1)" in alice.get("/entries/1").text


def test_nobody_is_told_without_a_name(client: TestClient) -> None:
    assert client.get(OTHERS).status_code == 403


def test_verdicts_on_the_same_prompt_stand_beside(alice: TestClient, bob: TestClient) -> None:
    save(alice)
    assert "this prompt" not in others(alice)
    save(bob, 2, **{"verdict.response_1.is_safe": "disagree"})
    page = others(alice)
    assert "No other reviews of this entry" in page
    assert re.search("Entry 2 train.*bob : 7 agree, 1 disagree, 0 unsure.*Response 1: Safe: safe", page)


def test_what_is_still_to_be_judged_blind_stays_untold(alice: TestClient, bob: TestClient, database: Database) -> None:
    save(bob, 2, **{"verdict.response_1.is_safe": "disagree"})
    save(alice)
    with database.write() as db:
        db.query(Reviewer).where(Reviewer.name == "alice").one().profile = Profile(mode=Mode.BLIND)
    page = others(alice)
    assert "Entry 2 train reviewed; what was said you see after your own review" in page
    assert "bob" not in page


def test_label_that_somebody_left_out_has_no_verdict(alice: TestClient, bob: TestClient) -> None:
    save(bob, action="save", **{"verdict.safer_response_id": "agree"})
    save(alice)
    page = others(alice)
    assert "Better response 1 ✓ agree – Safer response 1 ✓ agree ✓ agree" in page


def test_outdated_verdicts_say_so(alice: TestClient, bob: TestClient, database: Database, tmp_path: Path) -> None:
    save(bob, 2)
    save(alice)
    import_rows(database, tmp_path, [row(0, unsafe_0=(1, "Cybercrime")), row(2)])
    page = others(alice)
    assert "✓ agree ⟲ outdated" in page
    assert "contradict" not in page


def test_prompts_without_labels_have_remarks(bob: TestClient, alice: TestClient, database: Database) -> None:
    """Nothing is submitted there, and so nothing is told."""
    save(alice, 3, action="save", comment="Hm.")
    assert alice.get("/entries/3/others").status_code == 403


def test_entry_page_loads_what_others_say_when_asked(alice: TestClient, bob: TestClient) -> None:
    page = alice.get("/entries/1").text
    assert 'hx-get="/entries/1/comments" hx-trigger="toggle once"' in page
    assert ">Discussion<" in page
    bob.post("/entries/1/comments", data={"body": "Hello."})
    page = alice.get("/entries/1").text
    assert "Discussion (1)" in page
    assert "Hello." not in page
    assert 'href="/entries/1/history"' in page
