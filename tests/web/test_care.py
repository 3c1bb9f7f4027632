"""What spares those who read harmful texts: blurring, a note before the first one, a way out, breaks, exposure."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from app.db import Database
from app.models import Decision
from app.models.base import now
from app.terms.blurring import arrives_blurred
from app.terms.profile import Profile
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

SEVERE, MINOR, SAFE, UNKNOWN = 1, 2, 3, 4
HIDDEN = re.compile(r'class="text[^>]*aria-hidden="true"')


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    unknown = {"is_response_0_safe": None, "response_0_severity_level": None, "response_0_harm_category": None}
    severe = row(0, unsafe_0=(2, "Cybercrime"), unsafe_1=(3, "Cybercrime", "Violence"))
    import_rows(database, tmp_path, [severe, row(1, unsafe_1=(1, "Drugs")), row(2), row(3, **unknown)])


def hidden(client: TestClient, entry: int) -> int:
    """How many texts of the entry arrive blurred: of the prompt and two responses."""
    return len(HIDDEN.findall(client.get(f"/entries/{entry}").text))


def settle(client: TestClient, section: str, **form: object) -> None:
    assert client.post(f"/settings/{section}", data=form, follow_redirects=False).status_code == 303


def review(client: TestClient, entry: int, **form: str) -> None:
    page = client.get(f"/entries/{entry}").text
    fields = dict(re.findall(r'<input type="hidden" name="(revision|key)" value="([^"]*)"', page))
    answer = client.post(f"/entries/{entry}/review", data={"action": "rest"} | fields | form, follow_redirects=False)
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("blur_from", "blurred"),
    [
        (None, []),
        (3, [(False, 3), (False, None), (None, None), (None, 0)]),
        (2, [(False, 3), (False, 2), (False, None), (None, None), (None, 0)]),
        (1, [(False, 3), (False, 2), (False, 1), (False, 0), (False, None), (None, None), (None, 0)]),
        (0, "all"),
    ],
)
def test_reviewer_chooses_from_which_severity_on(blur_from: int | None, blurred: list[tuple[bool, int]] | str) -> None:
    labels = [(safe, level) for safe in (True, False, None) for level in (0, 1, 2, 3, None)]
    found = {label for label in labels if arrives_blurred(Profile(blur_from=blur_from), *label)}
    if blurred == "all":
        assert found == set(labels)
    else:
        assert set(blurred) <= found
        assert not any(safe for safe, _ in found)


def test_severe_arrives_blurred_with_its_prompt(client: TestClient) -> None:
    client.post("/content-note")
    assert [hidden(client, entry) for entry in (SEVERE, MINOR, SAFE, UNKNOWN)] == [3, 0, 0, 2]
    page = text_of(client.get(f"/entries/{SEVERE}").text)
    assert "Unsafe, severity 3 severe: Violence, Cybercrime Hold to read" in page
    assert "Safety unknown Hold to read" in text_of(client.get(f"/entries/{UNKNOWN}").text)


def test_each_entry_arrives_blurred_anew(client: TestClient) -> None:
    client.post("/content-note")
    page = client.get(f"/entries/{SEVERE}").text
    assert f'name="entry" value="{SEVERE}"' in page
    answer = client.post("/texts", data={"shown": "yes", "entry": SEVERE, "next": f"/entries/{SEVERE}"})
    assert 'data-texts="shown"' in answer.text
    assert hidden(client, SEVERE) == 0
    assert hidden(client, UNKNOWN) == 2
    client.post("/texts", data={"shown": "no", "entry": SEVERE})
    assert hidden(client, SEVERE) == 3


def test_shown_in_lists_is_not_shown_on_an_entry(client: TestClient) -> None:
    client.post("/content-note")
    client.post("/texts", data={"shown": "yes"})
    assert '<html lang="en" data-texts="shown"' in client.get("/datasets/pairs/entries").text
    assert hidden(client, SEVERE) == 3


def test_any_entry_can_be_blurred_by_hand(client: TestClient) -> None:
    assert hidden(client, SAFE) == 0
    client.post("/texts", data={"shown": "no", "entry": SAFE})
    assert hidden(client, SAFE) == 3
    assert hidden(client, MINOR) == 0


def test_blurring_is_the_reviewers_choice(alice: TestClient) -> None:
    alice.post("/content-note")
    settle(alice, "blurring", blur_from="never")
    assert hidden(alice, SEVERE) == 0
    settle(alice, "blurring", blur_from="0")
    assert hidden(alice, SAFE) == 3


def test_blurred_while_blind_is_no_hint(alice: TestClient) -> None:
    alice.post("/content-note")
    settle(alice, "reviewing", mode="blind")
    assert [hidden(alice, entry) for entry in (SEVERE, SAFE)] == [3, 3]
    page = text_of(alice.get(f"/entries/{SEVERE}").text)
    assert page.count("Blurred Hold to read") == 3
    assert "Cybercrime Hold" not in page
    settle(alice, "blurring", blur_from="2")  # and nothing while blind
    assert [hidden(alice, entry) for entry in (SEVERE, SAFE)] == [0, 0]


def test_note_comes_before_the_first_harmful_entry(client: TestClient) -> None:
    assert "Before you read" not in client.get(f"/entries/{SAFE}").text
    assert "Before you read" not in client.get(f"/entries/{MINOR}").text
    page = client.get(f"/entries/{SEVERE}").text
    assert "Before you read" in page
    assert "data-note" in page
    assert 'name="next" value="/entries/1"' in page
    answer = client.post("/content-note", data={"next": "/entries/1"})
    assert answer.url.path == "/entries/1"
    assert "Before you read" not in answer.text


def test_note_veils_what_would_not_be_blurred(alice: TestClient) -> None:
    settle(alice, "blurring", blur_from="never")
    assert hidden(alice, SEVERE) == 3
    alice.post("/texts", data={"shown": "yes", "entry": SEVERE})
    assert "data-note" in alice.get(f"/entries/{SEVERE}").text
    alice.post("/content-note")
    assert hidden(alice, SEVERE) == 0


def test_note_while_blind_comes_with_any_entry(alice: TestClient) -> None:
    settle(alice, "reviewing", mode="blind")
    assert "Before you read" in alice.get(f"/entries/{SAFE}").text


def test_note_is_no_wall(alice: TestClient) -> None:
    assert 'id="review"' in alice.get(f"/entries/{SEVERE}").text


def test_pause_shows_nothing_of_the_dataset(alice: TestClient) -> None:
    alice.post("/texts", data={"shown": "yes", "entry": SEVERE})
    page = alice.get(f"/entries/{SEVERE}").text
    assert f'href="/pause?next=/entries/{SEVERE}" data-leave aria-keyshortcuts="q"' in page
    pause = alice.get(f"/pause?next=/entries/{SEVERE}")
    assert "cactus" not in pause.text
    assert f'href="/entries/{SEVERE}"' in pause.text
    assert hidden(alice, SEVERE) == 3
    assert 'href="//elsewhere.example"' not in alice.get("/pause?next=//elsewhere.example").text


def exposure(client: TestClient) -> str:
    return text_of(client.get("/settings/exposure").text)


def test_nobody_has_read_anything_without_a_name(client: TestClient) -> None:
    answer = client.get("/settings/exposure", follow_redirects=False)
    assert answer.headers["location"] == "/reviewers?next=/settings/exposure"


def test_exposure_counts_what_was_judged_and_skipped(alice: TestClient, database: Database) -> None:
    assert "No harm category yet" in exposure(alice)
    review(alice, SEVERE)
    review(alice, SAFE)
    alice.post(f"/entries/{MINOR}/skip", data={"key": "one"})
    page = exposure(alice)
    assert "Entries 3 today · 3 this week" in page
    assert "unknown 1 today · 1 this week" in page
    for category in ("Cybercrime", "Violence", "Drugs"):
        assert f"{category} 1 1" in page
    with database.write() as db:
        db.execute(update(Decision).values(at=now() - timedelta(days=7)))
    assert "Entries 0 today · 0 this week" in exposure(alice)


def test_what_was_undone_is_not_counted(alice: TestClient) -> None:
    review(alice, SEVERE)
    alice.post("/undo")
    assert "Entries 0 today · 0 this week" in exposure(alice)


def test_exposure_is_of_oneself_alone(alice: TestClient, bob: TestClient) -> None:
    review(alice, SEVERE)
    assert "Entries 0 today" in exposure(bob)
    assert "Cybercrime" not in exposure(bob)


def test_exposure_tells_no_label_before_the_reveal(alice: TestClient) -> None:
    settle(alice, "reviewing", mode="blind")
    alice.post(f"/entries/{SEVERE}/skip", data={"key": "one"})
    page = exposure(alice)
    assert "Entries 1 today" in page
    assert "Not revealed yet: counted below once they are 1 today" in page
    assert "unknown 0 today" in page
    assert "Cybercrime" not in page


def test_break_is_suggested_where_one_reviews(alice: TestClient) -> None:
    settle(alice, "breaks", break_minutes="20", break_severe="5")
    page = alice.get(f"/entries/{SEVERE}").text
    assert 'data-minutes="20" data-severe="5" hidden' in page
    assert re.search(r'id="entry"[^>]* data-severe', page)
    assert not re.search(r'id="entry"[^>]* data-severe', alice.get(f"/entries/{MINOR}").text)
    settle(alice, "reviewing", mode="blind")
    assert not re.search(r'id="entry"[^>]* data-severe', alice.get(f"/entries/{SEVERE}").text)
