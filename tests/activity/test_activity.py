"""The record tells a lead who did what and when, and never what a text or somebody's verdict says."""

import csv
import json
import re
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

import app
from app.activity.kinds import GROUPS, kinds_of
from app.activity.telling import tell
from app.db import SQLITE
from app.models import Dataset, Event
from app.models.event import record_event, record_events
from app.operations.record import record_start
from app.settings import Settings
from tests.team import add_account, sign_in


def sentences(client, query=""):
    page = client.get(f"/activity{query}")
    assert page.status_code == 200, page.text
    return [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r'<td class="did" dir="auto">(.*?)</td>', page.text)]


def rows(client, query=""):
    answer = client.get(f"/activity/export?format=jsonl{query}")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


@pytest.fixture
def busy(sample, team, database):
    """The client, after alice reviewed, commented and was refused, and carol exported."""
    alice = team("alice")
    about = {"action": "save", "verdict.safer_response_id": "disagree", "correct.safer_response_id": "0"}
    alice.post("/entries/1/review", data={**about, "reason.safer_response_id": "marigold", "comment": "sunflower"})
    alice.post("/entries/1/comments", data={"body": "a cactus needs little"})
    alice.get("/imports")
    team("carol").get("/datasets/sample/export?format=csv&safety=both_unsafe&q=tulip")
    return team


def test_lead_reads_who_did_what(busy):
    told = sentences(busy("carol"))
    assert "exported reviews as csv (safety both_unsafe; q …)" in told
    assert "was refused GET /imports, which takes the right to import" in told
    assert {"commented", "saved a review", "signed in (password) from 127.0.0.1"} <= set(told)


def test_nothing_of_texts_and_verdicts_is_told(busy):
    """Carol still owes the entry."""
    carol = busy("carol")
    everything = carol.get("/activity").text + carol.get("/activity/export").text + carol.get("/api/v1/activity").text
    assert '"entry":1' in everything
    for said in ("marigold", "sunflower", "cactus", "disagree", "safer_response", "tulip"):
        assert said not in everything


def test_only_leads_read_it(busy, client):
    for name, status in (("vera", 403), ("alice", 403), ("carol", 200), ("dana", 200)):
        for path in ("/activity", "/activity/export", "/api/v1/activity"):
            assert busy(name).get(path).status_code == status, (name, path)


def test_it_is_open_to_who_is_alone(client):
    assert "Nothing was recorded yet" in client.get("/activity").text
    client.post("/reviewers", data={"name": "alice"})
    assert sentences(client) == ["came here for the first time"]


def test_filters_combine(busy, database):
    carol = busy("carol")
    assert sentences(carol, "?kind=exports") == ["exported reviews as csv (safety both_unsafe; q …)"]
    assert sentences(carol, "?kind=reviews&kind=comment.added&person=Alice") == ["commented", "saved a review"]
    assert sentences(carol, "?entry=1&kind=reviews&person=&to=") == ["saved a review"]
    assert set(sentences(carol, "?dataset=sample&kind=refusals")) == set()
    assert "Nothing that was done fits" in carol.get("/activity?to=2000-01-01").text
    today = rows(carol)[0]["at"][:10]
    assert sentences(carol, f"?from={today}&to={today}&kind=refusals")
    assert sentences(carol, "?from=2999-01-01") == []


def test_what_cannot_be_read_is_refused(busy):
    carol = busy("carol")
    for query in ("kind=gossip", "kind=review", "who=alice", "entry=0", "entry=x", "from=yesterday", "to=2026-02-30",
                  "limit=501", "person=alice&person=bob", "after=-1"):  # fmt: skip
        assert carol.get(f"/activity?{query}").status_code == 422, query
        answer = carol.get(f"/api/v1/activity?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), query
    for query in ("person=nobody", "dataset=none"):
        assert carol.get(f"/activity?{query}").status_code == 404, query
    assert carol.get("/activity/export?format=parquet").status_code == 422


def test_pages_follow_on_each_other(busy):
    carol = busy("carol")
    everything, page, told = [row["event"] for row in rows(carol)], carol.get("/activity?limit=3").text, []
    while True:
        told += [int(number) for number in re.findall(r'id="event-(\d+)"', page)]
        older = re.search(r'rel="next" href="([^"]*)"', page)
        if older is None:
            break
        page = carol.get(older[1].replace("&amp;", "&")).text
    assert told[1:] == everything  # the export was recorded after it was read
    assert told == sorted(told, reverse=True)


def test_export_is_itself_recorded_and_guarded(busy, database):
    carol = busy("carol")
    with database.write() as db:
        db.execute(Dataset.__table__.update().values(title="=cmd()"))
        record_event(db, "view.saved", {"name": "=cmd()", "view": 1, "query": ""})
    answer = carol.get("/activity/export?format=csv&kind=writing")
    (line,) = csv.DictReader(answer.text.splitlines())
    assert line["said"] == "saved the view “=cmd()”"
    assert "exported the record as csv (kind writing)" in sentences(carol, "?kind=exports&person=carol")


def test_member_of_some_datasets_sees_what_was_done_there(busy, client, database):
    erin = sign_in(client, database, add_account(database, "erin", "lead", sees_all_datasets=False))
    assert "saved a review" not in sentences(erin)
    assert sentences(erin, "?kind=accounts")
    assert erin.get("/activity?dataset=sample").status_code == 404


def test_json_is_the_same_list(busy):
    carol = busy("carol")
    answer = carol.get("/api/v1/activity?kind=reviews&limit=1")
    (told,) = answer.json()["activity"]
    assert (told["reviewer"], told["said"], told["entry"], told["dataset"]) == ("alice", "saved a review", 1, "sample")
    again = carol.get("/api/v1/activity?kind=reviews&limit=1", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    first = carol.get("/api/v1/activity?limit=2").json()
    second = carol.get(f"/api/v1/activity?{first['next']}").json()
    assert first["activity"][-1]["event"] > second["activity"][0]["event"]


def test_request_id_is_that_of_the_answer(sample, team, database):
    refused = team("alice").get("/imports")
    with database.read() as db:
        event = db.scalars(select(Event).where(Event.kind == "access.refused")).one()
    assert event.request_id == refused.headers["x-request-id"]
    assert event.data["route"] == "/imports"


def test_refusals_are_recorded_once_a_minute(sample, team, database):
    alice = team("alice")
    for _ in range(5):
        alice.get("/imports")
        alice.get("/api/v1/activity?person=whoever")
    with database.read() as db:
        refused = db.scalars(select(Event).where(Event.kind == "access.refused")).all()
    assert [event.data["route"] for event in refused] == ["/imports", "/api/v1/activity"]


def test_commands_are_told_from_people(sample, run, client, tmp_path):
    assert run("export", "sample", "--format", "jsonl", "-o", tmp_path / "x.jsonl").returncode == 0
    assert run("backup", tmp_path / "b.db").returncode == 0
    newest = rows(client)[:2]
    assert [row["by"] for row in newest] == ["The command line"] * 2
    assert [row["said"] for row in newest] == ["backed the database up as b.db", "exported reviews as jsonl"]


def test_every_kind_has_words():
    """Of the kinds that stand in the code; those that are put together there stand in words here."""
    code = "".join(path.read_text("utf-8") for path in Path(app.__file__).parent.rglob("*.py"))
    nouns = {kind.partition(".")[0] for group in GROUPS for kind in group.kinds}
    written = set(re.findall(r'record_event\(\s*\w+,\s*"(\w+\.\w+)"', code))
    assert {"login.begun", "account.disabled", "dataset.deleted"} <= written
    assert {kind.partition(".")[0] for kind in written} <= nouns
    words = (Path(app.__file__).parent / "activity" / "telling.py").read_text("utf-8")
    assert [kind for kind in sorted(written) if f'"{kind}"' not in words] == []


def test_kind_of_a_version_to_come_is_told_as_it_is():
    assert tell("review.dreamt_of", {}) == "review: dreamt of"
    assert tell("access.refused", {"by": "the moon"}) == "access: refused"
    assert kinds_of(["review.dreamt_of"]) == ("review.dreamt_of",)


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        ("account.role_changed", {"before": {"role": "viewer"}, "after": {"role": "lead"}},
         "changed the role from viewer to lead"),
        ("account.datasets_changed", {"before": {"datasets": [1]}, "after": {"datasets": []}},
         "changed the datasets from 1 to none"),
        ("invitation.made", {"for": 3, "kind": "reset"}, "made an invitation"),
        ("reviewer.profile_changed", {"before": {}, "after": {"text_size": 1, "mode": "blind"}},
         "changed own settings: mode, text size"),
        ("database.restored", {"backup": "b.db"}, "put the backup b.db in the database’s place"),
        ("dataset.deleted", {"slug": "plants", "entries": 1234, "reviews": 2},
         "deleted the dataset plants, with 1,234 entries and 2 reviews"),
        ("login.refused", {"method": "password", "address": "10.0.0.7"}, "was not let in from 10.0.0.7"),
        ("guideline.written", {"version": 3}, "wrote the guideline, version 3"),
    ],
)  # fmt: skip
def test_sentences(kind, data, said):
    assert tell(kind, data) == said


def test_long_record_is_exported_whole(client, database):
    with database.write() as db:
        record_events(db, [{"kind": "review.recorded", "data": {}, "entry_id": n} for n in range(1, 1102)])
    assert [row["entry"] for row in rows(client)] == [*range(1101, 0, -1)]


def test_start_is_recorded_with_its_settings_and_no_secret(database, settings):
    given = Settings(data_dir=settings.data_dir, secret_key="unspeakable-key-of-thirty-two-letters", _env_file=None)
    record_start(database, given, "9.9", host="127.0.0.1", workers=2)
    with database.read() as db:
        (event,) = db.scalars(select(Event)).all()
    assert (event.kind, event.data["version"], event.data["workers"]) == ("server.started", "9.9", 2)
    assert set(event.data["settings"]) == {"data_dir", "secret_key"}
    assert "unspeakable" not in str(event.data)


def test_backup_of_what_cannot_be_written_is_made_all_the_same(run, settings, tmp_path):
    with closing(SQLITE.connect(settings.database_path)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")
        connection.commit()
    done = run("backup", tmp_path / "b.db")
    assert (done.returncode, done.stderr) == (
        0,
        "The record of this database could not be written to, so it does not name this backup.\n",
    )
    with closing(SQLITE.connect(settings.database_path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '2026_11_23_1800'")
        connection.commit()
    assert "does not name this backup" in run("backup", tmp_path / "c.db").stderr
