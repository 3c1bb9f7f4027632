"""How one reviewer wants to review: parts of a page, each saved by itself and kept with an event."""

import re
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.db import Database
from app.models import Event, Reviewer
from app.terms.keymap import ACTIONS, DEFAULT_KEYS
from app.terms.profile import Mode, Profile
from tests.factories import beavertails_row, import_rows, row
from tests.web.test_entries import text_of

KEYS = {f"key.{action.name}": action.key for action in ACTIONS}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1)])


def save(client: TestClient, section: str, **form: Any) -> Response:
    data = {name.replace("__", "."): value for name, value in form.items()}
    return client.post(f"/settings/{section}", data=data, follow_redirects=False)


def profile(database: Database) -> Profile:
    with database.read() as db:
        return db.query(Reviewer).one().profile


def events(database: Database) -> list[dict[str, Any]]:
    with database.read() as db:
        return [event.data for event in db.query(Event).filter_by(kind="reviewer.profile_changed").order_by(Event.id)]


def test_it_works(alice: TestClient, database: Database) -> None:
    answer = save(alice, "reviewing", mode="blind", shuffles="yes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings?saved=reviewing#reviewing")
    assert (profile(database).mode, profile(database).shuffles) == (Mode.BLIND, True)
    assert events(database) == [
        {"before": {"mode": "open", "shuffles": False}, "after": {"mode": "blind", "shuffles": True}}
    ]
    page = alice.get(answer.headers["location"]).text
    assert text_of(page).count("✓ saved") == 1
    assert re.search(r'value="blind" checked', page)


def test_nobody_has_settings_without_a_name(client: TestClient) -> None:
    assert client.get("/settings", follow_redirects=False).headers["location"] == "/reviewers?next=/settings"
    assert save(client, "reviewing", mode="blind").status_code == 403
    assert 'href="/settings"' not in client.get("/").text


def test_settings_are_in_the_header(alice: TestClient) -> None:
    assert 'href="/settings"' in alice.get("/").text


def test_saving_what_is_already_so_is_no_event(alice: TestClient, database: Database) -> None:
    save(alice, "reviewing", mode="open")
    assert events(database) == []


def test_each_part_leaves_the_others_as_they_are(alice: TestClient, database: Database) -> None:
    save(alice, "reviewing", mode="blind")
    save(alice, "blurring", blur_from="never")
    save(alice, "breaks", break_minutes="25", break_severe="0")
    now = profile(database)
    assert (now.mode, now.blur_from, now.blurs_blind) == (Mode.BLIND, None, False)
    assert (now.break_minutes, now.break_severe) == (25, 0)
    page = alice.get("/settings").text
    assert 'value="never" checked' in page
    assert 'name="break_minutes" value="25"' in page


def test_switch_goes_back_to_where_one_was(alice: TestClient, database: Database) -> None:
    answer = save(alice, "mode", mode="blind", next="/entries/1?q=cactus")
    assert answer.headers["location"] == "/entries/1?q=cactus"
    assert profile(database).is_blind
    assert save(alice, "mode", mode="open", next="//elsewhere.example").headers["location"] == "/"


@pytest.mark.parametrize(
    ("section", "named", "form"),
    [
        ("mode", "mode", {"mode": "sideways"}),
        ("reviewing", "mode", {}),
        ("blurring", "blur_from", {"blur_from": "4"}),
        ("opt-out", "opted_out", {"opted_out": "tulips"}),
        ("breaks", "minutes of reviewing", {"break_minutes": "soon", "break_severe": "3"}),
        ("breaks", "number of severe entries", {"break_minutes": "5", "break_severe": "1001"}),
        ("breaks", "number of severe entries", {"break_minutes": "5", "break_severe": "٣"}),
    ],
)
def test_what_cannot_be_is_refused(
    alice: TestClient, database: Database, section: str, named: str, form: dict[str, str]
) -> None:
    answer = save(alice, section, **form)
    assert answer.status_code == 422
    assert re.search(rf"Not saved\. [^.]*{named}\)? must be", text_of(answer.text))
    assert profile(database) == Profile()
    assert events(database) == []


def test_rejected_number_comes_back_as_it_was_typed(alice: TestClient) -> None:
    page = save(alice, "breaks", break_minutes='"soon"', break_severe="3").text
    assert 'name="break_minutes" value="&#34;soon&#34;"' in page
    assert 'aria-describedby="break_minutes-error"' in page


def test_there_are_no_other_parts(alice: TestClient) -> None:
    assert save(alice, "role", role="lead").status_code == 404


def test_keys_may_be_changed(alice: TestClient, database: Database) -> None:
    assert save(alice, "keys", **KEYS | {"key.agree": "J", "key.save": "pagedown"}).status_code == 303
    keymap = profile(database).keymap
    assert (keymap["agree"], keymap["save"], keymap["disagree"]) == ("j", "PageDown", "d")
    assert 'aria-keyshortcuts="PageDown"' in alice.get("/entries/1").text
    assert events(database)[0]["after"] == {"keymap": [["agree", "j"], ["save", "PageDown"]]}


def test_keys_may_be_swapped_and_given_back(alice: TestClient, database: Database) -> None:
    save(alice, "keys", **KEYS | {"key.agree": "d", "key.disagree": "a"})
    assert profile(database).keymap["disagree"] == "a"
    save(alice, "keys", action="defaults")
    assert profile(database).keymap.keys == DEFAULT_KEYS


@pytest.mark.parametrize("key", ["4", "?", "", " ", "ab", "F5", "Escape", "Tab", "ß ß", "\t"])
def test_not_everything_is_a_key(alice: TestClient, database: Database, key: str) -> None:
    answer = save(alice, "keys", **KEYS | {"key.flag": key})
    assert answer.status_code == 422
    assert "“flag”: a key is one character" in text_of(answer.text)
    assert re.search(r'name="key.flag"[^>]*aria-invalid="true"', answer.text)
    assert profile(database) == Profile()


def test_one_key_does_one_thing(alice: TestClient, database: Database) -> None:
    answer = save(alice, "keys", **KEYS | {"key.skip": "a"})
    assert answer.status_code == 422
    assert "cannot both have the key a" in text_of(answer.text)
    assert profile(database) == Profile()


def test_categories_are_those_of_the_datasets(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [beavertails_row(1)], slug="beaver")
    page = alice.get("/settings").text
    codes = re.findall(r'name="opted_out" value="([^"]+)"', page)
    assert {"cybercrime", "animal-abuse"} <= set(codes)
    assert len(codes) == len(set(codes)) > 19
    save(alice, "opt-out", opted_out=["cybercrime", "animal-abuse"])
    assert profile(database).opted_out == ("animal-abuse", "cybercrime")
    assert re.search(r'value="cybercrime" checked', alice.get("/settings").text)
    save(alice, "opt-out")
    assert profile(database).opted_out == ()


def test_categories_of_a_dataset_that_is_gone_stay(
    alice: TestClient, database: Database, tmp_path: Path, run: Any
) -> None:
    import_rows(database, tmp_path, [beavertails_row(1)], slug="beaver")
    codes = re.findall(r'name="opted_out" value="([^"]+)"', alice.get("/settings").text)
    save(alice, "opt-out", opted_out=[codes[0], "cybercrime"])
    assert run("datasets", "delete", "pairs", "--confirm", "pairs").returncode == 0
    assert run("datasets", "delete", "beaver", "--confirm", "beaver").returncode == 0
    assert "No dataset with harm categories is here yet." in alice.get("/settings").text
    save(alice, "opt-out")
    assert set(profile(database).opted_out) == {codes[0], "cybercrime"}
