"""An empty list says what would show something, and how much."""

import html
import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row

PAIRS = "/datasets/pairs/entries"
TEXTS = [
    "The lantern glows over a quiet garden.",
    "A lantern and a kettle.",
    "A lantern in the garden, a kettle indoors.",
    "Кухня и самовар.",
    "我们去北京。",
    "lighthouses by the sea",
]


class Suggesting:
    def __init__(self, client: TestClient) -> None:
        self.client = client

    def __call__(self, **parameters: str) -> dict[str, int]:
        """What is suggested, with the counts; each count is what following the link shows."""
        page = self.client.get(PAIRS, params=parameters)
        assert page.status_code == 200
        found = {}
        for section in re.findall(r'<section class="suggested">(.*?)</section>', page.text, re.DOTALL):
            for query, label, count in re.findall(r'href="\?([^"]*)">(.*?)</a>.*?([\d,]+) entr', section):
                found[html.unescape(label)] = int(count.replace(",", ""))
                shown = self.client.get(
                    "/api/v1/datasets/pairs/entries", params=list(parse_qsl(html.unescape(query)))
                ).json()
                assert shown["total"] == found[html.unescape(label)]
        return found


@pytest.fixture
def suggested(client: TestClient, database: Database, tmp_path: Path) -> Suggesting:
    lines = [row(n, prompt=f"Prompt {n} about cabbage", response_0=text) for n, text in enumerate(TEXTS)]
    lines[1] = row(1, prompt="Prompt 1", response_0=TEXTS[1], unsafe_0=(3, "Drugs"))
    import_rows(database, tmp_path, lines)
    import_rows(database, tmp_path, [row(1, response_0="A lemtern.")], slug="other")
    return Suggesting(client)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("lamtern", {"lantern": 3}),
        ("latnern", {"lantern": 3}),
        ("LANTERNN kettle", {"lantern kettle": 2, "kettle": 2}),
        ("lamtern ketle", {"lantern kettle": 2}),
        ("lant", {"lant*": 3}),
        ("lantrxn", {"lantern": 3}),
        ("lamtern*", {"lantern*": 3}),
        ("lamtrn", {"lantern": 3}),
        ("lighthose", {"lighthouses": 1}),
        ("response:lamtern -kettle", {"response:lantern -kettle": 1}),
        ("самавар", {"самовар": 1}),
        ('"quiet lantern"', {"quiet lantern": 1}),
        ('"quiet gardem"', {"quiet gardem": 0, '"quiet garden"': 1}),
        ("prompt:lantern", {"lantern": 3}),
        ("lantern самовар", {"lantern": 3, "самовар": 1}),
        ("prompt:cabbage lantern -garden", {"lantern -garden": 1, "prompt:cabbage lantern": 2}),
        ("lantern -lantern", {"lantern": 3}),
        ('"quiet garden" kettle', {"kettle": 2, '"quiet garden"': 1}),
        ("京北", {"京 北": 1}),
        ('"lamtern and a ketle"', {'"lantern and a kettle"': 1}),
        (f'"{"lantern " * 13}"', {}),
        ("zzzzzzzz", {}),
        ("***", {}),
        ("-lantern -prompt", {}),
        ("é", {}),
    ],
)
def test_search_without_hits(suggested: Suggesting, q: str, expected: dict[str, int]) -> None:
    found = suggested(q=q)
    assert {label: count for label, count in expected.items() if count}.items() <= found.items()
    if not expected:
        assert found == {}


def test_every_suggestion_has_results_with_the_other_filters(suggested: Suggesting) -> None:
    assert suggested(q="lamtern", safety="only_1_safe") == {"lantern": 1, "without the search": 1}
    assert suggested(q="gardem", safety="only_1_safe") == {"without the search": 1}


def test_filters_that_let_nothing_through_can_be_dropped(suggested: Suggesting) -> None:
    found = suggested(q="lantern", safety="both_safe", severity="3", max_length="900")
    assert found == {
        "the search alone": 3,
        "without Highest severity: 3 severe": 2,
        "without Safety of the pair: both safe": 1,
    }
    found = suggested(q="самовар", not_safety="both_safe", min_length="1")
    assert found == {
        "without Safety of the pair: not both safe": 1,
        "the search alone": 1,
        "without the search": 1,
    }
    assert suggested(min_length="100000") == {"without Length: at least 100,000 characters": 6}


def test_many_words_that_never_come_together_are_not_tried_one_by_one(suggested: Suggesting) -> None:
    assert suggested(q="the lantern glows over a quiet garden kettle самовар") == {}


def test_a_word_of_another_dataset_is_not_suggested(suggested: Suggesting) -> None:
    assert "lemtern" not in suggested(q="lemterm")


def test_a_dataset_without_entries_has_nothing_to_suggest(
    client: TestClient, database: Database, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, [row(1, prompt=""), row(2, prompt="")])
    page = client.get(f"{PAIRS}?q=lamtern")
    assert page.status_code == 200
    assert "This dataset has no entries yet." in page.text


def test_a_page_beyond_the_end_leads_back(suggested: Suggesting, client: TestClient) -> None:
    assert suggested(page="9") == {}
    assert "There is nothing on this page of the list." in client.get(f"{PAIRS}?page=9").text
