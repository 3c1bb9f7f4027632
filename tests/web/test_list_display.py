"""How a list is shown: density, columns, folded facets, jumping, and the way back from an entry."""

import html
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row
from tests.web.test_entries import PAIRS, text_of


@pytest.fixture
def browse(client: TestClient, database: Database, tmp_path: Path) -> TestClient:
    lines = [row(n, unsafe_0=(n % 3 + 1, "Cybercrime")) if n % 2 else row(n) for n in range(120)]
    import_rows(database, tmp_path, lines)
    client.cookies.set("texts", "shown")
    return client


def rows_of(page: str) -> list[int]:
    return [int(entry) for entry in re.findall(r'class="row" id="e(\d+)"', page)]


def test_density_and_columns_are_kept(browse: TestClient) -> None:
    form = {"density": "compact", "column": ["labels", "place", "source", "prompt_source", "length"], "next": PAIRS}
    page = browse.post("/rows", data=form).text
    assert "data-compact" in page
    assert 'data-hides="responses categories notes preferences status"' in page
    for said in ("train 1", "prompt from Alpaca3-70B", "Alpaca-7B", " characters"):
        assert said in text_of(page)
    assert "data-compact" in browse.get(f"{PAIRS}?safety=both_safe").text


def test_rows_are_comfortable_at_first(browse: TestClient) -> None:
    page = browse.get(PAIRS).text
    assert "data-compact" not in page
    assert "data-hides" not in page
    assert "row-more" not in page
    browse.cookies.set("rows", "roomy.colour.place")
    assert "train 1" in text_of(browse.get(PAIRS).text)


def test_folded_facets_stay_folded(browse: TestClient) -> None:
    assert 'id="facet-safety" open' in browse.get(PAIRS).text
    browse.cookies.set("folded", "safety.split")
    page = browse.get(PAIRS).text
    assert 'id="facet-safety" open' not in page
    assert 'id="facet-severity" open' in page


def test_value_can_be_left_out(browse: TestClient) -> None:
    page = browse.get(PAIRS).text
    link = re.search(r'href="\?([^"]+)" aria-label="Exclude Cybercrime"', page)
    assert link
    without = browse.get(f"{PAIRS}?{html.unescape(link.group(1))}").text
    assert "60 of 120 entries" in text_of(without)
    assert "not Cybercrime ×" in text_of(without)
    assert 'aria-label="Exclude no longer: Cybercrime"' in without


def test_page_can_be_jumped_to(browse: TestClient) -> None:
    page = browse.get(f"{PAIRS}?page=3").text
    assert rows_of(page) == list(range(101, 121))
    assert 'name="page" value="3"' in page
    assert "of 3" in text_of(page)
    assert 'href="?page=3">Last' in browse.get(PAIRS).text


def test_entry_can_be_jumped_to(browse: TestClient) -> None:
    page = browse.get(f"{PAIRS}?entry=70").text
    assert 70 in rows_of(page)
    assert "is not in this list" not in page


def test_entry_outside_the_list_is_named(browse: TestClient) -> None:
    page = browse.get(f"{PAIRS}?safety=only_1_safe&entry=69").text
    assert "Entry 69 is not in this list; this is the page where it would stand." in text_of(page)
    assert 'href="/entries/69?safety=only_1_safe">Open entry 69' in page


def test_shuffle_shows_its_seed(browse: TestClient) -> None:
    page = browse.get(f"{PAIRS}?sort=random&seed=7&q=cactus").text
    assert 'id="seed" name="seed" value="7"' in page
    link = re.search(r'id="shuffle" href="\?([^"]+)"', page)
    assert link
    again = browse.get(f"{PAIRS}?{html.unescape(link.group(1))}").text
    assert 'id="seed" name="seed" value="8"' in again
    assert sorted(rows_of(page)) != sorted(rows_of(again))
    assert 'id="seed"' not in browse.get(PAIRS).text


def test_way_back_leads_to_the_page_of_the_entry(browse: TestClient) -> None:
    page = browse.get("/entries/118?safety=only_1_safe&limit=10").text
    assert 'href="/datasets/pairs/entries?safety=only_1_safe&amp;limit=10&amp;entry=118#e118"' in page
    assert 118 in rows_of(browse.get(f"{PAIRS}?safety=only_1_safe&limit=10&entry=118").text)


def test_ends_of_the_list_are_a_step_away(browse: TestClient) -> None:
    page = browse.get("/entries/60?safety=only_1_safe").text
    steps = re.findall(r'class="button[^"]*" href="/entries/(\d+)\?safety=only_1_safe"', page)
    assert steps[:4] == ["2", "58", "62", "120"]


def test_row_unfolds_to_its_texts(browse: TestClient) -> None:
    browse.cookies.delete("texts")
    part = browse.get("/entries/2/texts?q=litres", headers={"HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<div id="reading"')
    assert "Pour two <mark>litres</mark> over cactus 1 every day." in part
    assert part.count('aria-hidden="true"') == 1  # the unsafe response; the prompt stands in the row


def test_long_prompt_unfolds_too(client: TestClient, database: Database, tmp_path: Path) -> None:
    prompt = "How long is a row of pear trees? " * 20
    import_rows(database, tmp_path, [row(1, prompt=prompt, response_1="")])
    part = client.get("/entries/1/texts", headers={"HX-Request-Type": "partial"}).text
    assert prompt in part
    assert "This response is empty." in part


def test_texts_alone_are_no_page(browse: TestClient) -> None:
    answer = browse.get("/entries/2/texts", follow_redirects=False)
    assert answer.headers["location"] == "/entries/2"
