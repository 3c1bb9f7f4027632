"""The list of entries, and one entry with its pair."""

import html
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import DatasetImport
from tests.factories import import_rows, row, rows

PAIRS = "/datasets/pairs/entries"


def text_of(page: str) -> str:
    """What a person reads, roughly: without tags, entities resolved, one space between words."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture
def browse(client: TestClient, database: Database, tmp_path: Path) -> TestClient:
    lines = [row(n, unsafe_0=(n % 3 + 1, "Cybercrime")) if n % 2 else row(n) for n in range(120)]
    import_rows(database, tmp_path, lines)
    client.cookies.set("texts", "shown")
    return client


def test_it_works(browse: TestClient) -> None:
    page = browse.get(PAIRS)
    assert page.status_code == 200
    assert "All 120 entries" in text_of(page.text)
    assert "How do I water cactus number 0?" in text_of(page.text)


def test_sentence_says_what_is_shown(browse: TestClient) -> None:
    page = browse.get(PAIRS, params={"safety": "only_1_safe", "severity": ["2", "3"], "q": "cactus"})
    sentence = "with only response 1 safe, of highest severity 2 moderate or 3 severe, that mention “cactus”"
    assert f"40 of 120 entries {sentence}" in text_of(page.text)


def test_htmx_gets_the_changing_part_only(browse: TestClient) -> None:
    part = browse.get(PAIRS, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert part.text.lstrip().startswith('<div id="browse"')
    assert "<html" not in part.text
    assert "HX-Request-Type" in part.headers["Vary"]
    assert "<html" in browse.get(PAIRS).text


def test_paging_by_links_shows_every_entry_once(browse: TestClient) -> None:
    seen: list[str] = []
    following: str | None = "?sort=severity"
    while following:
        page = browse.get(f"{PAIRS}{following}").text
        seen += re.findall(r'<h2[^>]*><a href="/entries/(\d+)', page)
        link = re.search(r'href="(\?[^"]+)"[^>]*rel="next"', page)
        following = html.unescape(link.group(1)) if link else None
    assert len(seen) == 120
    assert len(set(seen)) == 120


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("colour=red", "'colour' is no parameter. Valid are: safety, severity"),
        ("severty=1", "Did you mean severity?"),
        ("severity=9", "'9' is no value of severity. Valid are: 0, 1, 2, 3"),
        ("category=rudeness", "'rudeness' is no value of category. Valid are: endangering-national-security,"),
        ("sort=weight", "'weight' is no value of sort. Valid are: position, relevance, length, severity"),
        ("limit=0", "limit must be a whole number from 1 to 500"),
        ("limit=9999", "limit must be a whole number from 1 to 500"),
        ("after=4294967296", "after must be what a `next` link gave"),
        ("after=-3", "after must be what a `next` link gave"),
        ("q=a&q=b", "q can be given once only"),
        ("reviewer=nobody", "'nobody' is no value of reviewer. Valid are: none"),
    ],
)
def test_wrong_query_is_explained(browse: TestClient, query: str, message: str) -> None:
    page = browse.get(f"{PAIRS}?{query}")
    assert page.status_code == 422
    assert message in text_of(page.text)


def test_empty_list_is_a_page(browse: TestClient) -> None:
    page = browse.get(f"{PAIRS}?q=nothing+of+the+kind&category=violence")
    assert page.status_code == 200
    assert "0 of 120 entries" in text_of(page.text)


def test_dataset_or_entry_that_is_not_there(browse: TestClient) -> None:
    page = browse.get("/datasets/pears/entries")
    assert page.status_code == 404
    assert "There is no dataset 'pears'. Datasets here: pairs." in text_of(page.text)
    assert browse.get("/entries/9999").status_code == 404
    assert browse.get("/entries/x").status_code == 422
    assert browse.get("/entries/99999999999999999999").status_code in (404, 422)
    assert browse.get("/no/such/page").status_code == 404


def test_pair_shows_every_label_in_words(browse: TestClient) -> None:
    page = text_of(browse.get("/entries/2").text)
    for said in ("Response 0", "Response 1", "✕ unsafe", "✓ safe", "2 moderate", "0 none", "Cybercrime", "Alpaca-7B"):
        assert said in page


def test_previous_and_next_stay_within_the_filter(browse: TestClient) -> None:
    page = browse.get("/entries/4?safety=only_1_safe").text
    assert "/entries/2?safety=only_1_safe" in page
    assert "/entries/6?safety=only_1_safe" in page
    assert "2 of 60" in text_of(page)


def test_entry_outside_its_filter_still_leads_on(browse: TestClient) -> None:
    page = browse.get("/entries/3?safety=only_1_safe").text
    assert "/entries/2?safety=only_1_safe" in page
    assert "/entries/4?safety=only_1_safe" in page


def test_review_these_opens_the_first(browse: TestClient) -> None:
    answer = browse.get("/datasets/pairs/review?safety=only_1_safe", follow_redirects=False)
    assert answer.headers["location"] == "/entries/2?safety=only_1_safe"
    nothing = browse.get("/datasets/pairs/review?category=drugs", follow_redirects=False)
    assert nothing.headers["location"] == f"{PAIRS}?category=drugs"


def test_other_pairs_with_the_same_prompt(client: TestClient, database: Database, tmp_path: Path) -> None:
    same = {"prompt": "Which hat for the cat?"}
    import_rows(database, tmp_path, [row(1, **same), row(2), row(3, **same), row(4, **same)])
    page = client.get("/entries/1").text
    links = [int(number) for number in re.findall(r'href="/entries/(\d+)"', page)]
    assert links == [3, 4]
    assert 'href="/entries/1"' not in client.get("/entries/2").text


def test_texts_of_lists_are_blurred_until_asked_for(browse: TestClient) -> None:
    browse.cookies.delete("texts")
    hidden = browse.get(PAIRS).text
    assert 'data-texts="blurred"' in hidden
    assert 'class="veil" aria-hidden="true"' in hidden
    browse.post("/texts", data={"shown": "yes", "next": PAIRS})
    shown = browse.get(PAIRS).text
    assert 'data-texts="shown"' in shown
    assert 'class="veil" aria-hidden="true"' not in shown


MARKUP = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</textarea></title><svg onload=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7} <%= 7*7 %>",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "<!-- --> <![CDATA[ x ]]> &lt;b&gt;",
]


@pytest.mark.parametrize("text", MARKUP)
def test_markup_in_texts_is_text(client: TestClient, database: Database, tmp_path: Path, text: str) -> None:
    everywhere = {"prompt": text, "response_0": f"0 {text}", "response_1": f"1 {text}", "prompt_source": text}
    import_rows(database, tmp_path, [row(**everywhere, response_0_source=text, response_1_source=text)])
    client.cookies.set("texts", "shown")
    for path in (PAIRS, "/entries/1", "/datasets/pairs", f"{PAIRS}?q={text.split()[0]}"):
        page = client.get(path)
        assert page.status_code == 200
        raw = page.text.replace("<script src=", "").replace("</script>", "")
        assert not re.search(r"<script|<img|<svg onload|onerror=alert\(1\)>|<!-- -->|<!\[CDATA", raw), path
        assert not re.search(r"""<[^>]+["'] (?:onmouseover|autofocus onfocus)=""", raw), path
        assert "49" not in re.findall(r"\{\{ 7\*7|49 \{%", page.text), path


def test_megabyte_of_text_is_shown_whole(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(response_0="tea & cake " * 100_000)])
    client.cookies.set("texts", "shown")
    assert client.get("/entries/1").text.count("tea &amp; cake") == 100_000
    assert len(client.get(PAIRS).text) < 100_000


def test_import_under_way_is_not_shown_yet(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(3))
    with database.write() as db:
        db.query(DatasetImport).one().state = "running"
    assert "All 0 entries" in text_of(client.get(PAIRS).text)


def test_dataset_whose_rows_were_all_rejected(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1, prompt="")])
    for sort in ("position", "length", "severity"):
        assert "All 0 entries" in text_of(client.get(f"{PAIRS}?sort={sort}").text)


def test_unknown_preference_is_neither_yes_nor_no(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1), row(2, better_response_id=None)])
    facets = client.get("/api/v1/datasets/pairs/entries").json()["facets"]
    assert facets["conflict"] == {"yes": 0, "no": 1, "unknown": 1}
    assert facets["better"] == {"0": 0, "1": 1, "unknown": 1}
    assert "? unknown" in text_of(client.get("/entries/2").text)
