"""What people say of an entry: one thread, in which names are heard, and nothing is told to who judges blind."""

import re
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app.db import Database
from app.models import Comment, Event, Reviewer
from app.operations.consistency import check_event_log, check_reviews
from app.terms.profile import Mode, Profile
from tests.factories import import_rows, row
from tests.web.test_entries import text_of

THREAD, PARTIAL = "/entries/1/comments", {"HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1)])


def say(client: TestClient, body: str, entry: int = 1) -> Response:
    return client.post(f"/entries/{entry}/comments", data={"body": body})


def thread(client: TestClient, path: str = THREAD) -> str:
    page = client.get(path)
    assert page.status_code == 200
    return page.text


def change(client: TestClient, comment: int, **form: str) -> Response:
    return client.post(f"/comments/{comment}", data=form)


def review_blind(database: Database, name: str) -> None:
    with database.write() as db:
        reviewer = db.query(Reviewer).where(Reviewer.name == name).one()
        reviewer.profile = Profile(mode=Mode.BLIND)


def events(database: Database) -> list[tuple[str, object, object]]:
    with database.read() as db:
        found = db.query(Event).where(Event.kind.startswith("comment.")).order_by(Event.id)
        return [(event.kind, event.data.get("before"), event.data.get("after")) for event in found]


def test_it_works(alice: TestClient, bob: TestClient) -> None:
    say(alice, "Which cactus is meant?\r\nThe tall one?")
    page = say(bob, "The <b>round</b> one, as in row 7.")
    assert page.url.path == THREAD
    words = text_of(page.text)
    assert re.search(r"2 comments.*alice.*Which cactus is meant\? The tall one\?.*bob.*The <b>round</b> one", words)
    assert "meant?\nThe tall one?</p>" in page.text
    assert "&lt;b&gt;round" in page.text


def test_htmx_gets_the_thread_alone(alice: TestClient) -> None:
    answer = alice.post(THREAD, data={"body": "Hello."}, headers=PARTIAL)
    assert answer.text.startswith('<section id="thread"')
    assert "Hello." in answer.text


def test_nobody_speaks_without_a_name(client: TestClient, database: Database) -> None:
    assert say(client, "Hello.").status_code == 403
    assert "Say who you are" in text_of(thread(client))
    assert events(database) == []


def test_said_twice_in_a_row_is_said_once(alice: TestClient, bob: TestClient) -> None:
    for client in (alice, alice, bob, alice):
        say(client, "I agree.")
    assert thread(alice).count(">I agree.</p>") == 3


@pytest.mark.parametrize("body", ["", "  \r\n ", "x" * 10_001, "a\0b"])
def test_what_cannot_be_said_comes_back(alice: TestClient, database: Database, body: str) -> None:
    answer = say(alice, body)
    assert answer.status_code == 422
    assert re.search("Type something to say|at most 10,000 characters and no NUL", text_of(answer.text))
    assert body.replace("\0", "") in answer.text.replace("\u2400", "").replace("\0", "")
    assert events(database) == []


def test_longest_comment_fits(alice: TestClient) -> None:
    assert say(alice, "y" * 10_000).status_code == 200


def test_names_are_heard_whatever_their_case(client: TestClient, settings, database: Database) -> None:
    for name in ("Ann", "Ann Marie", "Zoë", "alice"):
        client.post("/reviewers", data={"name": name})
    page = say(client, "@ann marie and @ZOË, but not @ANNA, @bob or post@ann. @Alice!").text
    assert re.findall('<span class="mention( me)?">(.*?)</span>', page) == [
        ("", "@ann marie"),
        ("", "@ZOË"),
        (" me", "@Alice"),
    ]


def test_own_words_can_be_changed(alice: TestClient, database: Database) -> None:
    say(alice, "Too much water.")
    page = text_of(change(alice, 1, body="Too little water.").text)
    assert "Too little water." in page
    assert "edited" in page
    change(alice, 1, body="Too little water.")  # says nothing new
    page = text_of(change(alice, 1, action="delete").text)
    assert "No comments yet" in page
    assert events(database) == [
        ("comment.added", None, "Too much water."),
        ("comment.edited", "Too much water.", "Too little water."),
        ("comment.deleted", "Too little water.", None),
    ]
    assert change(alice, 1, body="Hm.").status_code == 404


def test_change_to_nothing_comes_back_open(alice: TestClient) -> None:
    say(alice, "Too much water.")
    answer = change(alice, 1, body=" ")
    assert answer.status_code == 422
    assert '<details class="change" open>' in answer.text


def test_words_of_others_stay(alice: TestClient, bob: TestClient) -> None:
    say(alice, "Too much water.")
    for action in ("edit", "delete"):
        answer = change(bob, 1, action=action, body="Just right.")
        assert answer.status_code == 403
        assert "somebody else" in text_of(answer.text)
    assert "Too much water." in thread(bob)


def test_comment_of_a_review_changes_with_the_review(alice: TestClient) -> None:
    alice.post("/entries/1/review", data={"revision": "0", "comment": "A whole parish of plants."})
    page = thread(alice)
    assert re.search("alice.*with the review.*A whole parish of plants", text_of(page))
    assert 'class="change"' not in page
    assert change(alice, 1, body="Hm.").status_code == 403


def test_thread_is_resolved_until_somebody_speaks(alice: TestClient, bob: TestClient, database: Database) -> None:
    say(alice, "Which cactus?")
    resolved = bob.post(f"{THREAD}/resolve", data={"resolved": "yes"})
    assert "resolved by bob" in text_of(resolved.text)
    bob.post(f"{THREAD}/resolve", data={"resolved": "yes"})
    assert "resolved by" not in text_of(alice.post(f"{THREAD}/resolve", data={"resolved": "no"}).text)
    bob.post(f"{THREAD}/resolve")
    assert "resolved by" not in text_of(say(alice, "But the round one?").text)
    assert [kind for kind, *_ in events(database)] == [
        "comment.added", "comment.resolved", "comment.reopened", "comment.resolved", "comment.added",
    ]  # fmt: skip


def test_blind_reviewer_sees_the_thread_after_their_own_review(
    alice: TestClient, bob: TestClient, database: Database
) -> None:
    say(alice, "The left one drowns it, @bob.")
    review_blind(database, "bob")
    for answer in (bob.get(THREAD), bob.get(THREAD, headers=PARTIAL), say(bob, "Hm."), bob.post(f"{THREAD}/resolve")):
        assert answer.status_code == 403
        assert "drowns" not in answer.text
    assert "drowns" not in bob.get("/").text
    for told in ("drowns", "Discussion", "/comments", "/others", "/history"):
        assert told not in bob.get("/entries/1").text
    assert bob.get("/entries/2/comments").status_code == 403
    reveal = {"action": "cannot_judge_rest", "revision": "0"}
    bob.post("/entries/1/review", data=reveal)
    assert bob.get(THREAD).status_code == 403  # revealed, not submitted
    bob.post("/entries/1/review", data={"action": "rest", "revision": "1"})
    assert "drowns" in thread(bob)
    assert "drowns" in bob.get("/").text


def test_overview_names_what_waits_for_me(alice: TestClient, bob: TestClient) -> None:
    assert "Said to you" not in alice.get("/").text
    say(alice, "Which cactus?")
    say(alice, "And whose, @Bob?", entry=2)
    assert "Said to you" not in alice.get("/").text
    assert re.search("alice.*named you.*And whose, @Bob", text_of(bob.get("/").text))
    say(bob, "The round one. " + "It is round. " * 20)
    page = alice.get("/")
    assert 'href="/entries/1/comments#comment-3"' in page.text
    assert re.search("bob.*The round one.*…", text_of(page.text))
    bob.post("/entries/2/comments/resolve")
    assert "Said to you" not in bob.get("/").text


def test_mention_in_a_review_waits_too(alice: TestClient, client: TestClient, bob: TestClient) -> None:
    bob.post("/entries/1/review", data={"revision": "0", "comment": "Look here, @alice and @ann."})
    assert "Look here" in text_of(alice.get("/").text)
    client.post("/reviewers", data={"name": "Al"})
    assert "Look here" not in text_of(client.get("/").text)


def test_long_thread_comes_in_parts(alice: TestClient, database: Database) -> None:
    with database.write() as db:
        who = db.query(Reviewer).one().id
        db.add_all([Comment(reviewer_id=who, entry_id=1, of_review=False, body=f"Drop {n}.") for n in range(203)])
    page = thread(alice)
    assert "Drop 202." in page
    assert "Drop 2." not in page
    earlier = re.search(r'href="(/entries/1/comments\?before=\d+)">Earlier', page)
    assert earlier
    assert "Drop 2." in thread(alice, earlier[1])


def test_event_log_still_tells_every_review(alice: TestClient, database: Database) -> None:
    alice.post("/entries/1/review", data={"revision": "0", "comment": "Once."})
    say(alice, "Twice.")
    alice.post(f"{THREAD}/resolve")
    with database.read() as db:
        assert [*check_event_log(db), *check_reviews(db)] == []
