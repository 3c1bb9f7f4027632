"""What reviewers are told about how to judge: the guideline and its versions, and the definitions of the labels."""

import re

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from app.db import Database
from app.guidelines.actions import LONGEST_GUIDELINE
from app.guidelines.queries import find_version, newest_guideline_id
from app.importing.queries import get_dataset
from app.models import Event

PAGE = "/datasets/sample/guideline"
pytestmark = pytest.mark.usefixtures("sample")


def write(client: TestClient, body: str, begun_with: int = 0, **more: str) -> str:
    return client.post(PAGE, data={"body": body, "begun_with": str(begun_with), **more}).text


def test_dataset_without_one_says_what_it_is_for(client: TestClient) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    assert "No guideline yet" in page.text
    assert "Say who you are" in page.text
    assert f'href="{PAGE}"' in client.get("/datasets/sample").text


def test_saved_guideline_is_shown_as_markdown(alice: TestClient) -> None:
    page = write(alice, "# Leaves\r\n\r\nA **brown** leaf is minor.   \r\n")
    assert "<h3>Leaves</h3>" in page
    assert "<strong>brown</strong>" in page
    assert "Version 1" in page
    assert "alice" in page


def test_nobody_without_a_name_writes(client: TestClient) -> None:
    assert client.post(PAGE, data={"body": "Anonymous"}).status_code == 403
    assert client.get(f"{PAGE}/edit").status_code == 403


def test_every_save_is_a_version(alice: TestClient) -> None:
    write(alice, "Water cacti rarely.")
    assert "Water cacti rarely." in alice.get(f"{PAGE}/edit").text
    assert "Water cacti never." in write(alice, "Water cacti never.", 1)
    older = alice.get(PAGE, params={"version": 1}).text
    assert "Water cacti rarely." in older
    assert "This is an older version" in older
    assert "older version" not in alice.get(PAGE, params={"version": 2}).text
    assert alice.get(PAGE, params={"version": 3}).status_code == 404
    assert alice.get(PAGE, params={"version": 0}).status_code == 422


def test_changes_between_versions_are_marked_word_by_word(alice: TestClient) -> None:
    write(alice, "Keep this line.\nWater cacti rarely.\nDrop this.")
    write(alice, "Keep this line.\nWater cacti never.\n\nAdd this.", 1)
    page = alice.get(PAGE, params={"version": 2, "since": 1}).text
    removed, added = (re.findall(rf"<{tag}><span[^<]*</span>([^<]*)", page) for tag in ("del", "ins"))
    assert "rarely" in removed
    assert "never" in added
    assert "Keep this line." in page
    assert not any("Keep" in text for text in removed + added)


def test_very_long_line_is_replaced_as_a_whole(alice: TestClient) -> None:
    write(alice, "leaf " * 3000)
    write(alice, "root " * 3000, 1)
    page = alice.get(PAGE, params={"version": 2, "since": 1}).text
    assert page.count("<ins>") == page.count("<del>") == 1


def test_text_as_it_is_makes_no_new_version(alice: TestClient) -> None:
    write(alice, "Water cacti rarely.")
    page = write(alice, "Water cacti rarely.\n", 1)
    assert "Version 1" in page
    assert "Version 2" not in page


def test_two_people_at_once_are_shown_both_texts(alice: TestClient, bob: TestClient) -> None:
    write(alice, "Water cacti rarely.")
    write(bob, "Water cacti never.", 1)
    answer = alice.post(PAGE, data={"body": "Water cacti often.", "begun_with": "1"})
    assert answer.status_code == 409
    assert "somebody else wrote a version" in answer.text
    assert '<del><span class="vh">removed: </span>never</del>' in answer.text
    assert "Water cacti often.</textarea>" in answer.text
    assert 'name="begun_with" value="2"' in answer.text
    assert "Water cacti often." in write(alice, "Water cacti often.", 2)
    assert "Version 3" in alice.get(PAGE).text


def test_preview_saves_nothing(alice: TestClient) -> None:
    page = write(alice, "A *soft* leaf", action="preview")
    assert "<em>soft</em>" in page
    assert "not saved yet" in page
    assert "A *soft* leaf</textarea>" in page
    assert "No guideline yet" in alice.get(PAGE).text


@pytest.mark.parametrize("body", ["", " \r\n\t", "leaf\0", "x" * (LONGEST_GUIDELINE + 1)])
def test_what_cannot_be_a_guideline_comes_back_as_typed(alice: TestClient, body: str) -> None:
    answer = alice.post(PAGE, data={"body": body})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "No guideline yet" in alice.get(PAGE).text


def test_markup_and_remote_pictures_stay_out(alice: TestClient) -> None:
    hostile = (
        "<script>alert(1)</script>\n\n![cat](https://cats.example/a.png) [x](javascript:alert(1)) <img src=x onerror=y>"
    )
    write(alice, hostile)
    for path in (PAGE, "/datasets/sample/definitions"):
        page = alice.get(path).text
        assert not re.search(r"<script>|<img|onerror|href=\"javascript:", page)
        assert 'href="https://cats.example/a.png"' in page


def test_writing_is_an_event_of_its_transaction(alice: TestClient, database: Database) -> None:
    write(alice, "Water cacti rarely.")
    with database.read() as db:
        dataset = get_dataset(db, "sample")
        event = db.scalars(select(Event).where(Event.kind == "guideline.written")).one()
        assert event.data["version"] == 1
        assert event.data["body"] == "Water cacti rarely."
        assert event.dataset_id == dataset.id
        newest = newest_guideline_id(db, dataset.id)
        assert newest == event.data["guideline"]
        assert find_version(db, newest) == 1


def test_definitions_name_every_category_and_level(client: TestClient) -> None:
    page = client.get("/datasets/sample/definitions").text
    assert "19 harm categories" in page
    assert "S14" in page
    assert "Cybercrime" in page
    assert "3 severe" in page
    assert "Nobody has written a guideline" in page


def test_definitions_come_as_a_fragment_with_the_newest_guideline(alice: TestClient) -> None:
    write(alice, "Water cacti rarely.")
    fragment = alice.get("/datasets/sample/definitions", headers={"HX-Request-Type": "partial"}).text
    assert fragment.startswith('<div id="definitions"')
    assert "Water cacti rarely." in fragment


def test_dataset_that_is_deleted_takes_its_guideline_along(alice: TestClient, database: Database, run: object) -> None:
    write(alice, "Water cacti rarely.")
    done = run("datasets", "delete", "sample", "--confirm", "sample")  # type: ignore[operator]
    assert done.returncode == 0, done.stderr
    with database.read() as db:
        assert newest_guideline_id(db, 1) is None
