"""Calibration of three reviewers who answer by chance, figure by figure against pandas and statsmodels."""

import io
from datetime import date, timedelta
from random import Random

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from app.api.calibration_schemas import Calibration
from app.models import (
    Adjudication,
    Entry,
    Participant,
    Review,
    Reviewer,
    ReviewSession,
    SessionEntry,
    Verdict,
)
from app.models.base import now
from app.models.event import record_event
from tests.factories import import_rows, row

SAFE, SAFER = "response_0.is_safe", "safer_response_id"
API = "/api/v1/reviewers/{}/calibration"


def fill(database, tmp_path) -> None:
    """A blind session of thirty entries by alice, bob and cleo; alice gets five of them again."""
    import_rows(database, tmp_path, [row(n) for n in range(30)], slug="plants")
    chance, start = Random(5), now() - timedelta(days=40)
    with database.write() as db:
        known = {one.name: one.id for one in db.query(Reviewer)}
        for name in {"alice", "bob", "cleo"} - known.keys():
            one = Reviewer(name=name, name_key=name)
            db.add(one)
            db.flush()
            known[name] = one.id
        about = {"label_fields": [SAFE, SAFER], "is_blind": True, "shuffles": True, "overlap": 3}
        session = ReviewSession(dataset_id=1, name="Spring check", state="closed", **about)
        db.add(session)
        db.flush()
        people = [known[name] for name in ("alice", "bob", "cleo")]
        db.add_all(Participant(session_id=session.id, reviewer_id=one) for one in people)

        def item(entry: int, position: int, **more: object) -> SessionEntry:
            made = SessionEntry(session_id=session.id, entry_id=entry, position=position, wanted=3, done=3, **more)
            db.add(made)
            db.flush()
            return made

        def judge(person: int, of: SessionEntry, at: int) -> None:
            about = {"blind": True, "shuffled": True, "left_position": chance.randrange(2)}
            moment = start + timedelta(days=at)
            times = {"active_seconds": chance.choice([None, *range(5, 60)]), "created_at": moment, "updated_at": moment}
            review = Review(reviewer_id=person, entry_id=of.entry_id, item_id=of.id, state="submitted", revision=1)
            for name, value in (about | times).items():
                setattr(review, name, value)
            db.add(review)
            db.flush()
            for field, values in {SAFE: ["true", "false"], SAFER: ["0", "1", '"tie"']}.items():
                first, last = chance.choice(values), chance.choice([*values, None])
                said = "unsure" if last is None else "agree" if last == values[0] else "disagree"
                verdict = {"stored_value": values[0], "first_value": first, "verdict": said, "outdated": False}
                corrected = last if said == "disagree" else None
                db.add(Verdict(review_id=review.id, label_field=field, corrected_value=corrected, **verdict))

        entries = [one for (one,) in db.query(Entry.id).order_by(Entry.id)]
        items = [item(entry, place, stratum="all") for place, entry in enumerate(entries)]
        for place, one in enumerate(items):
            for person in people:
                judge(person, one, place)
        for place, one in enumerate(items[:5]):
            judge(people[0], item(one.entry_id, 30 + place, kind="repeat", repeat_of=one.id), 35)
        for one in items[:8]:
            settled = {"value": "true", "stored_value": "true", "label_field": SAFE, "error_kind": "none"}
            db.add(Adjudication(dataset_id=1, entry_id=one.entry_id, reviewer_id=people[1], **settled))
        record_event(db, "session.closed", {}, dataset_id=1)


def close(found: dict, count: int, n: int) -> None:
    assert (found["count"], found["n"]) == (count, n)
    assert found["share"] == pytest.approx(count / n, abs=1e-12)
    assert found["interval"] == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-9)


def test_figures_are_those_of_the_download(database, tmp_path, alice):
    fill(database, tmp_path)
    answer = alice.get(API.format(1))
    Calibration.model_validate_json(answer.content, strict=True)
    found = answer.json()
    ratings = pd.read_csv(io.StringIO(alice.get("/sessions/1/ratings.csv").text))
    ratings = ratings.fillna({"value": ""}).astype({"value": str, "first_value": str, "stored_value": str})
    for column in ("value", "first_value", "stored_value"):
        ratings[column] = ratings[column].str.lower()

    seconds = ratings[ratings.reviewer == "alice"].drop_duplicates("item").seconds.dropna()
    pace = found["pace"]
    assert pace["n"] == len(seconds)
    assert [pace[name] for name in ("lower_quartile", "median", "upper_quartile")] == pytest.approx(
        list(seconds.quantile([0.25, 0.5, 0.75]))
    )
    assert pace["interval"][0] <= pace["median"] <= pace["interval"][1]

    first_time = ratings[ratings.kind == "sample"]
    for field in (SAFE, SAFER):
        of = first_time[(first_time.label_field == field) & (first_time.value != "")]
        mine, others = of[of.reviewer == "alice"], of[of.reviewer != "alice"]
        pairs = mine.merge(others, on="item")
        with_others = found["with_others"][field]
        close(with_others, int((pairs.value_x == pairs.value_y).sum()), len(pairs))
        assert with_others["entries"] == pairs.item.nunique()
        assert with_others["kappa"]["value"] == pytest.approx(cohen_kappa_score(pairs.value_x, pairs.value_y), abs=1e-9)
        every = of.merge(of, on="item").query("reviewer_x < reviewer_y")
        close(with_others["all_reviewers"], int((every.value_x == every.value_y).sum()), len(every))

        own = first_time[(first_time.label_field == field) & (first_time.reviewer == "alice")]
        differed = own[own.first_value != own.stored_value]
        reveal = found["after_reveal"][field]
        close(reveal, int((differed.value == differed.stored_value).sum()), len(differed))
        assert reveal["kept"] == int((differed.value == differed.first_value).sum())
        assert reveal["unsure"] == int((differed.value == "").sum())

        again = ratings[(ratings.kind == "repeat") & (ratings.label_field == field)].merge(own, on="entry")
        close(found["repeats"][field], int((again.first_value_x == again.first_value_y).sum()), len(again))

    settled = first_time[(first_time.reviewer == "alice") & (first_time.label_field == SAFE) & (first_time.entry <= 8)]
    settled = settled[settled.value != ""]
    close(found["with_adjudications"][SAFE], int((settled.value == "true").sum()), len(settled))


def test_sides_and_weeks_are_counted(database, tmp_path, alice):
    fill(database, tmp_path)
    found = alice.get(API.format(1)).json()
    sql = """SELECT v.first_value, v.verdict, v.label_field, r.left_position, date(r.updated_at) AS day
        FROM review r JOIN verdict v ON v.review_id = r.id JOIN session_entry s ON s.id = r.item_id
        WHERE r.reviewer_id = 1 AND s.kind = 'sample'"""
    with database.read() as db:
        rows = pd.DataFrame(db.connection().exec_driver_sql(sql).mappings().all())
    safer = rows[rows.label_field == SAFER]
    picked = safer[safer.first_value != '"tie"']
    left = int((picked.first_value == picked.left_position.astype(str)).sum())
    close(found["left_side"][SAFER], left, len(picked))
    assert found["left_side"][SAFER]["ties"] == len(safer) - len(picked)
    low, high = proportion_confint(left, len(picked), method="wilson")
    assert found["left_side"][SAFER]["contains_one_half"] == (low <= 0.5 <= high)

    weeks = rows.assign(
        week=[f"{d.year}-W{d.week:02}" for d in (date.fromisoformat(x).isocalendar() for x in rows.day)]
    )
    counts = weeks.groupby("week").verdict.value_counts().unstack(fill_value=0)
    assert [week["week"] for week in found["weeks"]] == list(counts.index)
    for week in found["weeks"]:
        of = counts.loc[week["week"]]
        close(week, int(of.agree), int(of.agree + of.disagree))
        assert week["unsure"] == of.unsure
    page = alice.get("/reviewers/1/calibration").text
    assert page.count("<circle") == len(found["weeks"])
    assert "one half" in page


def test_what_is_undefined_is_said_in_words(alice):
    nobody = alice.get("/reviewers/1/calibration").text
    for said in ("No review has been submitted yet.", "No repeat has been answered yet", "No blind answer", "No label"):
        assert said in nobody


def test_narrowed_to_what_is_there(database, tmp_path, alice):
    fill(database, tmp_path)
    import_rows(database, tmp_path, [row(100)], slug="cakes")
    whole = alice.get(API.format(1)).json()
    for query in ("?dataset=plants", "?session=1", "?dataset=plants&session=1"):
        assert alice.get(API.format(1) + query).json()["weeks"] == whole["weeks"], query
        assert alice.get("/reviewers/1/calibration" + query).status_code == 200
    assert alice.get(API.format(1) + "?dataset=cakes").json()["weeks"] == []
    for path in (API.format(1), "/reviewers/1/calibration"):
        for query, status in {
            "dataset=none": 404,
            "session=9": 404,
            "session=x": 422,
            "dataset=cakes&session=1": 422,
        }.items():
            assert alice.get(f"{path}?{query}").status_code == status, (path, query)
    assert alice.get(API.format(1) + "?colour=red").status_code == 422
    assert alice.get("/reviewers/99/calibration").status_code == 404


def test_in_a_team_links_and_figures_are_of_what_one_sees(database, tmp_path, team):
    client = team("alice")
    fill(database, tmp_path)
    with database.read() as db:
        ids = {one.name: one.id for one in db.query(Reviewer)}
    for path in ("/reviewers/{}/calibration", API):
        assert team("alice").get(path.format(ids["alice"])).status_code == 200
        refused = team("alice").get(path.format(ids["bob"]))
        assert refused.status_code == 403
        assert "shown to the reviewer and to leads" in refused.text
        assert team("carol").get(path.format(ids["alice"])).status_code == 200
    assert f'href="/reviewers/{ids["alice"]}/calibration"' in team("carol").get("/reviewers").text
    assert f'href="/reviewers/{ids["alice"]}/calibration?session=1"' in team("carol").get("/sessions/1").text
    assert f'href="/reviewers/{ids["alice"]}/calibration"' in team("alice").get("/account").text
    assert team("vera").get(f"/reviewers/{ids['vera']}/calibration?session=1").status_code == 403
    with database.write() as db:
        db.get_one(Reviewer, ids["carol"]).sees_all_datasets = False
    assert client.get("/healthz").status_code == 200
    limited = team("carol").get(API.format(ids["alice"])).json()
    assert (limited["pace"]["n"], limited["weeks"]) == (0, [])
    assert team("carol").get(f"/reviewers/{ids['alice']}/calibration?session=1").status_code == 404
