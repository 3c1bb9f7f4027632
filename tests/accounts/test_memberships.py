"""A person of one of two datasets never learns a byte of the other: by no address, no id, no list, no message."""

import re
from collections.abc import Iterator

import pytest

from app.models import Comment, Dataset, DatasetImport, Entry, Membership, Reviewer, SavedView
from app.web.access import routes_of
from tests.factories import import_rows, row

MARK = "zanzibar"  # in every text, title and name of the other dataset
ODD = [
    "0", "-1", "+1", "01", "1.0", "1e0", "1_0", " 1", "1 ", "１", "٣", "½", "²", "0x1", "0b1", "1,2", "1;2", "1-2",
    "9" * 10, "9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 400, "NaN", "inf", "null",
    "none", "true", "undefined", "*", "%", "_", "'", "1' OR '1'='1", "1 OR 1=1", "1;--", "../1", "..%2f1", "%00",
    "%2e%2e", "{{7*7}}", "<b>", "\u202e1", "🌵",
]  # fmt: skip
SEEN = {"slug": "plants", "section": "mode"}  # and 1 for whatever has an id


@pytest.fixture
def hidden(database, tmp_path, team) -> dict[str, str]:
    """By the name of a path's parameter what the other dataset has; of Plants alone are alice and carol."""
    import_rows(database, tmp_path, [row(n) for n in range(3)], slug="plants")
    words = {name: f"{MARK} {name}" for name in ("prompt", "response_0", "response_1")}
    import_rows(database, tmp_path, [row(9, **words, prompt_source=MARK, extra=MARK)], slug=MARK)
    with database.write() as db:
        people = {person.name: person for person in db.query(Reviewer)}
        plants, other = db.query(Dataset).order_by(Dataset.id)
        other.title = f"{MARK} title"
        for name in ("alice", "carol"):
            people[name].sees_all_datasets = False
            db.add(Membership(reviewer_id=people[name].id, dataset_id=plants.id))
        entry = db.query(Entry).filter_by(dataset_id=other.id).one()
        said = Comment(reviewer_id=people["dana"].id, entry_id=entry.id, of_review=False, body=f"{MARK} @alice @carol")
        view = SavedView(dataset_id=other.id, name=MARK, name_key=MARK, query="split=train", pinned=True)
        db.add_all([said, view])
        db.flush()
        imported = db.query(DatasetImport).filter_by(slug=MARK).one()
        ids = {"entry_id": entry.id, "comment_id": said.id, "view_id": view.id, "import_id": imported.id}
        return {"slug": MARK} | {name: str(one) for name, one in ids.items()}


def addresses(path: str, hidden: dict[str, str]) -> Iterator[str]:
    """The path with each of its parameters in turn of the other dataset, or odd."""
    names = re.findall(r"\{(\w+)", path)
    for name in names:
        for value in [hidden.get(name, "2"), MARK, *ODD]:
            filled = {other: SEEN.get(other, "1") for other in names} | {name: value.replace("/", "%2F")}
            yield re.sub(r"\{(\w+)[^}]*\}", lambda found, filled=filled: filled[found[1]], path)


def unasked(text: str) -> str:
    """Without the slug as it was asked for, which may come back."""
    return re.sub(rf"(/|%2F|into=|into%3D|&#39;|'){MARK}\b(?! )", "", text)


def test_no_id_in_no_address_shows_another_dataset(client, team, hidden):
    """To a lead, who may do all but manage accounts."""
    person, asked = team("carol"), 0
    assert len(ODD) + 2 == 46
    for path, methods, _ in routes_of(client.app):
        if path.endswith("/events"):  # goes on for as long as an import does
            continue
        for method in methods - {"HEAD"}:
            for address in addresses(path, hidden):
                answer = person.request(method, address, follow_redirects=False)
                assert answer.status_code < 500, (method, address)
                assert MARK not in unasked(answer.text), (method, address)
                asked += 1
    assert asked > 1000


def test_what_is_hidden_is_refused_as_what_is_not_there(team, hidden):
    alice = team("alice")
    for there, nowhere in (
        (f"/datasets/{MARK}", "/datasets/nowhere"),
        (f"/entries/{hidden['entry_id']}", "/entries/99999"),
        (f"/entries/{hidden['entry_id']}/history", "/entries/99999/history"),
        (f"/api/v1/datasets/{MARK}/entries", "/api/v1/datasets/nowhere/entries"),
        (f"/api/v1/entries/{hidden['entry_id']}", "/api/v1/entries/99999"),
    ):
        answers = [alice.get(address) for address in (there, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404]
        own = rf"{MARK}|nowhere|\b99999\b|\b{hidden['entry_id']}\b|\b[0-9a-f]{{16}}\b"  # the last: of the request
        texts = [re.sub(own, "…", answer.text) for answer in answers]
        assert texts[0] == texts[1]


def test_lists_and_pages_tell_of_ones_own_datasets_alone(team, hidden):
    pages = ["/", "/datasets", "/help", "/settings", "/settings/exposure", "/api/v1/datasets", "/api/v1/docs"]
    pages += ["/api/v1/openapi.json", "/datasets/plants/entries?q=zanzib", "/datasets/plants/entries?q=zanzibra"]
    for name, more in (("alice", []), ("carol", ["/imports", "/imports/new", f"/imports/new?into={MARK}"])):
        person = team(name)
        for page in pages + more:
            answer = person.get(page)
            assert MARK not in unasked(answer.text), page
            assert answer.status_code in (200, 404)
    assert MARK in team("dana").get("/").text


def test_forms_cannot_name_what_is_hidden(database, team, hidden):
    for name in ("alice", "carol"):
        person = team(name)
        for fields in ({"entry": hidden["entry_id"]}, {"entries": f"1-{hidden['entry_id']}"}):
            for action in ("flags", "verdicts/new", "verdicts/confirm", "verdicts"):
                asked = {"field": "better_response_id", "verdict": "agree", "action": "flag", **fields}
                answer = person.post(f"/datasets/plants/{action}", data=asked, follow_redirects=False)
                assert MARK not in unasked(answer.text)
        into = {"origin": (None, "hub"), "hub_name": (None, "a/b"), "into": (None, "existing"), "slug": (None, MARK)}
        answer = person.post("/imports", files=into)
        assert answer.status_code in (403, 422)
        assert MARK not in unasked(answer.text)
    with database.read() as db:
        assert db.query(DatasetImport).count() == 2


def test_what_one_did_before_one_lost_a_dataset_is_not_undone(database, client, team, hidden):
    alice = team("alice")
    with database.write() as db:
        db.query(Reviewer).filter_by(name="alice").one().sees_all_datasets = True
    told = alice.post(f"/entries/{hidden['entry_id']}/review", data={"action": "rest", "flag": "other"})
    assert told.status_code == 200
    assert MARK in alice.get("/").text
    with database.write() as db:
        db.query(Reviewer).filter_by(name="alice").one().sees_all_datasets = False
    assert MARK not in alice.get("/").text
    assert MARK not in alice.get("/settings/exposure").text
    for named in ("", "1"):
        assert alice.post("/undo", data={"decision": named}, follow_redirects=False).status_code == 404


def test_who_sees_some_datasets_makes_no_new_ones(team, hidden):
    new = {"origin": (None, "hub"), "hub_name": (None, "a/b"), "into": (None, "new")}
    answer = team("carol").post("/imports", files=new)
    assert answer.status_code == 422
    assert "You see some datasets only" in answer.text


def test_parameter_that_nobody_can_place_does_not_start(client):
    from app.accounts.permissions import Action
    from app.web.access import needs

    client.app.add_api_route("/pots/{pot_id}", lambda: "pot", dependencies=[needs(Action.READ)])
    with pytest.raises(LookupError, match="pot_id"):
        routes_of(client.app)


def test_other_person_s_session_gets_its_own_answer(team, hidden):
    """The same browser, one after the other."""
    tag = team("dana").get("/api/v1/datasets").headers["etag"]
    alice = team("alice").get("/api/v1/datasets", headers={"If-None-Match": tag})
    assert alice.status_code == 200
    assert {"Cookie", "Authorization"} <= set(alice.headers["vary"].split(", "))
