"""Who reviews blind is shown no stored label, no source, no original order and nobody's opinion, wherever they look."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.testclient import TestClient

from app import api, web
from app.db import Database
from app.importing.queries import get_import
from app.models import Entry, Reviewer
from app.reviewing.sights import find_sights
from tests.factories import import_file, row, write_jsonl

# What stands in the rows, and nowhere else in the product's own words.
SOURCES = ("Zebra-7B", "Okapi-13B")
LABELS = ("Cybercrime", "cybercrime", "White-Collar", "white-collar", "moderate", "severe")
NEVER = (*SOURCES, "bob thinks so", "a whole parish", "Lynx column")
SECRETS = (*NEVER, *LABELS, "disagree", "disputed", "helpful but unsafe", "safer points at the less safe one")
# What these pages say of labels is said of all entries together, or of none.
DEFINING = "defines every category and level, whatever entries have"
ALLOWED = {
    "/help": "explains the product's words",
    "/datasets/{slug}/definitions": DEFINING,
    "/datasets/{slug}": f"{DEFINING}; counts of the whole dataset",
    "/datasets": "counts of the whole dataset",
    "/": "counts of the whole dataset",
    "/help/statistics": "explains figures",
    "/adjudication": "explains itself; who judges blind sees no entry of it",
    "/settings": "offers every category to leave out",
    "/settings/exposure": "explains what counts as severe",
    "/pause": "speaks of severe entries",
    "/entries/{entry_id}": "its form offers every category and level, and keys are listed",
    "/entries/{entry_id}/texts": "leads there",
    "/datasets/{slug}/review": "leads there",
    "/api/v1/datasets": f"{DEFINING}; counts of the whole dataset",
    "/api/v1/datasets/{slug}": f"{DEFINING}; counts of the whole dataset",
    "/api/v1/openapi.json": "describes the API, by an example",
    "/api/v1/docs": "describes the API, by an example",
}
ROWS = [
    row(0, unsafe_0=(2, "Cybercrime"), unsafe_1=(3, "White-Collar Crime"), note="Lynx column", prompt_source="Meadow"),
    row(1, unsafe_1=(2, "Cybercrime"), better_response_id=1, prompt_source="Meadow"),
    row(2, unsafe_0=(3, "White-Collar Crime"), safer_response_id=0, prompt_source="Forest"),
    row(3, prompt_source="Forest"),
]


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    named = [made | dict(zip(("response_0_source", "response_1_source"), SOURCES, strict=True)) for made in ROWS]
    for changes in ({}, {"response_0_severity_level": 3}):  # a second import that changes a label
        import_file(database, write_jsonl(tmp_path / "garden.jsonl", [named[0] | changes, *named[1:]]), slug="garden")


@pytest.fixture
def blind(bob: TestClient, alice: TestClient) -> TestClient:
    """Alice's browser; bob has judged, commented on and flagged an entry before."""
    form = {"verdict.better_response_id": "disagree", "corrected.better_response_id": "0"}
    form |= {"reason.better_response_id": "a whole parish", "comment": "bob thinks so", "flag": "label_wrong"}
    page = bob.get("/entries/1").text
    hidden = dict(re.findall(r'<input type="hidden" name="(revision|key)" value="([^"]*)"', page))
    saved = bob.post("/entries/1/review", data={"action": "save", **hidden, **form}, follow_redirects=False)
    assert saved.status_code == 303
    for name, query in (("Severe ones", "severity=3"), ("From the meadow", "prompt_source=Meadow")):
        bob.post("/datasets/garden/views", data={"name": name, "query": query, "pinned": "yes"})
    bob.post("/datasets/garden/guideline", data={"body": "Judge by the leaf."})
    answer = alice.post("/settings/mode", data={"mode": "blind", "next": "/"}, follow_redirects=False)
    assert answer.status_code == 303
    return alice


def paths() -> Iterator[tuple[str, str]]:
    """Every GET route, and an address of it."""
    values = {"slug": "garden", "entry_id": "1", "import_id": "2", "view_id": "1", "comment_id": "1"}
    for prefix, routers in (("", web.ROUTERS), ("/api/v1", api.ROUTERS)):
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and "GET" in route.methods:
                    yield prefix + route.path, (prefix + route.path).format_map(defaultdict(lambda: "1", values))


def told(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("partial", [False, True], ids=["pages", "fragments"])
def test_nothing_is_told(blind: TestClient, partial: bool) -> None:
    headers = {"HX-Request-Type": "partial"} if partial else {}
    leaks = {}
    for route, path in paths():
        for query in ("", "?field=response_0.severity_level"):
            answer = blind.get(path + query, headers=headers)
            assert answer.status_code < 500, path
            text = answer.text + "".join(f"\n{name}: {value}" for name, value in answer.headers.items())
            if found := set(told(text)) & set(NEVER if route in ALLOWED else SECRETS):
                leaks[path + query] = found
    assert not leaks


def test_everything_is_told_to_others(blind: TestClient, bob: TestClient) -> None:
    """Or the test above proves nothing."""
    seen = "".join(
        bob.get(path + query).text for _, path in paths() for query in ("", "?field=response_0.severity_level")
    )
    assert set(told(seen)) == set(SECRETS)
    assert {route for route, _ in paths()} >= ALLOWED.keys()


TELLING = [
    "severity=3", "not_severity=3", "severity_0=2", "safety=both_safe", "category=cybercrime", "better=1",
    "safer=0", "conflict=yes", "relation=helpful_but_unsafe", "contradiction=safe-but-severe", "source=Zebra-7B",
    "flag=yes", "status=disputed", "not_status=reviewed", "verdict=agree", "reviewer=bob", "outdated=yes",
    "sort=severity", "sort=reviewed_at", "q=cactus&severity=3", "category_match=all", "subset=any",
]  # fmt: skip


@pytest.mark.parametrize(
    "page", ["/datasets/garden/entries", "/datasets/garden/review", "/entries/2", "/entries/2/texts"]
)
def test_lists_by_labels_are_refused(blind: TestClient, page: str) -> None:
    for query in TELLING:
        answer = blind.get(f"{page}?{query}", follow_redirects=False)
        assert answer.status_code == 403, query
        assert "You review blind" in answer.text
        assert 'href="/settings"' in answer.text
        assert query.split("&")[-1].split("=")[0] in answer.text


def test_other_lists_are_there(blind: TestClient) -> None:
    for query in (
        "q=response:cactus", "prompt_source=Meadow", "split=train", "sort=random&seed=3", "sort=length", "withdrawn=no",
        "status=unreviewed", "not_status=in_review", "min_length=3", "entry=2", "limit=2&page=2"
    ):  # fmt: skip
        answer = blind.get(f"/datasets/garden/entries?{query}")
        assert answer.status_code == 200, query
        assert "You review blind" in answer.text


def test_list_offers_what_it_takes(blind: TestClient) -> None:
    page = blind.get("/datasets/garden/entries").text
    links = re.findall(r'href="\?([^"]+)"', page)
    assert len(links) > 8
    for link in links:
        assert blind.get(f"/datasets/garden/entries?{link.replace('&amp;', '&')}").status_code == 200
    sorts = re.search(r'<select id="sort".*?</select>', page, re.DOTALL)
    assert sorts is not None
    assert re.findall(r'value="(\w+)"', sorts.group()) == ["position", "relevance", "length", "random"]


@pytest.mark.parametrize("path", ["/datasets/garden/entries", "/entries/{}/texts"])
def test_texts_stand_where_the_entry_has_them(blind: TestClient, database: Database, path: str) -> None:
    with database.read() as db:
        alice = db.scalars(select(Reviewer).where(Reviewer.name == "alice")).one()
        ids = list(db.scalars(select(Entry.id)))
        sights = find_sights(db, alice, ids)
    for entry_id in ids:
        text = blind.get(path.format(entry_id), headers={"HX-Request-Type": "partial"}).text
        number = entry_id - 1
        starts = (
            f"Pour two litres over cactus {number} ",
            f"Barely at all in winter, says the label of cactus {number}.",
        )
        found = [text.index(starts[position]) for position in sights[entry_id].positions]
        assert found == sorted(found)
        assert "Left" in text
        assert not re.search(r"Response (</span>)?[01]", text)


@pytest.mark.parametrize(
    "path", ["/datasets/garden/entries", "/datasets/garden/review", "/entries/2", "/entries/3/texts"]
)
def test_other_labels_make_no_other_page(blind: TestClient, database: Database, tmp_path: Path, path: str) -> None:
    def page() -> str:
        answer = blind.get(path, headers={"HX-Request-Type": "partial"})
        return re.sub(r'name="key" value="[^"]*"', "", answer.text)

    before = page()
    harm = ({}, {"unsafe_0": (3, "Drugs")}, {"unsafe_1": (1, "Violence")}, {"unsafe_0": (2, "Drugs")})
    others = [row(n, prompt_source=ROWS[n]["prompt_source"], **labels) for n, labels in enumerate(harm)]
    changed = import_file(database, write_jsonl(tmp_path / "garden.jsonl", others), slug="garden")
    with database.read() as db:
        assert get_import(db, changed).rows_changed == len(ROWS)
    assert page() == before


def test_rows_and_their_texts_arrive_blurred_alike(blind: TestClient) -> None:
    page = blind.get("/datasets/garden/entries").text
    assert page.count('<p class="begin veil" aria-hidden="true"') == 2 * len(ROWS)
    texts = blind.get("/entries/4/texts", headers={"HX-Request-Type": "partial"}).text
    assert texts.count('veil" dir="auto" aria-hidden="true"') == 2


@pytest.mark.parametrize("path", ["entries", "entries?texts=whole", "statistics"])
def test_json_is_a_problem_that_says_why(blind: TestClient, path: str) -> None:
    answer = blind.get(f"/api/v1/datasets/garden/{path}")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "You review blind"


@pytest.mark.parametrize("path", ["/api/v1/datasets/garden", "/api/v1/openapi.json"])
def test_kept_json_is_no_answer_for_the_blind(blind: TestClient, path: str) -> None:
    blind.post("/settings/mode", data={"mode": "open", "next": "/"})
    kept = blind.get(path)
    assert "Zebra-7B" in kept.text
    blind.post("/settings/mode", data={"mode": "blind", "next": "/"})
    again = blind.get(path, headers={"If-None-Match": kept.headers["etag"]})
    assert again.status_code == 200
    assert "Zebra-7B" not in again.text


def test_views_by_labels_are_left_out(blind: TestClient) -> None:
    for path in ("/", "/datasets/garden/views"):
        page = blind.get(path).text
        assert "From the meadow" in page
        assert "Severe ones" not in page
    assert blind.get("/datasets/garden/views/1").status_code == 403


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/datasets/garden/flags", {"action": "flag", "all": "yes", "query": "severity=3", "total": "1"}),
        ("/datasets/garden/verdicts/new", {"entry": "1"}),
        ("/datasets/garden/views", {"name": "", "query": "severity=3"}),
        ("/datasets/garden/views/1/name", {"name": ""}),
        ("/entries/1/review?severity=3", {"action": "save"}),
        ("/entries/1/skip?severity=3", {}),
    ],
)
def test_no_form_is_a_way_round(blind: TestClient, path: str, form: dict[str, str]) -> None:
    assert blind.post(path, data=form, follow_redirects=False).status_code == 403


def test_open_reviewers_see_everything_again(blind: TestClient) -> None:
    blind.post("/settings/mode", data={"mode": "open", "next": "/"})
    page = blind.get("/datasets/garden/entries?severity=3")
    assert page.status_code == 200
    assert "You review blind" not in page.text
    assert "Cybercrime" in page.text
