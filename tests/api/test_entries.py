"""Lists of entries and entries: the numbers of the pages, read page by page or as one stream."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.api.conftest import API, NDJSON, PAIRS, Ask, review
from tests.factories import answer_row, import_file, import_rows, row, write_jsonl

pytestmark = pytest.mark.usefixtures("pairs")


def test_it_works(ask: Ask) -> None:
    listed = ask(PAIRS)
    assert (listed["total"], listed["of"], listed["first_place"], listed["sentence"]) == (
        120,
        120,
        1,
        "All 120 entries",
    )
    assert listed["entries"][1]["responses"][0]["harm_categories"] == ["Cybercrime"]
    assert listed["entries"][0]["flagged"] is False


@pytest.mark.parametrize(
    "query", ["", "safety=only_1_safe&severity=2&severity=3", "not_severity=0&q=cactus", "sort=random&seed=7&page=2"]
)
def test_numbers_are_those_of_the_page(client: TestClient, query: str) -> None:
    listed, page = client.get(f"{PAIRS}?{query}").json(), client.get(f"/datasets/pairs/entries?{query}").text
    assert [int(found) for found in re.findall(r'<h2[^>]*><a href="/entries/(\d+)', page)] == [
        entry["id"] for entry in listed["entries"]
    ]
    assert listed["sentence"] in re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def follow(client: TestClient, query: str) -> list[dict[str, Any]]:
    """By the header, to the end."""
    url, entries = f"{PAIRS}?{query}", []
    while url:
        answer = client.get(url)
        entries += answer.json()["entries"]
        assert ("Link" in answer.headers) == (answer.json()["next"] is not None)
        url = answer.links["next"]["url"] if answer.links else ""
    return entries


@pytest.mark.parametrize("sort", ["position", "length", "severity", "random", "relevance", "reviewed_at"])
def test_next_leads_through_every_entry_once(client: TestClient, sort: str) -> None:
    ids = [entry["id"] for entry in follow(client, f"limit=17&sort={sort}&q=cactus")]
    assert (len(ids), len(set(ids))) == (120, 120)


def test_reviews_between_two_pages_neither_repeat_nor_skip(client: TestClient, ask: Ask, alice: TestClient) -> None:
    first = ask(PAIRS, limit=50, sort="length")
    assert isinstance(first["next"], str)
    for entry in (first["entries"][3], first["entries"][49]):
        review(alice, entry["id"], flag="yes")
    second = ask(PAIRS, limit=50, sort="length", after=first["next"])
    third = ask(PAIRS, limit=50, sort="length", after=second["next"])
    ids = [entry["id"] for page in (first, second, third) for entry in page["entries"]]
    assert (len(ids), len(set(ids)), third["next"]) == (120, 120, None)


def test_reading_by_status_goes_on_when_what_was_read_is_reviewed(ask: Ask, alice: TestClient) -> None:
    first = ask(PAIRS, limit=50, status="unreviewed")
    for entry in first["entries"][-2:]:
        review(alice, entry["id"])
    second = ask(PAIRS, limit=50, status="unreviewed", after=first["next"])
    assert (second["entries"][0]["id"], second["total"]) == (51, 118)


def test_whole_texts_page_by_page_are_the_stream(client: TestClient, alice: TestClient) -> None:
    review(alice, 5, flag="yes")
    query = "safety=both_safe&sort=length&not_status=disputed"
    streamed = client.get(f"{PAIRS}?{query}", headers=NDJSON)
    assert streamed.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in streamed.text.splitlines()]
    assert lines == follow(client, f"{query}&limit=7&texts=whole")
    assert len(lines) == 60
    assert [client.get(f"{API}/entries/{line['id']}").json() for line in lines[:3]] == lines[:3]
    assert [(line["status"], line["flagged"]) for line in lines if line["id"] == 5] == [("reviewed", True)]


def test_stream_goes_on_behind_an_entry(client: TestClient) -> None:
    lines = client.get(f"{PAIRS}?sort=severity", headers=NDJSON).text.splitlines()
    broken_off = json.loads(lines[99])["id"]
    assert client.get(f"{PAIRS}?sort=severity&after={broken_off}", headers=NDJSON).text.splitlines() == lines[100:]


@pytest.mark.parametrize("name", ["limit=5", "page=2", "entry=3", "texts=whole"])
def test_stream_has_no_pages(client: TestClient, name: str) -> None:
    answer = client.get(f"{PAIRS}?{name}", headers=NDJSON)
    assert (answer.status_code, answer.json()["field"]) == (422, name.split("=")[0])


def test_stream_of_nothing_is_empty(client: TestClient) -> None:
    assert client.get(f"{PAIRS}?q=marmalade", headers=NDJSON).content == b""


def test_entry_has_every_label_and_what_its_row_held_beside(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, [row(1, unsafe_1=(2, "Violence"), crumbs={"deep": [1, 2.5, None]})], "cakes")
    entry = client.get("/api/v1/entries/121").json()
    assert entry["labels"] == {
        "response_0.is_safe": True,
        "response_0.harm_categories": [],
        "response_0.severity_level": 0,
        "response_1.is_safe": False,
        "response_1.harm_categories": ["violence"],
        "response_1.severity_level": 2,
        "better_response_id": 1,
        "safer_response_id": 0,
    }
    assert (entry["extra"], entry["notes"]) == ({"crumbs": {"deep": [1, 2.5, None]}}, ["helpful but unsafe"])


def test_entry_with_one_response(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_file(database, write_jsonl(tmp_path / "train.jsonl", [answer_row(is_safe=None)]), slug="answers")
    entry = client.get(f"{API}/entries/121").json()
    assert [response["position"] for response in entry["responses"]] == [0]
    assert entry["labels"]["response_0.is_safe"] is None


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/*", "application/json"),
        ("text/html,*/*;q=0.8", "application/json"),
        ("application/json;q=0.5, application/x-ndjson", "application/x-ndjson"),
        ("application/x-ndjson;q=0.1, */*;q=0.5", "application/json"),
        ("application/x-ndjson;q=none, application/json;q=0.2", "application/json"),
    ],
)
def test_form_is_what_the_client_likes_best(client: TestClient, accept: str, kind: str) -> None:
    answer = client.get(PAIRS, headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    assert "Accept" in answer.headers["vary"].split(", ")


def test_hostile_texts_are_given_as_they_are(client: TestClient, database: Database, tmp_path: Path) -> None:
    text = '</script><b>"\\\u202e\u2028\u0001 ' + "x" * 300_000
    import_rows(database, tmp_path, [row(prompt=text, response_0=text)], "nasty")
    url = f"{API}/datasets/nasty/entries"
    for answer in (client.get(f"{url}?texts=whole").json()["entries"][0], client.get(url, headers=NDJSON).json()):
        assert (answer["prompt"], answer["responses"][0]["text"]) == (text, text)
