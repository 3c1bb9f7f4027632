"""A reviewer's calibration, against pandas and statsmodels on the ratings of the session it is made of."""

import io
import re

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from app.api.calibration_schemas import Calibration
from app.models import Review, Reviewer
from tests.factories import import_rows, row
from tests.sessions.running import draw, open_session, take
from tests.web.reviewing import answers, send

SEVERITY, BETTER = "response_0.severity_level", "better_response_id"
UNSAFE = {"is_safe": "false", "harm_categories": "cybercrime", "severity_level": "2"}


@pytest.fixture
def session(client, database, tmp_path, alice, bob) -> int:
    """Eight entries judged blind by both and seen twice; Alice's sides vary, Bob says the left one is better."""
    import_rows(database, tmp_path, [row(n, response_0_severity_level=n % 3) for n in range(8)], slug="plants")
    form = {"conditions": "blind", "shuffles": "yes", "repeat_share": 100}
    session = open_session(alice, database, draw(database, 8), "Alice", "Bob", **form)
    for client_of in (alice, bob):
        work_through_blind(client_of, session, is_bob=client_of is bob)
    with database.write() as db:
        for review in db.query(Review):
            review.active_seconds = 10 + review.id
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    return session


def work_through_blind(client, session: int, *, is_bob: bool) -> None:
    address, count = take(client, session), 0
    while address.startswith("/entries/"):
        count += 1
        entry, _, query = address.partition("?")
        number, query = int(entry.split("/")[2]), f"?{query}"
        left = UNSAFE if is_bob and count % 4 == 0 else None
        better = "left" if is_bob else ("left", "right", "tie")[count % 3]
        revealed = send(client, number, "reveal", query, **answers(left, better=better))
        assert revealed.status_code == 303, revealed.text[-1500:]
        client.get(revealed.headers["location"])
        more = {}
        if count % 2:
            more = {f"verdict.{SEVERITY}": "agree"}  # the stored one is right after all
        address = send(client, number, "rest", query, **more).headers["location"]


@pytest.fixture
def ratings(session, alice) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(alice.get(f"/sessions/{session}/ratings.csv").text))


def told_of(client, name: str) -> dict:
    page = client.get("/reviewers").text
    assert name in page
    answer = client.get(f"/api/v1/reviewers/{ {'alice': 1, 'bob': 2}[name] }/calibration")
    Calibration.model_validate_json(answer.content, strict=True)
    return answer.json()


def test_figures_are_those_of_the_ratings(session, ratings, alice, database):
    told = told_of(alice, "bob")
    own = ratings[ratings.reviewer == "bob"]
    times = own.groupby("item").seconds.first()
    assert told["pace"]["n"] == len(times)
    assert told["pace"]["median"] == times.median()
    assert told["pace"]["lower_quartile"] == pytest.approx(times.quantile(0.25))
    of_label = ratings[(ratings.label_field == SEVERITY) & (ratings.kind == "sample")]
    table = of_label.pivot(index="item", columns="reviewer", values="value").dropna()
    same = (table.alice == table.bob).sum()
    with_others = told["with_others"][SEVERITY]
    assert (with_others["count"], with_others["n"]) == (same, len(table))
    assert with_others["interval"] == pytest.approx(proportion_confint(same, len(table), method="wilson"))
    assert with_others["all_reviewers"]["n"] == len(table)
    assert with_others["kappa"]["value"] == pytest.approx(cohen_kappa_score(table.alice, table.bob))
    differed = own[(own.label_field == SEVERITY) & (own.kind == "sample") & (own.first_value != own.stored_value)]
    moved = (differed.value == differed.stored_value).sum()
    assert (told["after_reveal"][SEVERITY]["count"], told["after_reveal"][SEVERITY]["n"]) == (moved, len(differed))
    assert len(differed) > moved > 0
    twice = own[own.label_field == SEVERITY].groupby("entry").first_value.agg(list)
    assert told["repeats"][SEVERITY]["n"] == len(twice) == 8
    assert told["repeats"][SEVERITY]["count"] == sum(one == other for one, other in twice)
    week = told["weeks"][0]
    sure = own[own.kind == "sample"].verdict.value_counts()
    assert (week["count"], week["n"]) == (sure["agree"], sure["agree"] + sure["disagree"])


def test_who_picks_one_side_always_is_told(session, alice, bob):
    left = told_of(alice, "bob")["left_side"][BETTER]
    assert (left["count"], left["n"], left["contains_one_half"]) == (8, 8, False)
    assert left["interval"] == pytest.approx(proportion_confint(8, 8, method="wilson"))
    mixed = told_of(alice, "alice")["left_side"][BETTER]
    assert mixed["ties"] > 0
    assert mixed["contains_one_half"]
    page = bob.get("/reviewers/2/calibration").text
    assert "Your calibration" in page
    assert "100.0 %" in page
    assert "nan" not in page.casefold()


def test_every_method_is_explained(session, alice):
    anchors = set(re.findall(r"/help/statistics#([\w-]+)", alice.get("/reviewers/2/calibration").text))
    methods = alice.get("/help/statistics").text
    assert {"position-bias", "reveal-effect", "repeats", "reviewing-pace"} <= anchors
    assert all(f'id="{anchor}"' in methods for anchor in anchors)


def test_open_session_tells_nobody_in_it_what_others_said(session, alice, bob):
    alice.post(f"/sessions/{session}/state", data={"step": "reopen"})
    for client, name in ((bob, "alice"), (alice, "bob"), (bob, "bob")):
        told = told_of(client, name)
        assert told["with_others"] == {}
        assert told["repeats"] == {}
    assert told_of(bob, "alice")["after_reveal"] == {}  # it would tell stored labels
    assert "No repeat has been answered yet" in bob.get("/reviewers/2/calibration").text


def test_narrowed_to_a_dataset_or_a_session(session, alice):
    place = "/reviewers/2/calibration"
    assert "Only the session" in alice.get(f"{place}?session={session}").text
    assert "Only the dataset" in alice.get(f"{place}?dataset=plants").text
    assert alice.get(f"{place}?dataset=weeds").status_code == 404
    assert alice.get(f"{place}?session=99").status_code == 404
    assert alice.get("/reviewers/99/calibration").status_code == 404
    assert alice.get(f"/api/v1{place}?session=x").status_code == 422
    assert alice.get(f"/api/v1{place}?colour=red").status_code == 422


def test_in_a_team_only_leads_see_others(client, database, tmp_path, team):
    import_rows(database, tmp_path, [row(0)], slug="plants")
    with database.read() as db:
        ids = {reviewer.name: reviewer.id for reviewer in db.query(Reviewer)}
    bobs = f"/reviewers/{ids['bob']}/calibration"
    assert [team(name).get(bobs).status_code for name in ("vera", "alice", "bob", "carol", "dana")] == [
        403, 403, 200, 200, 200,
    ]  # fmt: skip
    assert "shown to the reviewer and to leads" in team("alice").get(bobs).text
    assert team("alice").get(f"/api/v1{bobs}").status_code == 403
