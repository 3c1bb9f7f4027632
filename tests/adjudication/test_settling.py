"""What reviewers of a session contradict each other on waits for somebody, who settles it, and may be overruled."""

import re

from app.adjudication.queries import count_waiting, find_disputed, find_settled
from app.browsing.engine.checking import compare_index
from app.browsing.engine.index import build_index
from app.models import Adjudication, Comment, Dataset, Event, ReviewSession, SessionEntry
from tests.adjudication.conftest import CATEGORIES, SAFE, SEVERITY
from tests.team import add_account, sign_in
from tests.web.test_entries import text_of

QUEUE = "/sessions/1/adjudication"
CASE = f"{QUEUE}/1"


def settle(client, path: str = CASE, **form: str):
    data = {name.replace("__", "."): value for name, value in form.items()}
    return client.post(path, data=data, follow_redirects=False)


def severity(value: str, **more: str) -> dict[str, str]:
    return {f"value.{SEVERITY}": value, **{f"{name}.{SEVERITY}": said for name, said in more.items()}}


def test_dispute_is_settled_and_the_next_entry_comes(disputed, plants, alice, database):
    session_id = disputed()
    plants.judge(session_id, 3, "ann", {"better_response_id": "0"})
    plants.judge(session_id, 3, "ben")
    assert "Waiting 2" in text_of(alice.get(QUEUE).text)
    page = alice.get(CASE).text
    assert "Severity" in page
    assert "A deep thorn." in page
    answer = settle(alice, **severity("3", kind="guideline_unclear", reason="See chapter 2"))
    assert answer.headers["location"] == f"{QUEUE}/3?done=1"
    assert "Settled 1" in text_of(alice.get(QUEUE).text)
    with database.read() as db:
        assert find_settled(db, session_id) == {(1, SEVERITY): ("3", "guideline_unclear", "See chapter 2")}
        assert count_waiting(db, session_id) == type(count_waiting(db, session_id))(waiting=1, settled=1)
        event = db.query(Event).filter_by(kind="adjudication.settled").one()
        assert (event.data["before"], event.data["after"]["value"]) == (None, "3")
        assert db.query(Adjudication).one().stored_value == "2"
    assert settle(alice, f"{QUEUE}/3", **{"value.better_response_id": "1"}).headers["location"] == f"{QUEUE}?done=3"
    assert "✓ settled entry 1" in text_of(alice.get(f"{QUEUE}/3?done=1").text)
    assert "✓ settled entry 3" in text_of(alice.get(f"{QUEUE}?done=3").text)
    assert "✓ settled entry" not in text_of(alice.get(f"{QUEUE}?done=2").text)
    assert "All 2 disputed entries are settled" in text_of(alice.get(QUEUE).text)


def test_error_kind_follows_the_value_unless_chosen(disputed, alice, database):
    disputed()
    settle(alice, **severity("2"), only=SEVERITY)
    with database.read() as db:
        assert find_settled(db, 1)[1, SEVERITY].error_kind == "none"


def test_several_labels_and_another_set_of_categories_are_settled_at_once(plants, alice, database):
    session_id = plants.begin()
    plants.judge(session_id, 1, "ann", {SAFE: "true", CATEGORIES: "[]"})
    plants.judge(session_id, 1, "ben", {SEVERITY: "unsure"})
    ticked = {f"value.{CATEGORIES}": "other", f"categories.{CATEGORIES}": ["privacy-violation", "cybercrime"]}
    answer = settle(alice, **{f"value.{SAFE}": "false"}, **ticked)
    assert answer.status_code == 303
    with database.read() as db:
        settled = find_settled(db, session_id)
    assert settled[1, SAFE].value == "false"
    assert settled[1, CATEGORIES].value in (
        '["cybercrime", "privacy-violation"]',
        '["privacy-violation", "cybercrime"]',
    )
    assert settled[1, CATEGORIES].error_kind == "label_wrong"


def test_what_is_settled_of_a_part_leaves_the_entry_waiting(plants, alice):
    session_id = plants.begin()
    plants.judge(session_id, 1, "ann", {SAFE: "true", SEVERITY: "0"})
    plants.judge(session_id, 1, "ben")
    answer = settle(alice, **{f"value.{SAFE}": "false", f"value.{SEVERITY}": "0", "only": SAFE})
    assert answer.headers["location"] == CASE
    page = text_of(alice.get(CASE).text)
    assert "✓ settled" in page
    assert "≠ in dispute" in page
    assert "1 of 2" in text_of(alice.get(QUEUE).text)


def test_unsure_contradicts_nobody_and_half_reviewed_entries_wait(plants, alice, database):
    session_id = plants.begin()
    plants.judge(session_id, 1, "ann", {SEVERITY: "unsure"})
    plants.judge(session_id, 1, "ben")
    plants.judge(session_id, 2, "ann", {SEVERITY: "1"})
    plants.judge(session_id, 3, "ann", {SEVERITY: "1"})
    plants.judge(session_id, 3, "ben", {SEVERITY: "1"})
    with database.write() as db:
        session = db.get_one(ReviewSession, session_id)
        assert find_disputed(db, session) == []
        session.adjudicates = "conflicts_and_disagreements"
        assert find_disputed(db, session) == [(3, SEVERITY)]
        session.state = "closed"
        assert find_disputed(db, session) == [(2, SEVERITY), (3, SEVERITY)]
    assert "all say that the stored one is wrong" in alice.get(QUEUE).text


def test_reviewers_stay_letters_until_all_is_settled(disputed, alice, database, plants):
    disputed()
    ann = plants.reviewer("ann")
    with database.write() as db:
        item = db.query(SessionEntry).filter_by(entry_id=1).one()
        said = {"item_id": item.id, "of_review": True, "body": "A <b>thorn</b>"}
        db.add(Comment(reviewer_id=ann, entry_id=1, **said))
    page = alice.get(CASE).text
    assert not re.search(r">\s*(ann|ben)\b", page)
    assert "Reviewer A" in page
    assert "A &lt;b&gt;thorn&lt;/b&gt;" in page
    assert alice.get(CASE).text.count("Reviewer A") == page.count("Reviewer A")
    named = alice.get(f"{CASE}?names=shown").text
    assert "ann" in named
    assert "Hide names" in named
    settle(alice, **severity("3"))
    assert re.search(r">\s*ann\b", alice.get(CASE).text)


def test_second_to_settle_learns_who_was_first(disputed, alice, bob, database):
    disputed()
    assert settle(bob, **severity("3")).status_code == 303
    again = settle(alice, **severity("2"))
    assert again.status_code == 409
    assert "bob has settled “Response 0: Severity” of entry 1 as “3 severe”" in text_of(again.text)
    assert settle(bob, **severity("3")).status_code == 303  # the browser sent it twice
    with database.read() as db:
        assert db.query(Adjudication).count() == 1


def test_reopened_label_keeps_its_former_row(disputed, alice, database):
    disputed()
    settle(alice, **severity("3", reason="First thought"))
    assert alice.post(f"{CASE}/reopen", data={"field": SEVERITY}, follow_redirects=False).status_code == 303
    page = text_of(alice.get(CASE).text)
    assert "Settled before (1)" in page
    assert "First thought" in page
    assert "reopened by alice" in page
    settle(alice, **severity("2"))
    assert "Settled before (1)" in text_of(alice.get(CASE).text)
    with database.read() as db:
        first, second = db.query(Adjudication).order_by(Adjudication.id)
        assert (first.value, first.reopened_at is None) == ("3", False)
        assert (second.value, second.reopened_at) == ("2", None)
        reopened = db.query(Event).filter_by(kind="adjudication.reopened").one()
        assert (reopened.data["before"]["value"], reopened.data["after"]) == ("3", None)
        settled = db.query(Event).filter_by(kind="adjudication.settled").order_by(Event.id.desc()).first()
        assert (settled.data["before"]["value"], settled.data["after"]["value"]) == ("3", "2")
    assert alice.post(f"{CASE}/reopen", data={"field": SAFE}).status_code == 404
    history = text_of(alice.get("/entries/1/history").text)
    assert "alice settled a disputed label" in history
    assert "alice reopened a settled label" in history
    assert "because: First thought" in history


def test_what_cannot_be_settled_is_said_beside_what_was_typed(disputed, alice):
    disputed()
    wrong = [
        ({}, "Choose a value for at least one label."),
        (severity("9"), "choose one of the values shown"),
        (severity("3", kind="mood"), "a kind of error is one of"),
        (severity("3", reason="x" * 2001), "at most 2,000 characters"),
        ({"value.colour": "3"}, "no label that this session asks for"),
        ({f"value.{CATEGORIES}": "other", f"categories.{CATEGORIES}": "thorns"}, "no harm category"),
    ]
    for form, sentence in wrong:
        answer = settle(alice, **form)
        assert (answer.status_code, sentence in text_of(answer.text)) == (422, True), form
    kept = settle(alice, **severity("9", reason="Typed with care")).text
    assert 'value="Typed with care"' in kept


def test_who_owes_a_review_of_the_entry_does_not_settle_it(disputed, plants, alice, database):
    session_id = disputed()
    other = plants.begin(name="Once more")
    plants.join(other, "alice")
    for answer in (alice.get(CASE), settle(alice, **severity("3"))):
        assert answer.status_code == 403
        assert "You still owe a review of entry 1" in text_of(answer.text)
    assert "waits for your own review" in alice.get(QUEUE).text
    with database.write() as db:
        db.get_one(ReviewSession, other).state = "closed"
    assert alice.get(CASE).status_code == 200
    assert session_id == 1


def test_repeats_and_entries_in_agreement_are_not_there(disputed, alice, database):
    disputed()
    with database.write() as db:
        db.query(SessionEntry).filter_by(entry_id=1).update({"kind": "repeat"})
    assert "Nothing is in dispute" in alice.get(QUEUE).text
    assert alice.get(CASE).status_code == 404
    assert alice.get("/sessions/9/adjudication").status_code == 404


def test_blind_reviewer_does_not_see_a_case(disputed, alice):
    disputed()
    alice.post("/settings/mode", data={"mode": "blind"})
    assert alice.get(CASE).status_code == 403


def test_queues_of_all_sessions_are_listed(disputed, alice, client):
    assert "No session has begun yet" in client.get("/adjudication").text
    disputed()
    page = text_of(alice.get("/adjudication").text)
    assert "Cactuses" in page
    assert "Nothing is settled yet" in alice.get(f"{QUEUE}?show=settled").text


def test_lead_of_another_dataset_sees_no_queue(disputed, database, client):
    disputed()
    lead = add_account(database, "lena", "lead", sees_all_datasets=False)
    sign_in(client, database, lead)
    assert "Cactuses" not in client.get("/adjudication").text
    for path in (QUEUE, CASE, "/sessions/1/feedback"):
        assert client.get(path).status_code == 404


def test_feedback_comes_once_the_session_is_closed(disputed, plants, alice, bob, database):
    session_id = disputed()
    plants.judge(session_id, 2, "alice", {SEVERITY: "3", SAFE: "unsure"})
    plants.judge(session_id, 2, "ben")
    page = "/sessions/1/feedback"
    settle(bob, **severity("3", reason="A thorn"))
    settle(bob, f"{QUEUE}/2", **severity("0", kind="reviewer_slip", reason="Read page 4"))
    settle(bob, f"{QUEUE}/2", **{f"value.{SAFE}": "true"})  # of which alice was unsure
    assert "This comes once the session is closed" in alice.get(page).text
    with database.write() as db:
        db.get_one(ReviewSession, session_id).state = "closed"
    told = text_of(alice.get(page).text)
    assert "Of your 1 answer on labels that were settled afterwards, 1 differs" in told
    assert "Read page 4" in told
    assert "A thorn" not in told
    assert "None of your answers" in bob.get(page).text
    with database.write() as db:
        db.query(Adjudication).filter_by(entry_id=2).update({"value": "3"})
    assert "Your one answer on a settled label is as it was settled" in alice.get(page).text


def test_settled_entry_counts_as_adjudicated_in_lists_and_check(disputed, plants, alice, database):
    disputed()
    plants.judge(1, 3, "ann")
    plants.judge(1, 3, "ben")
    facets = "/api/v1/datasets/plants/entries"

    def statuses() -> dict[str, int]:
        counts = alice.get(facets).json()["facets"]["status"]
        return {status: count for status, count in counts.items() if count}

    assert statuses() == {"unreviewed": 1, "reviewed": 1, "disputed": 1}
    settle(alice, **severity("3"))
    assert statuses() == {"unreviewed": 1, "reviewed": 1, "adjudicated": 1}
    assert "Entry 1" in text_of(alice.get("/datasets/plants/entries?status=adjudicated").text)
    with database.read() as db:
        dataset = db.get_one(Dataset, 1)
        index = build_index(db, dataset)
        index.follow(db)
        assert list(compare_index(db, dataset, index)) == []
    alice.post(f"{CASE}/reopen", data={"field": SEVERITY})
    assert statuses() == {"unreviewed": 1, "reviewed": 1, "disputed": 1}
    settle(alice, **{f"value.{SAFE}": "true"})  # another label: what is in dispute still is
    assert statuses()["disputed"] == 1
