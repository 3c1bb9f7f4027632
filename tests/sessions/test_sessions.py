import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest

from app.models import Reservation, Review, SessionEntry
from app.models.base import now
from tests.factories import import_rows, row, rows
from tests.sessions.running import agree, conditions, draw, open_session, take, work_through
from tests.team import open_client
from tests.web.reviewing import send


@pytest.fixture
def plants(client, database, tmp_path, alice, bob):
    """Five entries, three of them sampled, in local mode."""
    import_rows(database, tmp_path, rows(5), slug="plants")
    return draw(database)


def reviews_of(database) -> list[tuple[int, int]]:
    with database.read() as db:
        return sorted((item.entry_id, item.done) for item in db.query(SessionEntry))


def test_two_people_finish_a_session(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    assert len(work_through(alice, session)) == 3
    assert len(work_through(bob, session)) == 3
    assert [done for _, done in reviews_of(database)] == [2, 2, 2]
    page = alice.get(f"/sessions/{session}").text
    assert "<strong>6</strong> of 6 reviews" in page
    assert "All yours is done: 3 reviews" in alice.get(f"/sessions/{session}/review?done=yes").text


def test_nobody_gets_an_item_that_enough_people_have(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    first, second = take(alice, session), take(bob, session)
    assert first != second
    assert take(alice, session) == first, "one's own item is handed out again"
    agree(alice, first)
    assert len(work_through(bob, session)) + 1 <= 3
    work_through(alice, session)
    assert [done for _, done in reviews_of(database)] == [1, 1, 1]


def test_looking_hands_nothing_out(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    assert "at most 3 left" in alice.get(f"/sessions/{session}/review").text
    with database.read() as db:
        assert not db.query(Reservation).count()
    address = take(alice, session)
    assert alice.get(f"/sessions/{session}/review", follow_redirects=False).headers["location"] == address


def test_what_is_put_off_comes_again_at_the_end(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    first = take(alice, session)
    entry, _, item = first.partition("?")
    second = alice.post(f"{entry}/skip?{item}", data={"key": "k"}, follow_redirects=False).headers["location"]
    assert second.partition("&")[0] != first
    assert work_through(alice, session)[-1] == first


def test_undone_review_of_a_session_is_to_be_given_again(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    address = take(alice, session)
    agree(alice, address)
    back = alice.post("/undo", data={}, follow_redirects=False).headers["location"]
    assert back.startswith(address)
    assert alice.get(back).status_code == 200
    assert [done for _, done in reviews_of(database)] == [0, 0, 0]


def test_reviews_of_a_session_stay_as_they_are_once_it_is_closed(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    address = take(alice, session)
    agree(alice, address)
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    undone = alice.post("/undo", data={})
    assert undone.status_code == 409
    assert "is closed" in undone.text
    assert alice.get(address).status_code == 409
    alice.post(f"/sessions/{session}/state", data={"step": "reopen"})
    assert alice.get(address).status_code == 200


def test_a_review_for_a_session_is_another_one_than_ones_own(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob")
    address = take(alice, session)
    entry = int(address.split("/")[2].partition("?")[0])
    alice.post(f"/entries/{entry}/review", data={"revision": "0", "action": "rest"})
    assert agree(alice, address).status_code == 303
    with database.read() as db:
        found = db.query(Review).filter_by(entry_id=entry).all()
        assert sorted(bool(review.item_id) for review in found) == [False, True]
    exported = alice.get("/datasets/plants/export?what=reviews&format=jsonl").text
    assert '"session":"Spring check"' in exported.replace(": ", ":")


def test_blind_session_tells_no_label_anywhere_until_it_is_closed(client, database, tmp_path, alice, bob):
    import_rows(database, tmp_path, [row(0, response_0_severity_level=3), row(1)], slug="plants")
    session = open_session(alice, database, draw(database, 1), "Alice", "Bob", conditions="blind")
    address = take(alice, session)
    for path in (address, "/entries/1", "/entries/2"):
        page = alice.get(path).text
        assert 'data-stage="blind"' in page
        assert "Severity:" not in page
        assert "better</span>" not in page
    assert alice.get("/datasets/plants/entries?severity=3").status_code == 403
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    assert 'data-stage="open"' in alice.get("/entries/2").text


def test_revealed_entry_tells_no_labels_of_others_with_its_prompt(client, database, tmp_path, alice, bob):
    import_rows(database, tmp_path, [row(n, prompt="Which fern?") for n in range(3)], slug="plants")
    session = open_session(alice, database, draw(database, 2), "Alice", "Bob", conditions="blind")
    entry, _, query = take(alice, session).partition("?")
    assert send(alice, int(entry.split("/")[2]), "cannot_judge_rest", f"?{query}").status_code == 303
    revealed = alice.get(f"{entry}?{query}").text
    assert 'data-stage="revealed"' in revealed
    assert "with this prompt" not in revealed
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    assert "with this prompt" in alice.get("/entries/3").text


def test_only_the_labels_that_a_session_asks_for_are_judged(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob", label_fields=["better_response_id"])
    address = take(alice, session)
    page = alice.get(address).text
    assert 'name="verdict.better_response_id"' in page
    assert 'name="verdict.safer_response_id"' not in page


def test_practice_comes_first_and_teaches_after_the_answer(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob", practice="5 Look at the roots.")
    address = take(alice, session)
    assert address.startswith("/entries/5?")
    assert "Look at the roots." not in alice.get(address).text
    answer = agree(alice, address)
    assert "Look at the roots." in alice.get(answer.headers["location"]).text
    assert not take(alice, session).startswith("/entries/5?")


def test_some_entries_come_a_second_time_to_the_same_person(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1, repeat_share=100)
    seen = [address.partition("?")[0] for address in work_through(alice, session)]
    assert len(seen) == 6
    assert seen[:3] != seen[3:] or len(set(seen)) == 3
    assert sorted(seen[3:]) == sorted(set(seen))
    assert work_through(bob, session) == []


def test_what_somebody_had_is_free_when_they_leave(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    had = take(bob, session)
    people = conditions(database, plants, "Alice")["reviewers"]
    alice.post(f"/sessions/{session}/participants", data={"reviewers": people})
    assert had in work_through(alice, session)
    assert bob.get(had).status_code == 403


def test_item_may_be_given_to_one_person_or_reviewed_once_more(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    with database.read() as db:
        item = db.query(SessionEntry).order_by(SessionEntry.position).first().id
        bobs = conditions(database, plants, "Bob")["reviewers"][0]
    place = f"/sessions/{session}/items/{item}"
    alice.post(place, data={"action": "reassign", "reviewer": bobs})
    assert all(f"item={item}" not in address for address in work_through(alice, session))
    assert any(f"item={item}" in address for address in work_through(bob, session))
    alice.post(place, data={"action": "requeue"})
    assert "1 of 2" in alice.get(f"/sessions/{session}").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "Give the session a name"),
        ({"overlap": 3}, "only 2 take part"),
        ({"overlap": "many"}, "overlap is a whole number from 1 to 20"),
        ({"reviewers": []}, "Choose who reviews"),
        ({"label_fields": []}, "Choose at least one label"),
        ({"due_on": "tomorrow"}, "a day such as 2026-12-24"),
        ({"practice": "the first one"}, "Line 1 of the practice entries"),
        ({"practice": "77 Look."}, "no entry 77"),
    ],
)
def test_form_that_cannot_be_read_says_why(plants, alice, database, wrong, said):
    answer = alice.post("/sessions", data=conditions(database, plants, "Alice", "Bob", **wrong))
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="A few plants"' in answer.text or 'value="Spring check"' in answer.text or wrong == {"name": " "}


def test_who_takes_no_part_gets_nothing(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", overlap=1)
    assert bob.post(f"/sessions/{session}/next").status_code == 403
    address = take(alice, session)
    assert bob.get(address).status_code == 403
    assert alice.get("/entries/5?item=1").status_code in (403, 404)
    assert alice.get("/entries/1?item=x").status_code == 422


def test_overview_says_what_one_owes(plants, alice, bob, database):
    open_session(alice, database, plants, "Alice", overlap=1, due_on="2026-12-24")
    mine = re.sub(r"\s+", " ", alice.get("/").text)
    assert "Yours to review" in mine
    assert "at most 3 left" in mine
    assert "due 2026-12-24" in mine
    assert "Yours to review" not in bob.get("/").text


def test_reviewer_of_a_team_sees_their_sessions_and_runs_none(team, database, tmp_path):
    import_rows(database, tmp_path, rows(3), slug="plants")
    plan = draw(database, 2)
    session = open_session(team("carol"), database, plan, "alice", overlap=1)
    alice = team("alice")
    assert alice.get(f"/sessions/{session}").status_code == 200
    assert "By person" not in alice.get(f"/sessions/{session}").text
    assert alice.post(f"/sessions/{session}/state", data={"step": "close"}).status_code == 403
    assert len(work_through(alice, session)) == 2
    assert team("bob").get(f"/sessions/{session}").status_code == 403


def test_item_of_who_was_away_goes_to_others_and_overlap_holds(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    had = take(alice, session)
    with database.write() as db:
        db.query(Reservation).one().until -= timedelta(hours=1)
    assert take(bob, session) == had
    late = agree(alice, had)
    assert late.status_code == 409
    assert "given to somebody else meanwhile" in late.text
    assert agree(bob, had).status_code == 303
    assert max(done for _, done in reviews_of(database)) == 1


def test_who_was_away_may_still_save_what_nobody_else_has(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    had = take(alice, session)
    with database.write() as db:
        db.query(Reservation).one().until -= timedelta(hours=1)
    assert agree(alice, had).status_code == 303


def test_who_types_keeps_what_they_have(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", "Bob", overlap=1)
    entry, _, item = take(alice, session).partition("?item=")
    with database.write() as db:
        db.query(Reservation).one().until -= timedelta(minutes=20)
    alice.put(f"{entry}/draft", data={"sequence": "1", "item": item, "comment": "Hm", "revision": "0"})
    with database.read() as db:
        assert db.query(Reservation).one().until > now() + timedelta(minutes=29)


def test_what_a_session_cannot_do_is_said(plants, alice, bob, database):
    session = open_session(alice, database, plants, "Alice", overlap=1)
    base = f"/sessions/{session}"
    with database.read() as db:
        item = db.query(SessionEntry).first().id
    bobs = conditions(database, plants, "Bob")["reviewers"][0]
    for path, form, status, said in (
        ("state", {"step": "reopen"}, 303, ""),  # it is open already
        ("participants", {"reviewers": []}, 422, "Somebody has to review"),
        ("participants", {"reviewers": ["999"]}, 422, "among those who may review"),
        (f"items/{item}", {"action": "requeue"}, 409, "Add a reviewer first"),
        (f"items/{item}", {"action": "reassign", "reviewer": bobs}, 422, "do not take part"),
        ("items/999", {"action": "requeue"}, 404, "no item 999"),
    ):
        answer = alice.post(f"{base}/{path}", data=form, follow_redirects=False)
        assert answer.status_code == status, path
        assert said in answer.text
    work_through(alice, session)
    assert (
        "has all its reviews"
        in alice.post(
            f"{base}/items/{item}",
            data={"action": "reassign", "reviewer": conditions(database, plants, "Alice")["reviewers"]},
        ).text
    )
    alice.post(f"{base}/state", data={"step": "pause"})
    assert alice.post(f"{base}/next").status_code == 409
    assert "The session is paused" in alice.get(f"{base}/review").text
    alice.post(f"{base}/state", data={"step": "close"})
    assert alice.post(f"{base}/state", data={"step": "pause"}).status_code == 409
    assert alice.get("/sessions/77").status_code == 404
    assert alice.get("/sessions/new?plan=77").status_code == 404


def test_twenty_reviewers_at_once_finish_every_entry(settings, database, tmp_path):
    import_rows(database, tmp_path, rows(12), slug="plants")
    names = [f"Gardener {number}" for number in range(20)]
    with ExitStack() as stack:
        people = [stack.enter_context(open_client(settings)) for _ in names]
        for person, name in zip(people, names, strict=True):
            person.post("/reviewers", data={"name": name})
        session = open_session(people[0], database, draw(database, 12), *names, overlap=3)
        with ThreadPoolExecutor(20) as pool:
            handed = list(pool.map(lambda person: work_through(person, session), people))
    assert [done for _, done in reviews_of(database)] == [3] * 12
    assert all(len(addresses) == len(set(addresses)) for addresses in handed)
    assert sum(map(len, handed)) == 36


def test_what_is_said_in_a_session_stands_beside_what_was_said_outside(client, database, tmp_path, alice, bob, run):
    import_rows(database, tmp_path, [row(n) for n in range(2)], slug="plants")
    agree(alice, "/entries/1", comment="A fern.", flag="yes")
    session = open_session(alice, database, draw(database, 1), "Alice", overlap=1)
    address = take(alice, session)
    assert agree(alice, address, comment="A moss, after all.").status_code == 303
    assert "A moss, after all." in alice.get(address).text
    outside = alice.get("/entries/1").text
    assert "A fern." in outside
    exported = alice.get("/datasets/plants/export?what=reviews&format=jsonl").text
    rows = [json.loads(line) for line in exported.splitlines()]
    assert {(one["session"], one["comment"]) for one in rows} == {
        (None, "A fern."),
        ("Spring check", "A moss, after all."),
    }
    alice.post("/undo", data={})
    done = run("check")
    assert done.returncode == 0, done.stdout


def test_draft_of_an_item_is_another_one_than_the_draft_outside(plants, alice, database):
    address = take(alice, open_session(alice, database, plants, "Alice", overlap=1))
    entry, _, item = address.partition("?item=")
    alice.put(f"{entry}/draft", data={"sequence": "2", "revision": "0", "comment": "A fern."})
    alice.put(f"{entry}/draft", data={"sequence": "1", "revision": "0", "comment": "A moss.", "item": item})
    assert "A fern." in alice.get(entry).text
    assert "A moss." not in alice.get(entry).text
    assert "A moss." in alice.get(address).text
    assert agree(alice, address).status_code == 303
    assert "A moss." not in alice.get(address).text
    assert "A fern." in alice.get(entry).text, "a save in a session leaves what was begun outside"
    alice.post(f"{entry}/draft/discard")
    assert "A fern." not in alice.get(entry).text


def test_what_was_put_off_outside_stays_so_when_a_session_asks_for_it(plants, alice, database):
    session = open_session(alice, database, plants, "Alice", overlap=1)
    address = take(alice, session)
    entry = address.partition("?")[0]
    alice.post(f"{entry}/skip", data={"key": "k", "revision": "0"})
    assert "put off" in alice.get(entry).text
    assert "put off" not in alice.get(address).text
    assert agree(alice, address).status_code == 303
    assert "put off" in alice.get(entry).text


@pytest.mark.parametrize(
    ("item", "status", "said"),
    [("999", 404, "is no item 999 of a review session"), ("x", 422, "item must be the number of an item")],
)
def test_draft_of_an_item_that_is_not_there_is_refused(plants, alice, database, item, status, said):
    answer = alice.put("/entries/1/draft", data={"sequence": "1", "revision": "0", "item": item})
    assert answer.status_code == status
    assert said in answer.text


def test_check_counts_the_reviews_of_every_item(client, database, tmp_path, alice, bob, run):
    import_rows(database, tmp_path, [row(n) for n in range(2)], slug="plants")
    session = open_session(alice, database, draw(database, 2), "Alice", overlap=1)
    work_through(alice, session)
    assert run("check").returncode == 0
    with database.write() as db:
        db.get_one(SessionEntry, 1).done = 5
    done = run("check")
    assert done.returncode == 1
    assert "Item 1 of review session 1 counts 5 reviews, and has 1." in done.stdout


def test_deleted_dataset_takes_its_sessions_with_it(client, database, tmp_path, alice, bob, run):
    import_rows(database, tmp_path, [row(n) for n in range(3)], slug="plants")
    session = open_session(alice, database, draw(database, 2), "Alice", "Bob")
    work_through(alice, session)
    take(bob, session)
    assert run("datasets", "delete", "plants", "--confirm", "plants").returncode == 0
    assert alice.get(f"/sessions/{session}").status_code == 404
    assert "No session yet" in alice.get("/sessions").text
    assert run("check").returncode == 0
