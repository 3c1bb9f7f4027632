"""What entries are flagged for: chosen on the form, and a facet of the list."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, rows
from tests.web.test_entries import text_of

LIST = "/datasets/pairs/entries"


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(5))


def flag(client: TestClient, entry: int, kind: str, revision: int = 0) -> int:
    form = {"revision": str(revision), "flag": kind}
    return client.post(f"/entries/{entry}/review", data=form, follow_redirects=False).status_code


def test_it_works(alice: TestClient, bob: TestClient) -> None:
    flag(alice, 1, "duplicate")
    flag(bob, 1, "personal_data")
    flag(bob, 2, "duplicate")
    found = alice.get("/api/v1/datasets/pairs/entries?flag=duplicate").json()
    assert [entry["id"] for entry in found["entries"]] == [1, 2]
    assert {value: n for value, n in found["facets"]["flag"].items() if n} == {
        "yes": 2, "no": 3, "duplicate": 2, "personal_data": 1,
    }  # fmt: skip
    assert found["sentence"] == "2 of 5 entries that are flagged as duplicate"
    page = text_of(alice.get(f"{LIST}?not_flag=personal_data&flag=yes").text)
    assert "1 of 5 entries that are flagged, without those that are flagged as personal data" in page
    assert "Drop the filter Flag: not personal data" in page


def test_kinds_that_nobody_chose_are_not_offered(alice: TestClient) -> None:
    assert "?flag=text_broken" not in alice.get(LIST).text
    flag(alice, 1, "text_broken")
    assert "?flag=text_broken" in alice.get(LIST).text


def test_charts_say_that_kinds_overlap(alice: TestClient) -> None:
    flag(alice, 1, "duplicate")
    assert "An entry counts for each of its kinds of flags" in text_of(alice.get("/datasets/pairs/charts").text)


def test_form_shows_the_kind_and_takes_another(alice: TestClient) -> None:
    assert flag(alice, 1, "guideline_unclear") == 303
    page = alice.get("/entries/1").text
    assert re.search('value="guideline_unclear" checked', page)
    assert '⚑</span> <span class="flag-face">guideline unclear' in page
    assert flag(alice, 1, "", revision=1) in (303, 422)
    assert flag(alice, 2, "praise") == 422


@pytest.mark.parametrize("value", ["maybe", "Duplicate"])
def test_unknown_kind_is_refused(client: TestClient, value: str) -> None:
    answer = client.get(f"{LIST}?flag={value}")
    assert answer.status_code == 422
    assert "guideline_unclear" in text_of(answer.text)
