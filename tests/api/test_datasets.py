"""Datasets and statistics: what there is to ask for, and counts that agree with the lists behind them."""

from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from app.browsing import prompts
from app.db import Database
from tests.api.conftest import API, PAIRS, Ask, review
from tests.factories import import_file, import_rows, row, write_jsonl

pytestmark = pytest.mark.usefixtures("pairs")
STATISTICS = "/datasets/pairs/statistics"


def test_it_works(ask: Ask) -> None:
    (dataset,) = ask("/datasets")["datasets"]
    assert (dataset["slug"], dataset["unit"], dataset["revision"]) == ("pairs", "pair", None)
    assert dataset["counts"] == {"entries": 120, "withdrawn": 0, "reviewed": 0, "disputed": 0, "flagged": 0}
    assert dataset["splits"] == {"train": 120}
    assert dataset["taxonomy"]["categories"][13]["name"] == "Cybercrime"
    assert len(dataset["label_fields"]) == 8


def test_links_lead_on(ask: Ask, client: TestClient) -> None:
    for url in ask("/datasets/pairs")["links"].values():
        assert client.get(url).status_code == 200


def test_counts_follow_reviews_and_imports(
    ask: Ask, alice: TestClient, bob: TestClient, database: Database, tmp_path: Path
) -> None:
    review(alice, 2, flag="yes")
    review(bob, 2, **{"verdict.better_response_id": "disagree", "corrected.better_response_id": "0"})
    import_file(database, write_jsonl(tmp_path / "pairs-train.jsonl", [row(n) for n in range(2)]), slug="pairs")
    dataset = ask("/datasets/pairs")
    assert dataset["counts"] == {"entries": 2, "withdrawn": 118, "reviewed": 1, "disputed": 1, "flagged": 1}
    assert [one["rows_withdrawn"] for one in dataset["imports"]] == [118, 0]


def test_what_can_be_asked_for_is_accepted(ask: Ask, client: TestClient) -> None:
    dataset = ask("/datasets/pairs")
    for facet in dataset["facets"]:
        values = [value["value"] for value in facet["values"]]
        for name in (facet["name"], f"not_{facet['name']}"):
            assert client.get(PAIRS, params={name: values, "limit": 1}).status_code == 200
    for sort in dataset["sorts"]:
        assert client.get(PAIRS, params={"sort": sort["value"]}).status_code == 200


@pytest.mark.parametrize("query", ["", "severity=2", "not_category=cybercrime&q=cactus", "min_length=110&severity_0=1"])
def test_statistics_agree_with_the_list(ask: Ask, query: str) -> None:
    found, listed = ask(f"{STATISTICS}?{query}"), ask(f"{PAIRS}?{query}&limit=1")
    assert [found[name] for name in ("total", "of", "sentence")] == [
        listed[name] for name in ("total", "of", "sentence")
    ]
    for facet, counts in found["facets"].items():
        for value, count in counts.items():
            if facet not in query:
                assert ask(f"{PAIRS}?{query}&{facet}={quote(value)}")["total"] == count, (facet, value)


def test_counts_of_a_facet_lie_within_its_own_filter(ask: Ask) -> None:
    assert ask(f"{STATISTICS}?severity=2")["facets"]["severity"] == {"0": 0, "1": 0, "2": 20, "3": 0}
    assert ask(f"{PAIRS}?severity=2")["facets"]["severity"] == {"0": 60, "1": 20, "2": 20, "3": 20}


def test_two_facets_are_crossed(ask: Ask) -> None:
    crossed = ask(f"{STATISTICS}?rows=safety&columns=severity&not_severity=3")["crossed"]
    assert crossed["counts"]["only_1_safe"] == {"0": 0, "1": 20, "2": 20, "3": 0}
    assert crossed["rows"]["totals"]["both_safe"] == crossed["counts"]["both_safe"]["0"] == 60
    assert (crossed["columns"]["facet"], crossed["columns"]["without"]) == ("severity", 0)
    for row_value, counts in crossed["counts"].items():
        for column_value, count in counts.items():
            query = {"safety": row_value, "severity": column_value, "not_severity": "3"}
            assert ask(PAIRS, **query)["total"] == count


@pytest.mark.parametrize("few", [5000, 1])
def test_prompts_are_counted_once(
    client: TestClient, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether few entries are looked up by id or the many are walked through by prompt."""
    monkeypatch.setattr(prompts, "_FEW", few)
    hats = [row(n, prompt="Which hat for the cat?") for n in range(3)]
    import_rows(database, tmp_path, [*hats, row(7), row(8, unsafe_0=(1, "Violence"))], "hats")
    url = f"{API}/datasets/hats/statistics"
    assert client.get(url).json()["distinct_prompts"] == 3
    assert client.get(f"{url}?safety=both_safe").json()["distinct_prompts"] == 2
    assert client.get(f"{url}?q=hat").json()["distinct_prompts"] == 1
    import_rows(database, tmp_path, [hats[0]], "hats")
    everything = f"{url}?withdrawn=yes&withdrawn=no"
    assert client.get(everything).json()["distinct_prompts"] == 3


def test_agreement_is_that_of_the_whole_dataset(ask: Ask, alice: TestClient) -> None:
    review(alice, 2, flag="yes")
    review(alice, 4, **{"verdict.better_response_id": "disagree", "corrected.better_response_id": "0"})
    found = {field["label_field"]: field for field in ask(STATISTICS)["agreement"]}
    better = found["better_response_id"]
    assert (better["agree"], better["disagree"], better["n"], better["share"]) == (1, 1, 2, 0.5)
    assert better["interval"]["low"] < 0.5 < better["interval"]["high"]
    assert ask(STATISTICS)["reviews"] == {"reviewed": 2, "disputed": 0, "flagged": 1}
    assert ask(f"{STATISTICS}?severity=2")["agreement"] is None


def test_nothing_reviewed_is_no_share(ask: Ask) -> None:
    assert {(field["share"], field["interval"]) for field in ask(STATISTICS)["agreement"]} == {(None, None)}
