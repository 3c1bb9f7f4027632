"""Entries that reviewers put off, or were spared, stand beside the shares of agreement and in none of them."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row
from tests.web.test_care import review, settle
from tests.web.test_entries import text_of

STATISTICS = "/api/v1/datasets/pairs/statistics"


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    """Entries 2 and 3 are about cybercrime, entry 4 about drugs."""
    crimes = [row(n, unsafe_0=(1, "Cybercrime")) for n in (1, 2)]
    import_rows(database, tmp_path, [row(0), *crimes, row(3, unsafe_1=(1, "Drugs")), row(4)])


def test_what_was_put_off_is_told(alice: TestClient) -> None:
    review(alice, 1)
    assert "Not answered" not in text_of(alice.get("/").text)
    alice.post("/entries/2/skip", data={"key": "one"})
    assert "1 time a reviewer put an entry off, 0 times a queue passed over one" in text_of(alice.get("/").text)
    assert "1 time a reviewer put an entry off" in text_of(alice.get("/datasets/pairs").text)
    assert alice.get(STATISTICS).json()["non_response"] == {"put_off": 1, "opted_out": 0}
    assert alice.get(f"{STATISTICS}?split=train").json()["non_response"] is None


def test_queue_passes_over_what_was_opted_out_of(alice: TestClient) -> None:
    settle(alice, "opt-out", opted_out=["cybercrime", "drugs"])
    review(alice, 1)
    assert alice.get(STATISTICS).json()["non_response"]["opted_out"] == 3
    settle(alice, "opt-out", opted_out=["drugs"])
    assert alice.get(STATISTICS).json()["non_response"]["opted_out"] == 1


def test_statistics_are_new_when_a_queue_passed_over_more(alice: TestClient, bob: TestClient) -> None:
    tag = alice.get(STATISTICS).headers["ETag"]
    bob.post("/entries/2/skip", data={"key": "one"})
    assert alice.get(STATISTICS, headers={"If-None-Match": tag}).status_code == 200
