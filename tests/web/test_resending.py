"""A form has a key: sent again it changes nothing, and changed meanwhile it is another form."""

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Comment, Decision, Event, Skip
from app.operations.consistency import check_event_log, check_reviews

pytestmark = pytest.mark.usefixtures("sample")
JSON = {"Accept": "application/json"}


def save(client: TestClient, entry: int = 1, revision: int = 0, **fields: str) -> tuple[int, dict[str, object]]:
    form = {"revision": str(revision), "key": "k1", "action": "save", **fields}
    answer = client.post(f"/entries/{entry}/review", data=form, headers=JSON)
    return answer.status_code, answer.json()


def skip(client: TestClient, entry: int, key: str) -> tuple[int, dict[str, object]]:
    answer = client.post(f"/entries/{entry}/skip", data={"key": key, "skip_reason": "Later."}, headers=JSON)
    return answer.status_code, answer.json()


def decisions(database: Database) -> int:
    with database.read() as db:
        assert [*check_event_log(db), *check_reviews(db)] == []
        return db.query(Decision).count()


def test_review_sent_again_is_stored_once(alice: TestClient, database: Database) -> None:
    first = save(alice, comment="Prune it in spring.")
    assert save(alice, comment="Prune it in spring.") == first
    assert decisions(database) == 1


def test_review_sent_again_later_leaves_what_came_since(alice: TestClient, database: Database) -> None:
    _, first = save(alice, comment="Prune it in spring.")
    save(alice, revision=1, key="k2", comment="Prune it in autumn.")
    status, again = save(alice, comment="Prune it in spring.")
    assert (status, again["decision"]) == (200, first["decision"])
    assert "Prune it in autumn." in alice.get("/entries/1").text
    assert decisions(database) == 2


def test_form_that_was_changed_is_not_taken_for_the_one_before(alice: TestClient, database: Database) -> None:
    """As after Back in a browser, which brings the page with its key and its revision."""
    save(alice, comment="Prune it in spring.")
    status, problem = save(alice, comment="Never prune it.")
    assert (status, problem["revision"]) == (409, 1)
    status, _ = save(alice, revision=1, comment="Never prune it.")
    assert status == 200
    with database.read() as db:
        assert db.query(Comment).one().body == "Never prune it."
    assert decisions(database) == 2


def test_key_of_another_entry_loses_nothing(alice: TestClient, database: Database) -> None:
    save(alice, comment="Prune it in spring.")
    save(alice, entry=2, key="k2", comment="Water it.")
    for entry, revision in ((2, 1), (3, 0)):
        status, answer = save(alice, entry=entry, revision=revision, comment="Prune it in spring.")
        assert (status, answer["revision"]) == (200, revision + 1)
    assert decisions(database) == 4


def test_skip_sent_again_is_one_skip(alice: TestClient, database: Database) -> None:
    first = skip(alice, 1, "s1")
    skip(alice, 2, "s2")
    assert skip(alice, 1, "s1") == first
    with database.read() as db:
        assert [one.entry_id for one in db.query(Skip).order_by(Skip.at)] == [1, 2]
        assert db.query(Event).where(Event.kind == "review.skipped").count() == 2
    assert decisions(database) == 2
