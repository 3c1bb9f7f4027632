"""A team's reviewer learns nobody's opinion of an entry before their own is submitted, wherever they look."""

import re

import pytest

from app.web.access import routes_of
from tests.factories import import_rows, row

# What carol thinks of entry 1, in her words.
SECRETS = ("carol thinks so", "a whole parish")
TELLING = [
    "verdict=disagree", "not_verdict=agree", "outdated=yes", "flag=yes", "flag=label_wrong", "not_flag=no",
    "status=reviewed", "status=disputed", "status=adjudicated", "status=in_review", "not_status=reviewed",
    "reviewer=carol", "not_reviewer=carol", "sort=reviewed_at",
]  # fmt: skip


@pytest.fixture
def judged(database, tmp_path, team) -> None:
    """Carol has judged, flagged and discussed entry 1."""
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1), row(2)], slug="plants")
    carol = team("carol")
    form = {"verdict.better_response_id": "disagree", "corrected.better_response_id": "0"}
    form |= {"reason.better_response_id": SECRETS[1], "comment": SECRETS[0], "flag": "label_wrong"}
    saved = carol.post("/entries/1/review", data={"action": "save", **form}, follow_redirects=False)
    assert saved.status_code == 303
    for name, query in (("Theirs", "verdict=disagree"), ("Plain", "safety=both_safe")):
        assert carol.post("/datasets/plants/views", data={"name": name, "query": query, "pinned": "yes"}).is_success


def submit(person, entry: int) -> None:
    data = {"action": "rest", "revision": "0"}
    assert person.post(f"/entries/{entry}/review", data=data, follow_redirects=False).status_code == 303


def test_no_list_is_asked_for_by_what_others_think(judged, team):
    alice = team("alice")
    for telling in TELLING:
        refuse(alice, telling)


def refuse(alice, telling: str) -> None:
    for path in ("/datasets/plants/entries", "/datasets/plants/charts", "/entries/1", "/datasets/plants/review"):
        answer = alice.get(f"{path}?{telling}", follow_redirects=False)
        assert (answer.status_code, "others think" in answer.text) == (403, True), path
    for path in ("entries", "statistics"):
        assert alice.get(f"/api/v1/datasets/plants/{path}?{telling}").status_code == 403
    for action in ("flags", "verdicts/new"):
        asked = {"all": "yes", "query": telling, "total": "1", "action": "flag"}
        assert alice.post(f"/datasets/plants/{action}", data=asked).status_code == 403
    saved = alice.post("/datasets/plants/views", data={"name": "Mine", "query": telling})
    assert saved.status_code == 403


def test_crossed_facets_tell_nothing(judged, team):
    alice = team("alice")
    for name in ("verdict", "flag", "outdated"):
        query = f"rows={name}&columns=safety"
        assert alice.get(f"/datasets/plants/charts?{query}").status_code == 403
        assert alice.get(f"/api/v1/datasets/plants/statistics?{query}").status_code == 403


def test_own_work_and_what_nobody_judged_can_be_asked_for(judged, team):
    alice = team("alice")
    submit(alice, 2)
    totals = {
        query: alice.get(f"/api/v1/datasets/plants/entries?{query}").json()["total"]
        for query in ("status=unreviewed", "not_status=unreviewed", "reviewer=alice", "not_reviewer=alice", "")
    }
    assert list(totals.values()) == [1, 2, 1, 2, 3]


def test_json_tells_of_an_entry_once_it_is_judged(judged, team):
    alice = team("alice")

    def told() -> list[tuple[object, object]]:
        rows = alice.get("/api/v1/datasets/plants/entries").json()["entries"]
        lines = alice.get("/api/v1/datasets/plants/entries", headers={"Accept": "application/x-ndjson"}).text
        whole = alice.get("/api/v1/entries/1").json()
        assert f'"status":{whole["status"]!r}'.replace("'", '"').replace("None", "null") in lines
        return [(one["status"], one["flagged"]) for one in (rows[0], whole, rows[1])]

    assert told() == [(None, None), (None, None), ("unreviewed", False)]
    submit(alice, 1)
    assert told() == [("disputed", True), ("disputed", True), ("unreviewed", False)]


def test_nothing_of_others_before_ones_own_and_all_of_it_after(client, judged, team):
    alice = team("alice")
    for page in ("/entries/1/comments", "/entries/1/history", "/entries/1/others"):
        assert alice.get(page).status_code == 403
    leaks = {}
    for path, methods, _ in routes_of(client.app):
        if "GET" in methods and not path.endswith("/events"):
            address = re.sub(r"\{(\w+)[^}]*\}", lambda found: "plants" if found[1] == "slug" else "1", path)
            found = [secret for secret in SECRETS if secret in alice.get(address).text]
            leaks |= {address: found} if found else {}
    assert not leaks
    submit(alice, 1)
    assert all(secret in alice.get("/entries/1/others").text for secret in SECRETS)
    assert SECRETS[0] in alice.get("/entries/1/comments").text


def test_pages_count_no_opinions(judged, team):
    alice = team("alice")
    for page in ("/", "/datasets", "/datasets/plants", "/datasets/plants/views", "/datasets/plants/charts"):
        text = alice.get(page).text
        assert not re.search(r"1 flagged|1 disputed|1 disagree|Theirs|Agreement with|flag=yes|verdict=", text), page
    rows = alice.get("/datasets/plants/entries").text
    assert not re.search(r"⚑ flagged|✓ reviewed|Disagree|name=\"flag\"|sort=reviewed_at", rows)
    assert "Plain" in alice.get("/datasets/plants/views").text
    statistics = alice.get("/api/v1/datasets/plants/statistics").json()
    assert statistics["reviews"] == {"reviewed": 1, "disputed": None, "flagged": None}
    assert (statistics["agreement"], statistics["non_response"]) == (None, None)
    assert not {"verdict", "flag", "outdated"} & statistics["facets"].keys()
    assert statistics["facets"]["reviewer"].keys() == {"alice"}
    (dataset,) = alice.get("/api/v1/datasets").json()["datasets"]
    assert dataset["counts"]["flagged"] is None


def test_leads_and_viewers_see_all_of_it_and_not_what_was_remembered_for_a_reviewer(judged, team):
    team("alice").get("/datasets/plants/charts")
    for name in ("carol", "vera"):
        person = team(name)
        assert person.get("/api/v1/datasets/plants/statistics").json()["facets"]["verdict"]["disagree"] == 1
        assert "Verdict" in person.get("/datasets/plants/charts").text
        assert person.get("/api/v1/datasets/plants/entries?flag=yes").json()["total"] == 1
        assert "Theirs" in person.get("/").text
    assert "Verdict</h" not in team("alice").get("/datasets/plants/charts").text


def test_viewer_looks_and_is_offered_no_form(judged, team):
    vera = team("vera")
    page = vera.get("/entries/1").text
    assert 'id="review"' not in page
    assert "/reviewers" not in page
    listed = vera.get("/datasets/plants/entries").text
    assert "Review these" not in listed
    assert "/export" not in listed
