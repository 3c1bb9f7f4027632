"""A session worked through by its pages; its figures against statsmodels and pandas on its own download."""

import io
import json
import re

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

from app.api.agreement_schemas import AgreementReport, FieldAgreementReport
from tests.factories import import_rows, row
from tests.sessions.running import agree, draw, open_session, take

SEVERITY, SAFE = "response_0.severity_level", "response_0.is_safe"


@pytest.fixture
def session(client, database, tmp_path, alice, bob) -> int:
    """Six of twelve entries, reviewed by two; of severity Alice changes two, Bob three."""
    import_rows(database, tmp_path, [row(n, response_0_severity_level=n % 3 + 1) for n in range(12)], slug="plants")
    session = open_session(alice, database, draw(database, 6), "Alice", "Bob")
    for client_of, changed in ((alice, {1, 2}), (bob, {1, 2, 3})):
        address = take(client_of, session)
        while address.startswith("/entries/"):
            entry = int(re.match(r"/entries/(\d+)", address)[1])
            more = {}
            if entry in changed:
                more = {f"verdict.{SEVERITY}": "disagree", f"corrected.{SEVERITY}": "0"}
            address = agree(client_of, address, **more).headers["location"]
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    return session


def ratings_of(client, session) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(client.get(f"/sessions/{session}/ratings.csv").text))


def test_page_and_command_say_what_the_download_says(session, alice, run):
    told = json.loads(run("agreement", str(session), "--json").stdout)
    found, ratings = told["fields"][SEVERITY], ratings_of(alice, session)
    of_field = ratings[ratings.label_field == SEVERITY]
    verdicts = of_field.verdict.value_counts()
    said = found["label_agreement"]["open"]
    assert (said["agree"], said["disagree"]) == (verdicts["agree"], verdicts["disagree"]) == (7, 5)
    assert said["wilson"] == pytest.approx(proportion_confint(7, 12, method="wilson"))
    assert said["clopper_pearson"] == pytest.approx(proportion_confint(7, 12, method="beta"))
    wrong = of_field.assign(wrong=of_field.verdict == "disagree").groupby("item").wrong.mean()
    assert found["error_rate"]["rate"] == pytest.approx(wrong.mean())
    assert found["error_rate"]["population"] == 12
    assert found["error_rate"]["low"] < found["error_rate"]["rate"] < found["error_rate"]["high"]
    table = of_field.pivot(index="item", columns="reviewer", values="value")
    kappa = next(measure for measure in found["between_reviewers"]["measures"] if measure["method"] == "cohen-kappa")
    assert kappa["value"] == pytest.approx(cohen_kappa_score(table.alice, table.bob))
    stored = next(measure for measure in found["with_stored_label"]["measures"] if measure["method"] == "cohen-kappa")
    assert stored["value"] == pytest.approx(cohen_kappa_score(of_field.stored_value, of_field.value))
    for page in (f"/sessions/{session}/agreement", f"/sessions/{session}/agreement/{SEVERITY}"):
        shown = alice.get(page).text
        assert f"<strong>{100 * wrong.mean():.1f} %</strong>" in shown
        assert f"{kappa['value']:.3f}" in shown
    assert "12 of 12 reviews" in alice.get(f"/sessions/{session}/agreement").text


def test_what_is_undefined_is_said_in_words(session, alice, run):
    told = json.loads(run("agreement", str(session), "--json").stdout)["fields"][SAFE]
    kappa = next(measure for measure in told["between_reviewers"]["measures"] if measure["method"] == "cohen-kappa")
    assert kappa["value"] is None or -1 <= kappa["value"] <= 1
    page = alice.get(f"/sessions/{session}/agreement").text
    assert "nan" not in page.casefold().replace("nano", "")
    assert "wrong (95 % CI" in run("agreement", str(session)).stdout


def test_who_still_reviews_learns_nothing(session, alice, bob):
    alice.post(f"/sessions/{session}/state", data={"step": "reopen"})
    for path in ("agreement", "ratings.csv"):
        answer = bob.get(f"/sessions/{session}/{path}")
        assert answer.status_code == 403
        assert "once the session is closed" in answer.text


def test_every_method_on_the_page_is_explained(session, alice):
    anchors = set()
    for path in ("", f"/{SEVERITY}", "/response_0.harm_categories"):
        page = alice.get(f"/sessions/{session}/agreement{path}?intervals=yes").text
        anchors |= set(re.findall(r"/help/statistics#([\w-]+)", page))
    methods = alice.get("/help/statistics").text
    assert {"cohen-kappa", "gwet-ac1", "error-rate-simple", "krippendorff-alpha"} <= anchors
    assert all(f'id="{anchor}"' in methods for anchor in anchors)


def test_report_says_how_it_was_done_and_what_it_cannot_say(session, alice):
    page = alice.get(f"/sessions/{session}/report").text
    for said in (
        "a simple random sample of 6 of 12 entries",
        "(seed 1)",
        "2 reviewers judged with the stored labels in sight",
        "12 of 12 reviews were given (100%)",
        "which makes agreement likelier",
        "<strong>41.7 %</strong>",
    ):
        assert said in page, said
    card = alice.get(f"/sessions/{session}/card.md").text
    assert "| `response_0.severity_level` | 41.7% |" in card
    assert "- Reviewers saw the stored labels" in card


def test_report_of_an_unfinished_session_says_what_is_missing(client, database, tmp_path, alice, bob):
    import_rows(database, tmp_path, [row(n) for n in range(6)], slug="plants")
    session = open_session(alice, database, draw(database, 3), "Alice", "Bob", conditions="blind")
    alice.post(f"/sessions/{session}/state", data={"step": "close"})
    page = alice.get(f"/sessions/{session}/report").text
    assert "6 of 6 reviews are missing" in page
    assert "Nothing drawn has an answer yet" in page
    assert "not known" in alice.get(f"/sessions/{session}/card.md").text


@pytest.mark.parametrize("of", ["sessions/1", "datasets/plants"])
def test_json_is_as_described_and_says_what_the_command_says(session, alice, run, of):
    answer = alice.get(f"/api/v1/{of}/agreement?intervals=yes")
    AgreementReport.model_validate_json(answer.content, strict=True)
    told = json.loads(run("agreement", of.rpartition("/")[2], "--format", "json", "--intervals").stdout)
    assert answer.json() == told
    one = alice.get(f"/api/v1/{of}/agreement/{SEVERITY}?intervals=yes")
    FieldAgreementReport.model_validate_json(one.content, strict=True)
    found = one.json()
    assert {name: found[name] for name in told["fields"][SEVERITY]} == told["fields"][SEVERITY]
    alpha = next(m for m in found["between_reviewers"]["measures"] if m["method"] == "krippendorff-alpha")
    assert alpha["interval"][0] <= alpha["value"] <= alpha["interval"][1]
    assert found["breakdown"]["by_reviewer"]["bob"]["disagree"] == 3


def test_statistics_of_a_dataset_follow_every_review(session, alice):
    def reviews():
        return alice.get("/api/v1/datasets/plants/agreement").json()["reviews"]["done"]

    assert reviews() == 12
    agree(alice, "/entries/12")
    assert reviews() == 13
    page = alice.get("/datasets/plants/agreement").text
    assert "13 reviews of 7 entries by 2 reviewers" in page
    alice.post(f"/sessions/{session}/state", data={"step": "reopen"})
    assert reviews() == 1  # who takes part in a session is not told what it says before it is over


def test_open_and_blind_are_kept_apart(session, alice):
    only = "/api/v1/datasets/plants/agreement?conditions="
    assert alice.get(f"{only}open").json()["reviews"]["done"] == 12
    assert alice.get(f"{only}blind").json()["reviews"]["done"] == 0
    assert "No verdict yet." in alice.get("/datasets/plants/agreement?conditions=blind").text
    refused = alice.get("/datasets/plants/agreement?conditions=drunk")
    assert (refused.status_code, "conditions is open or blind" in refused.text) == (422, True)


def test_cell_of_the_heat_map_leads_to_its_entries(session, alice):
    page = alice.get(f"/sessions/{session}/agreement/{SEVERITY}").text
    cells = dict(re.findall(r'href="([^"]*/entries\?stored=[^"]*)" aria-label="(\d+) entries', page))
    assert sum(map(int, cells.values())) == 5
    changed = [link for link in cells if link.endswith("right=0")]
    assert changed
    listed = [alice.get(link.replace("&amp;", "&")).text for link in changed]
    assert {int(n) for text in listed for n in re.findall(r'<a href="/entries/(\d+)">', text)} == {1, 2}
    contested = alice.get(f"/sessions/{session}/agreement/{SEVERITY}/entries?contested=yes").text
    assert '<a href="/entries/3">' in contested
    assert "<bdi>bob</bdi>: 0" in contested
    nothing = f"/sessions/{session}/agreement/{SEVERITY}/entries"
    assert alice.get(nothing).status_code == 422
    assert alice.get(f"{nothing}?contested=yes&page=2").status_code == 422
    assert alice.get(f"/sessions/{session}/agreement/colour").status_code == 404


def test_report_is_a_file_that_stands_alone(session, run):
    report = run("agreement", str(session), "--format", "html", "--texts").stdout
    assert "<strong>41.7 %</strong>" in report
    assert not re.search(r"<script|<link|src=", report)
    assert all(f'id="{anchor}"' in report for anchor in re.findall(r'href="#?([^"]*)"', report))
    assert "Response 1" in report
    rows = run("agreement", str(session), "--format", "csv").stdout.splitlines()
    assert len(rows) == 1 + 12 * 8
    refused = run("agreement", "plants", "--format", "html")
    assert refused.returncode == 2
    assert "A report is of a session" in refused.stderr


def test_direction_of_errors_and_shift_are_told(session, alice):
    told = alice.get(f"/api/v1/sessions/{session}/agreement").json()["fields"][SEVERITY]["direction"]
    assert told["other_way"] == {"what": "held to be less severe", "entries": 2}
    assert told["mcnemar_p"] == pytest.approx(0.5)
    stored = {1: 1, 2: 2}  # severity of the entries of which both say 0: n % 3 + 1
    assert told["mean_shift"] == pytest.approx(-sum(stored.values()) / 5)
