"""The charts of a list: counts against plain loops over the raw rows, and every link against the list it opens."""

import random
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import CATEGORIES, import_file, import_rows, row, write_jsonl
from tests.sample_rows import VALUES, length, matches, mentions, raw_rows, with_relations
from tests.web.test_dataset_page import Links, answers, mixed, mixed_rows
from tests.web.test_entries import text_of

__all__ = ["answers", "mixed"]  # fixtures
CHARTS = "/datasets/sample/charts"


class Tables(HTMLParser):
    """Every table of a page: its caption or label, and its rows of (text, link) cells."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[list[tuple[str, str | None]]]] = {}
        self._rows: list[list[tuple[str, str | None]]] = []
        self._in: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = self.found[str(dict(attrs).get("aria-labelledby", len(self.found)))] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td"):
            self._rows[-1].append(("", None))
        elif tag == "a" and self._in[-1:] in (["td"], ["th"]):
            self._rows[-1][-1] = (self._rows[-1][-1][0], dict(attrs)["href"])
        if tag in ("th", "td", "caption"):
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td", "caption"):
            self._in.pop()

    def handle_data(self, data: str) -> None:
        if self._in and self._in[-1] == "caption":
            if data.strip() and not self._rows:
                self._rows.append([(data.strip(), None)])
        elif self._in:
            text, link = self._rows[-1][-1]
            self._rows[-1][-1] = (f"{text} {data.strip()}".strip(), link)


Table = list[list[tuple[str, str | None]]]


def cross_of(html: str) -> Table:
    return Tables(html).found["cross-title"]


def number(cell: tuple[str, str | None]) -> int:
    return int(cell[0].split()[0].replace(",", ""))


def numbers(table: Table) -> list[list[int]]:
    """Without headings and totals."""
    return [[number(cell) for cell in line[1:-1]] for line in table[1:-1]]


def distribution_of(html: str, title: str) -> Table:
    return next(table[1:] for table in Tables(html).found.values() if table[0][0][0] == title)


def results(html: str) -> str:
    """Without the sidebar, whose numbers leave their own facet's filter out."""
    return html.split('<div class="results', 1)[1].split("</main>")[0]


def counted_links(html: str) -> dict[str, int]:
    found = {}
    for href, text in Links(results(html)).found:
        if re.match(r"[\d,]+ ", text):
            _, _, query = href.partition("?")
            pairs = [pair for pair in parse_qsl(query) if pair[0] not in ("rows", "columns", "share")]
            found[urlencode(pairs)] = int(text.split()[0].replace(",", ""))
    return found


def charts(client: TestClient, query: str, slug: str = "sample") -> str:
    answer = client.get(f"/datasets/{slug}/charts?{query}")
    assert answer.status_code == 200
    return answer.text


CODES = [name.lower().replace(" ", "-") for name in CATEGORIES]
FILTERS: list[tuple[str, str]] = [
    ("safety", "both_unsafe"),
    ("severity", "2"),
    ("severity", "3"),
    ("category", "drugs"),
]


def test_crossed_counts_are_exact(sample: None, client: TestClient) -> None:
    entries, rng = with_relations(raw_rows()), random.Random(4)
    facets = client.get("/api/v1/datasets/sample/entries").json()["facets"]
    known = [name for name in (*VALUES, "category", "relation") if name in facets]
    for _ in range(40):
        across, along = rng.choices(known, k=2)
        chosen = [(name, rng.choice(list(facets[name]))) for name in rng.sample(known, 2)]
        word, least = rng.choice([None, "the", "tea"]), rng.choice([0, 200])
        query = [*chosen, ("min_length", str(least)), *([("q", word)] if word else [])]
        table = cross_or_none(charts(client, urlencode([*query, ("rows", across), ("columns", along)])))
        within = [
            one
            for one in entries
            if all(matches(one, *pair) for pair in chosen)
            and length(one) >= least
            and (word is None or mentions(one, word))
        ]
        if table is None:
            assert not within
            continue
        expected = [
            [sum(matches(one, across, r) and matches(one, along, c) for one in within) for c in facets[along]]
            for r in facets[across]
        ]
        assert numbers(table) == expected, (query, across, along)
        totals = [sum(matches(one, across, r) for one in within) for r in facets[across]]
        assert [number(line[-1]) for line in table[1:]] == [*totals, len(within)]
        assert [number(cell) for cell in table[-1][1:-1]] == [
            sum(matches(one, along, c) for one in within) for c in facets[along]
        ]


def cross_or_none(html: str) -> Table | None:
    return Tables(html).found.get("cross-title")


QUERIES = [
    "",
    "rows=category&columns=category",
    "category=drugs&rows=category&columns=category",
    "category=violence&category=drugs&rows=category&columns=safety",
    "category=violence&category=drugs&category_match=all&rows=category&columns=category",
    "source=Alpaca-7B&rows=source&columns=source",
    "severity=1&severity=3&rows=severity&columns=relation&sort=length&limit=7",
    "safety=only_0_safe&safety=both_unsafe&not_category=violence&rows=safety&columns=category",
    "not_severity=2&min_length=120&max_length=900&rows=severity&columns=contradiction",
    "q=cactus+-bake&rows=status&columns=split&share=row",
    "withdrawn=yes&rows=split&columns=safety",
]


@pytest.mark.parametrize("query", QUERIES)
def test_every_number_leads_to_as_many_entries(
    mixed: None, database: Database, client: TestClient, tmp_path: Path, query: str
) -> None:
    import_file(database, write_jsonl(tmp_path / "pairs-train.jsonl", mixed_rows()[:-3]), slug="pairs")
    links = counted_links(charts(client, query, "pairs"))
    assert len(links) > 5
    for link, shown in links.items():
        answer = client.get(f"/api/v1/datasets/pairs/entries?{link}")
        assert answer.status_code == 200, (link, answer.text)
        assert answer.json()["total"] == shown, link


def test_distribution_counts_within_the_filter(sample: None, client: TestClient) -> None:
    page = charts(client, urlencode(FILTERS))
    within = [
        one
        for one in raw_rows()
        if VALUES["safety"](one) == "both_unsafe"
        and VALUES["severity"](one) in "23"
        and matches(one, "category", "drugs")
    ]
    assert f"{len(within)} of " in text_of(page)
    for title, name in (("Highest severity", "severity"), ("Source model", "source"), ("Split", "split")):
        shown = {line[0][0].removesuffix(" minor"): number(line[2]) for line in distribution_of(page, title)[1:]}
        counts = [sum(VALUES[name](one) == value.split()[0] for one in within) for value in shown]
        assert list(shown.values()) == counts
    lengths = distribution_of(page, "Length of the texts")[1:]
    assert sum(number(line[2]) for line in lengths) == len(within)
    drugs = next(line for line in distribution_of(page, "Harm category") if line[0][0] == "Drugs")
    assert drugs[3][0] == "100.0 %"


def test_number_that_no_list_has_is_no_link(mixed: None, client: TestClient) -> None:
    query = "category=violence&category=drugs"
    page = charts(client, f"{query}&rows=category&columns=split", "pairs")
    assert "A number without a link is of entries" in text_of(page)
    linked = {
        line[0][0]: line[2][1] is not None for line in distribution_of(page, "Harm category") if line[2][0][:1] > "0"
    }
    assert linked["Violence"]
    assert not linked["Copyright Issues"]
    page = charts(client, f"{query}&category_match=all&rows=category&columns=split", "pairs")
    assert "A number without a link" not in text_of(page)


@pytest.mark.parametrize(
    ("share", "of"),
    [("all", [8] * 6), ("row", [4, 4, 3, 3, 1, 1]), ("column", [2, 6] * 3)],
    ids=["all", "row", "column"],
)
def test_share_is_of_what_was_asked(
    database: Database, client: TestClient, tmp_path: Path, share: str, of: list[int]
) -> None:
    lines = [row(n, better_response_id=n % 2, safer_response_id=int(n > 1)) for n in range(7)]
    lines += [row(7, better_response_id=None)]
    import_rows(database, tmp_path, lines)
    table = cross_of(charts(client, f"rows=better&columns=safer&share={share}", "pairs"))
    counts = numbers(table)
    assert counts == [[1, 3], [1, 2], [0, 1]]
    shown = [cell[0].split(", ")[-1] for line in table[1:-1] for cell in line[1:-1]]
    flat = [count for line in counts for count in line]
    assert shown == [f"{100 * n / whole:.1f} %" if n else "0" for n, whole in zip(flat, of, strict=True)]


def test_entries_that_have_none_are_told_of(mixed: None, client: TestClient) -> None:
    page = text_of(charts(client, "split=train&rows=category&columns=prompt_source", "pairs"))
    without = sum(not any(matches(one, "category", code) for code in CODES) for one in mixed_rows())
    assert "An entry counts for each of its categories." in page
    assert f"{without} of the 48 entries have no harm category: they stand in the total only." in page
    assert "1 of the 48 entries has no prompt source: it stands in the total only." in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("rows=colour", "&#39;colour&#39; is no facet of this dataset. Valid are: safety, severity, category,"),
        ("columns=colour&rows=severity", "Valid are: safety, severity"),
        ("rows=severity&rows=safety", "rows can be given once only."),
        ("share=most", "&#39;most&#39; is no value of share. Valid are: all, row, column."),
        ("sort=colour", "&#39;colour&#39; is no value of sort."),
        ("page=0", "page must be"),
        ("colour=red", "&#39;colour&#39; is no parameter"),
        ("rows=%3Cscript%3E", "&lt;script&gt;"),
    ],
)
def test_what_cannot_be_read_names_what_can(sample: None, client: TestClient, query: str, words: str) -> None:
    answer = client.get(f"{CHARTS}?{query}")
    assert answer.status_code == 422
    assert words in answer.text
    assert client.get(CHARTS.replace("sample", "nowhere")).status_code == 404


def chosen_axes(html: str) -> list[str]:
    return re.findall(r'<option value="(\w+)" selected', html)


@pytest.mark.parametrize(
    ("query", "axes"),
    [
        ("", ["category", "severity"]),
        ("rows=&columns=", ["category", "severity"]),
        ("rows=source", ["source", "safety"]),
        ("columns=safety", ["source", "safety"]),
        ("rows=flag", ["flag", "safety"]),
        ("rows=better&columns=better", ["better", "better"]),
    ],
)
def test_what_was_not_chosen_is_chosen_sensibly(mixed: None, client: TestClient, query: str, axes: list[str]) -> None:
    assert chosen_axes(charts(client, query, "pairs")) == axes


def test_answers_and_prompts_are_crossed_by_what_they_have(
    answers: None, database: Database, client: TestClient, tmp_path: Path
) -> None:
    assert chosen_axes(charts(client, "", "answers")) == ["category", "severity"]
    made = [{"prompt": f"Which pot fits cactus {n}?", "prompt_source": f"Shop {n % 2}"} for n in range(7)]
    files = [
        write_jsonl(tmp_path / f"asked-{split}.jsonl", made[part])
        for split, part in (("train", slice(4)), ("test", slice(4, 7)))
    ]
    import_file(database, *files, slug="asked")
    assert chosen_axes(charts(client, "", "asked")) == ["split", "prompt_source"]
    import_file(database, write_jsonl(tmp_path / "alike.jsonl", made[:1]), slug="alike")
    page = charts(client, "", "alike")
    assert "Two facets crossed" not in page
    assert "Split" in page
    assert charts(client, "rows=split&columns=flag", "alike").count("cross-title") > 1
    assert "Two facets crossed" not in charts(client, "rows=split", "alike")


def test_links_stay_on_the_charts_and_keep_the_crossing(sample: None, client: TestClient) -> None:
    page = charts(client, "category=drugs&rows=source&columns=safety&share=row&q=the")
    kept = "rows=source&columns=safety&share=row"
    sidebar = page.split('id="facets"')[1].split("</nav>")[0]
    hrefs = [href for href, _ in Links(sidebar).found if href]
    assert len(hrefs) > 40
    assert all(href.startswith("?") and kept in href for href in hrefs)
    for name, value in (("rows", "source"), ("columns", "safety"), ("share", "row")):
        assert page.count(f'<input type="hidden" name="{name}" value="{value}">') >= (1 if name != "share" else 3)
    assert client.get(f"{CHARTS}?{kept}").status_code == 200
    cells = [href for line in cross_of(page)[1:] for _, href in line if href]
    assert all(href.startswith("/datasets/sample/entries?") and "rows=" not in href for href in cells)


def test_list_and_charts_lead_to_each_other(sample: None, client: TestClient) -> None:
    query = "category=drugs&sort=random&seed=5&limit=20"
    page = charts(client, f"{query}&rows=source&page=2")
    assert f'href="/datasets/sample/entries?{query.replace("&", "&amp;")}"' in page
    assert "sort=random&amp;seed=5&amp;limit=20&amp;rows=source" in page.split('id="facets"')[1].split("</nav>")[0]
    page = client.get(f"/datasets/sample/entries?{query}&page=1").text
    assert f'href="/datasets/sample/charts?{query.replace("&", "&amp;")}"' in page


def test_other_crossings_are_a_link_away(sample: None, client: TestClient) -> None:
    page = charts(client, "safety=both_unsafe&rows=source&columns=severity")
    (swapped,) = re.findall(r'id="cross-swap" href="([^"]+)"', page)
    assert swapped == "?safety=both_unsafe&amp;rows=severity&amp;columns=source"
    assert re.search(
        r'id="pair-category-severity" href="\?safety=both_unsafe&amp;rows=category&amp;columns=severity"', page
    )


def test_facet_with_many_values_shows_the_most_common(database: Database, client: TestClient, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(n, prompt_source=f"Shop {n % 45:02}") for n in range(50)])
    page = charts(client, "rows=prompt_source&columns=better", "pairs")
    assert len(cross_of(page)) == 42
    assert "5 values of prompt source are left out: those that fewest entries have." in text_of(page)
    assert len(distribution_of(page, "Prompt source")) == 41
    assert "5 values that fewer entries have are left out." in text_of(page)


def test_nothing_to_chart_says_what_to_do(sample: None, client: TestClient) -> None:
    page = charts(client, "q=nothingofthekind")
    assert 'class="empty"' in page
    assert "<table" not in page


def test_htmx_gets_the_changing_part(sample: None, client: TestClient) -> None:
    part = client.get(CHARTS, headers={"HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<div id="browse"')
    assert re.search(r'data-announce="All \d+ entries"', part)


def test_values_are_shown_as_text(database: Database, client: TestClient, tmp_path: Path) -> None:
    name = "<script>alert(1)</script> \" onclick='x'"
    import_rows(database, tmp_path, [row(n, prompt_source=(name, "Shop")[n % 2]) for n in range(4)])
    page = charts(client, "rows=prompt_source&columns=better", "pairs")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &#34; onclick=&#39;x&#39;" in page
    links = counted_links(page)
    assert any("alert" in link for link in links)


def test_narrow_lengths_have_finer_bars(mixed: None, client: TestClient) -> None:
    wide = distribution_of(charts(client, "", "pairs"), "Length of the texts")[1:]
    narrow = distribution_of(charts(client, "min_length=100&max_length=190", "pairs"), "Length of the texts")[1:]
    assert number(wide[0][2]) > sum(number(line[2]) for line in narrow)
    assert len(narrow) > 3
    assert "Length of the texts" not in charts(client, "min_length=10000", "pairs")


def test_counts_follow_reviews(mixed: None, alice: TestClient) -> None:
    alice.post("/entries/1/review", data={"revision": "0", "action": "agree_rest"})
    table = cross_of(charts(alice, "rows=status&columns=verdict", "pairs"))
    assert [line[0][0] for line in table[1:-1]] == ["unreviewed", "in review", "reviewed", "disputed", "adjudicated"]
    assert numbers(table)[2] == [1, 0, 0]
