"""The dataset page: its figures agree with the list, it follows the unit, and says where the rows come from."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.importing.queries import get_dataset, get_import
from tests.factories import CATEGORIES, import_file, import_rows, row, rows, write_jsonl
from tests.web.test_entries import text_of


class Links(HTMLParser):
    """Every link of a page, with the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._href = dict(attrs).get("href")
            self.found.append((self._href or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._href = None

    def handle_data(self, data: str) -> None:
        if self._href is not None:
            href, text = self.found[-1]
            self.found[-1] = (href, text + data)


def figures(html: str) -> str:
    return html.split('<section id="figures"')[1].split("</section>")[0]


def counted_links(html: str) -> Iterator[tuple[str, int]]:
    """Links of the figures into the list, with the number that each one shows."""
    for href, text in Links(figures(html)).found:
        if "/entries?" in href:
            yield href, int(text.split()[0].replace(",", ""))


def assert_agrees_with_the_list(client: TestClient, path: str) -> int:
    page = client.get(path)
    assert page.status_code == 200
    links = dict(counted_links(page.text))
    for href, number in links.items():
        answer = client.get(f"/api/v1{href}", params=None)
        assert answer.status_code == 200, (href, answer.text)
        assert answer.json()["total"] == number, href
    return len(links)


def mixed_rows() -> list[dict[str, Any]]:
    """Labels of every kind, contradictions, unknown labels, and texts of all lengths."""
    made = rows(6)
    made += [row(10 + n, unsafe_0=(n % 3 + 1, *CATEGORIES[n : n + 3])) for n in range(17)]
    made += [row(30 + n, unsafe_0=(1, CATEGORIES[n]), unsafe_1=(3, CATEGORIES[18 - n])) for n in range(8)]
    made += [row(40, unsafe_1=(2, "Cybercrime"), better_response_id=1, safer_response_id=1)]
    made += [row(41, response_0="Same.", response_1="Same."), row(42, response_0_severity_level=2)]
    made += [
        row(43, is_response_1_safe=None),
        row(44, response_0_severity_level=None),
        row(45, better_response_id=None),
    ]
    made += [row(46, response_1="Water. " * 3**n, prompt=f"Tell me {n} times.") for n in range(8)]
    made += [row(0), row(1, response_0="Another answer."), row(47, response_0_source="Alpaca3-8B", prompt_source=None)]
    return made


@pytest.fixture
def mixed(database: Database, tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "pairs-train.jsonl", mixed_rows())
    test = write_jsonl(tmp_path / "pairs-test.jsonl", [*rows(2), row(3, response_0="New."), *rows(9)[5:]])
    import_file(database, train, test, slug="pairs")


@pytest.mark.parametrize("path", ["/datasets/pairs", "/datasets/pairs?split=train", "/datasets/pairs?split=test"])
def test_every_number_is_that_of_the_list_behind_it(mixed: None, client: TestClient, path: str) -> None:
    assert assert_agrees_with_the_list(client, path) > (10 if "test" in path else 150)


@pytest.fixture
def answers(database: Database, tmp_path: Path) -> None:
    made = [
        {
            "prompt": f"How do I bake cake number {n % 4}?",
            "response": f"Slowly, {n} times.",
            "is_safe": n % 3 > 0,
            "harm_category": {name: n % 3 == 0 and name in CATEGORIES[n % 5 : n % 5 + 2] for name in CATEGORIES},
            "severity_level": 0 if n % 3 else 2,
        }
        for n in range(12)
    ]
    import_file(database, write_jsonl(tmp_path / "answers-train.jsonl", made), slug="answers")


def test_single_has_its_own_figures(answers: None, client: TestClient) -> None:
    assert assert_agrees_with_the_list(client, "/datasets/answers") > 20
    page = text_of(client.get("/datasets/answers").text)
    assert "a prompt with one response" in page
    assert "Harm categories" in page
    assert not re.search(r"is better|is safer|both safe|Preferences|response 1", page)


def test_prompts_have_no_labels_to_chart(database: Database, client: TestClient, tmp_path: Path) -> None:
    made = [{"prompt": f"Which pot fits cactus {n % 5}?"} for n in range(7)]
    import_file(database, write_jsonl(tmp_path / "questions.jsonl", made), slug="questions")
    assert assert_agrees_with_the_list(client, "/datasets/questions") > 0
    page = client.get("/datasets/questions")
    assert "a prompt alone" in page.text
    assert "Start reviewing" not in page.text
    for title in ("Safety and harm", "Preferences", 'id="taxonomy"'):
        assert title not in page.text
    assert "Distinct prompts 5" in text_of(page.text)


def test_one_preference_is_charted_unless_the_import_shuffled_it(
    database: Database, client: TestClient, tmp_path: Path
) -> None:
    made = [{"prompt": f"Cake {n}?", "chosen": f"Yes, {n}.", "rejected": f"No, {n}."} for n in range(4)]
    import_file(database, write_jsonl(tmp_path / "chosen-train.jsonl", made), slug="chosen")
    import_rows(database, tmp_path, [{k: v for k, v in row(n).items() if k != "safer_response_id"} for n in range(3)])
    assert assert_agrees_with_the_list(client, "/datasets/chosen") > 0
    assert assert_agrees_with_the_list(client, "/datasets/pairs") > 0
    assert not re.search("Safety and harm|Preferences", client.get("/datasets/chosen").text)
    assert "Better response" in figures(client.get("/datasets/pairs").text)


def test_labels_that_nobody_knows_are_not_taken_for_safe(
    database: Database, client: TestClient, tmp_path: Path
) -> None:
    made = [
        row(n, unsafe_0=(1, "Violence"), response_0_severity_level=None, response_1_severity_level=None)
        for n in range(3)
    ]
    for one in made:
        one |= {"response_0_source": None, "response_1_source": None}
    files = [write_jsonl(tmp_path / f"pairs-{split}.jsonl", made[:n]) for split, n in (("train", 3), ("test", 1))]
    import_file(database, *files, slug="pairs")
    assert assert_agrees_with_the_list(client, "/datasets/pairs") > 0
    page = text_of(figures(client.get("/datasets/pairs").text))
    assert "Entries per split" in page
    assert "Violence 4 entries: Violence 100.0 %" in page
    assert "1 minor 0" in page


def test_dataset_without_entries_has_no_charts(database: Database, client: TestClient, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0) | {"prompt": ""}, row(1) | {"prompt": ""}])
    page = client.get("/datasets/pairs")
    assert page.status_code == 200
    assert "<svg" not in figures(page.text)


def test_withdrawn_entries_are_counted_apart(
    mixed: None, database: Database, client: TestClient, tmp_path: Path
) -> None:
    import_file(database, write_jsonl(tmp_path / "pairs-train.jsonl", mixed_rows()[:-3]), slug="pairs")
    assert assert_agrees_with_the_list(client, "/datasets/pairs") > 100
    assert "Withdrawn, and counted nowhere else" in client.get("/datasets/pairs").text


def test_heat_map_counts_pairs_of_categories(mixed: None, client: TestClient) -> None:
    page = figures(client.get("/datasets/pairs").text)
    both = "category=endangering-national-security&amp;category=insulting-behavior&amp;category_match=all"
    assert re.search(rf'{re.escape(both)}">\d+<', page)
    assert "Categories that occur together" in page


def give_card(database: Database, text: str | None, **head: Any) -> None:
    with database.write() as db:
        dataset = get_dataset(db, "pairs")
        dataset.card, dataset.card_data, dataset.licence = text, head, head.get("license")


CARD = """\
# Cactus pairs

[![A badge](https://pictures.example/badge.svg)](https://cacti.example) <span style="color:red">Mind *thorns*.</span>

## Table of Contents
- [Fields](#data-fields)

## Dataset Summary

Pairs of answers about **cacti**, see [the paper][1].<br>Read [the terms](./TERMS.md) too.

![A cactus](https://pictures.example/cactus.png)

## Data Fields

| Field | What |
| --- | --: |
| `prompt` | a question |

## Data Collection and Annotation

Three gardeners looked at each pair.

### How they agreed

Over tea.

## Citation

```bibtex
@misc{cacti, title={Cactus pairs}}
```

[1]: https://paper.example/cacti "The paper"
"""


def about(client: TestClient) -> str:
    return client.get("/datasets/pairs").text.split('<section id="card"')[1].split("</section>")[0]


def test_card_is_rendered_for_reading(mixed: None, database: Database, client: TestClient) -> None:
    give_card(
        database,
        CARD,
        license="cc-by-nc-4.0",
        language=["en", "zh", "tlh"],
        tags=["plants", {"no": "text"}],
        size_categories="10K<n<100K",
        task_categories=["text-generation"],
    )
    page = about(client)
    summary, collection, whole = re.findall(
        r'<div class="markdown" dir="auto">(.*?)\n</div>\n *(?=<|$)', page, re.DOTALL
    )[:3]
    assert "Pairs of answers about <strong>cacti</strong>" in summary
    assert '<a href="https://paper.example/cacti"' in summary
    assert "Mind" not in summary
    assert "Three gardeners" in collection
    assert "Over tea." in collection
    assert "Citation" not in collection
    assert '<h4 id="card-data-fields">' in whole
    text = text_of(page)
    for said in ("English, Chinese, tlh", "10,000 to 100,000", "text generation", "plants", "NonCommercial 4.0"):
        assert said in text
    assert "Commercial use ✕ no" in text
    assert '<pre class="citation" id="citation" tabindex="0" aria-label="Citation">@misc{cacti,' in page
    assert 'data-copy="citation" hidden' in page


def test_card_loads_nothing_and_links_carefully(mixed: None, database: Database, client: TestClient) -> None:
    give_card(database, CARD)
    page = about(client)
    assert "<img" not in page
    assert "<span" not in page.split('<div class="markdown"')[1].split("</div>")[0]
    picture = '<a href="https://pictures.example/cactus.png" rel="noopener noreferrer nofollow">picture: A cactus</a>'
    assert picture in page
    assert "TERMS.md" not in page
    assert '<a href="#card-data-fields"' in page
    assert "No licence is named" in page


HOSTILE = """\
# Cactus <script>alert("title")</script>

<script>alert("block")</script>
<iframe src="https://evil.example"></iframe>

About <img src=x onerror=alert(1)> <b onclick="alert(2)">cacti</b> [one](javascript:alert(3)) [two](data:text/html,x)
[three](//evil.example) [four](vbscript:x) ![five](javascript:alert(4)) <a href="javascript:alert(5)">six</a>
<https://fine.example/?q="><script>alert(6)</script>> `<script>alert(7)</script>` **bold**{style="x:y"}

```html" onmouseover="alert(8)
<script>alert(9)</script>
```

<style>body { display: none }</style>
<form action="/datasets"><input name="q"></form>
"""


def test_hostile_card_brings_nothing_live(mixed: None, database: Database, client: TestClient) -> None:
    give_card(database, HOSTILE, license="<b>mine</b>", tags=["<script>alert(10)</script>"], language=["<i>"])
    page = about(client)
    tags = re.findall(r"<[a-z][^>]*>", page)
    allowed = (
        "a b blockquote br code dd details div dl dt em h2 h3 h4 hr li ol p pre span strong summary table tbody td ul"
    )
    assert {re.match(r"<(\w+)", tag).group(1) for tag in tags} <= {*allowed.split(), "button", "caption", "tr"}  # type: ignore[union-attr]
    assert not [tag for tag in tags if re.search(r"\son\w+=|\sstyle=|javascript:|data:|vbscript:", tag)]
    assert not [href for href, _ in Links(page).found if href and not re.match(r"https?://|mailto:|#card-", href)]
    assert "&lt;script&gt;alert(7)&lt;/script&gt;" in page
    assert "&lt;b&gt;mine&lt;/b&gt;" in page
    assert "This one is not known here" in page


@pytest.mark.parametrize(
    "card",
    [
        "# a\n" * 250_000,
        ">" * 1_000_000,
        "[a](" * 250_000,
        "> - " * 250_000,
        "Long. " * 180_000,
        "## Data collection\n\n" * 50_000,
    ],
)
def test_huge_card_is_cut(mixed: None, database: Database, client: TestClient, card: str) -> None:
    give_card(database, card)
    assert "only its beginning is shown" in about(client)


def test_card_without_sections_begins_its_summary(mixed: None, database: Database, client: TestClient) -> None:
    give_card(database, "Just cacti.\r\n\r\nAnd\u2028cats.\r\n\r\n" + "Long. " * 400)
    summary = about(client).split('<div class="markdown" dir="auto">')[1].split("</div>")[0]
    assert "Just cacti." in summary
    assert "cats." in summary
    assert "Long." not in summary


@pytest.mark.parametrize("text", ["# Only a title", "## One\n\n## Two"])
def test_card_without_words_has_no_summary(mixed: None, database: Database, client: TestClient, text: str) -> None:
    give_card(database, text)
    assert "Its card has no summary." in about(client)


def test_dataset_without_card_says_so(mixed: None, client: TestClient) -> None:
    assert "It came without a card." in about(client)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        ("n<1K", "fewer than 1,000"),
        ("n>1T", "more than 1,000,000,000,000"),
        ("1M<n<10M", "1,000,000 to 10,000,000"),
        ("big", "big"),
    ],
)
def test_size_is_said_in_full(mixed: None, database: Database, client: TestClient, size: str, words: str) -> None:
    give_card(database, None, size_categories=[size])
    assert f"Size as the card says {words}" in text_of(about(client))


def test_taxonomy_numbers_the_categories(mixed: None, client: TestClient) -> None:
    page = text_of(client.get("/datasets/pairs").text.split('<section id="taxonomy"')[1])
    assert "S1 Endangering National Security" in page
    assert "S19 Animal Abuse" in page
    assert "3 severe" in page
    assert "Response measures" in page


def test_history_tells_where_the_rows_come_from(mixed: None, database: Database, client: TestClient) -> None:
    with database.write() as db:
        record = get_import(db, 1)
        record.command, record.revision, record.reviews_outdated = "saferlhf-review import pairs", "c0ffee", 2
        record.rows_restored, record.rows_changed, record.error = 1, 4, "The disk is full."
        record.versions = {"orjson": "3.13"}
    html = client.get("/datasets/pairs").text
    page = text_of(html)
    for said in (
        "saferlhf-review import pairs",
        "c0ffee",
        "Back again 1",
        "Labels changed 4",
        "The disk is full.",
        "orjson 3.13",
    ):
        assert said in page
    assert "2 reviews are outdated." in page
    assert 'href="/datasets/pairs/entries?outdated=yes"' in html
    assert re.search(r"SHA-256 [0-9a-f]{64}", page)
    assert "saferlhf-review datasets delete pairs" in page


def test_dry_run_is_named_as_such(mixed: None, database: Database, client: TestClient) -> None:
    with database.write() as db:
        record = get_import(db, 1)
        record.is_dry_run, record.started_at = True, None
    assert "dry run: nothing was changed" in client.get("/datasets/pairs").text


def test_interrupted_import_is_warned_of(mixed: None, database: Database, client: TestClient) -> None:
    with database.write() as db:
        get_import(db, 1).state = "interrupted"
    assert "The newest import was interrupted" in client.get("/datasets/pairs").text


def test_list_of_datasets_says_what_each_is(mixed: None, answers: None, client: TestClient) -> None:
    page = client.get("/datasets")
    text = text_of(page.text)
    assert "prompts with two responses" in text
    assert "prompts with one response" in text
    assert "Last import" in text
    assert 'href="/imports/new"' in page.text
