"""The history of an entry: who said what when, what changed, and under which conditions."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Event, Reviewer
from app.reviewing import history
from app.terms.profile import Mode, Profile
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

HISTORY = "/entries/1/history"
SEVERITY = "response_0.severity_level"


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1)])


def save(client: TestClient, revision: int = 0, **form: Any) -> None:
    client.post("/entries/1/review", data={"revision": str(revision), **form})


def steps(client: TestClient, path: str = HISTORY) -> list[str]:
    """What a person reads of each, newest first."""
    page = client.get(path)
    assert page.status_code == 200
    return [" ".join(text_of(one).split()) for one in re.findall(r"<li[ >].*?</li>", page.text, re.DOTALL)]


def choose(database: Database, name: str, **profile: Any) -> None:
    with database.write() as db:
        db.query(Reviewer).where(Reviewer.name == name).one().profile = Profile(**profile)


def test_it_works(alice: TestClient) -> None:
    first = {f"verdict.{SEVERITY}": "disagree", f"corrected.{SEVERITY}": "3", f"reason.{SEVERITY}": "A whole parish."}
    save(alice, **first, comment="See row 7.", flag="duplicate", seconds="42")
    save(alice, 1, **{f"verdict.{SEVERITY}": "unsure", "verdict.better_response_id": "agree"}, comment="See row 8.")
    changed, recorded = steps(alice)
    assert re.search("alice reviewed .* open · response 0 stood left · 42 s active", recorded)
    assert "Response 0: Severity disagree: 3 severe instead of 2 moderate because: A whole parish." in recorded
    assert "Comment See row 7. Flag duplicate" in recorded
    assert "alice changed the review" in changed
    assert "Severity disagree: 3 severe instead of 2 moderate unsure about 2 moderate" in changed
    assert "Better agree: response 1" in changed
    assert "Comment See row 7. See row 8. Flag duplicate nothing any more" in changed


def test_nothing_happened_yet(client: TestClient) -> None:
    assert "Nobody has said anything" in text_of(client.get(HISTORY).text)
    assert client.get("/entries/9/history").status_code == 404


def test_blind_review_tells_its_first_answers(alice: TestClient, database: Database) -> None:
    choose(database, "alice", mode=Mode.BLIND)
    assert alice.get(HISTORY).status_code == 403
    save(alice, action="cannot_judge_rest", **{"answer.better": "tie"})
    assert "once you have submitted your own review" in text_of(alice.get(HISTORY).text)
    save(alice, 1, action="rest")
    reviewed, revealed = steps(alice)
    assert re.search(r"alice answered blind, then saw .* shuffled: response \d stood left", revealed)
    assert "Better: first answer tie" in revealed
    assert "Response 0: Safe: first answer cannot judge" in revealed
    assert "blind, then revealed" in reviewed
    assert "Better disagree: tie instead of response 1" in reviewed


def test_undone_steps_say_so(alice: TestClient) -> None:
    save(alice, comment="Too much water.", key="one")
    alice.post("/undo", data={})
    alice.post("/entries/1/skip", data={"skip_reason": "No coffee yet.", "key": "two"})
    alice.post("/undo", data={})
    unskipped, skipped, undone, remark = steps(alice)
    assert re.search("alice left a remark .*taken back .*Comment Too much water.", remark)
    assert re.search("alice took a change of the review back .*Comment Too much water. nothing any more", undone)
    assert re.search("alice skipped the entry .*taken back .*Reason No coffee yet.", skipped)
    assert "alice took the skip back" in unskipped


def test_discussion_is_part_of_it(alice: TestClient) -> None:
    alice.post("/entries/1/comments", data={"body": "Too <i>much</i> water."})
    alice.post("/comments/1", data={"body": "Too little."})
    alice.post("/entries/1/comments/resolve")
    alice.post("/entries/1/comments/resolve", data={"resolved": "no"})
    alice.post("/comments/1", data={"action": "delete"})
    told = steps(alice)
    assert "alice deleted a comment" in told[0]
    assert "Too little. nothing any more" in told[0]
    assert "opened the discussion again" in told[1]
    assert "resolved the discussion" in told[2]
    assert "Too <i>much</i> water. Too little." in told[3]


def test_imports_stand_where_they_changed_labels(alice: TestClient, database: Database, tmp_path: Path) -> None:
    save(alice, **{f"verdict.{SEVERITY}": "agree"})
    import_rows(database, tmp_path, [row(0, unsafe_0=(3, "Cybercrime")), row(1)])
    save(alice, 1, **{f"verdict.{SEVERITY}": "agree"})
    latest, imported, first = steps(alice)
    assert re.search("Import 2 changed labels .*Response 0: Severity 2 moderate 3 severe", imported)
    assert "agree: 2 moderate" in first
    assert "agree: 2 moderate agree: 3 severe" in latest


def test_guideline_version_is_told(alice: TestClient) -> None:
    alice.post("/datasets/pairs/guideline", data={"body": "Water is never severe.", "version": "0"})
    save(alice, action="rest")
    assert "guideline version 1" in steps(alice)[0]


def test_old_events_are_told_too(alice: TestClient, database: Database) -> None:
    """Their snapshots know no sides, no kinds of flags and no first answers; some name labels that are gone."""
    verdict = {"label_field": "gone", "stored_value": "1", "verdict": "agree", "reason": None, "corrected_value": None}
    after = {"revision": 1, "state": "submitted", "blind": False, "verdicts": [verdict], "comment": "", "flagged": True}
    with database.write() as db:
        about = {"entry_id": 1, "reviewer_id": None, "dataset_id": 1, "review_id": None}
        data = {"before": None, "after": after}
        db.add(Event(id=900, hash=b"", kind="review.recorded", data=data, **about))
        db.add(Event(id=901, hash=b"", kind="review.undone", data={"before": after, "after": None}, **about))
        db.add(Event(id=902, hash=b"", kind="review.praised", data=data, **about))
    praised, undone, recorded = steps(alice)
    assert re.search("somebody reviewed .*open gone agree: 1 Flag other", recorded)
    assert "gone agree: 1 nothing any more" in undone
    assert "review.praised" in praised


def test_long_history_comes_in_parts(
    alice: TestClient, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "PAGE", 2)
    for number in range(3):
        save(alice, number, comment=f"Drop {number}.")
    import_rows(database, tmp_path, [row(0, unsafe_0=(3, "Cybercrime")), row(1)])
    save(alice, 3, comment="Drop 3.")
    page = alice.get(HISTORY).text
    assert [re.findall(r"Drop \d\.|Import \d", step)[-1] for step in steps(alice)] == ["Drop 3.", "Import 2", "Drop 2."]
    older = re.search(r'rel="next" href="(.*?)"', page)
    assert older
    assert [re.findall(r"Drop \d\.", step)[-1] for step in steps(alice, older[1])] == ["Drop 1.", "Drop 0."]
    assert "From the latest on" in alice.get(older[1]).text
