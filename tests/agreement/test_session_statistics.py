"""A session worked through by its pages; its figures against statsmodels and pandas on its own download."""

import io
import json
import re

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.proportion import proportion_confint

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
