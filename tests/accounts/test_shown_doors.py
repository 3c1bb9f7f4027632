"""Nobody is shown a link or a form that would refuse them."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from starlette.testclient import TestClient

from app.accounts.permissions import PERMISSIONS, Action
from app.db import Database
from app.web.access import routes_of
from tests.factories import import_rows, row, rows

Team = Callable[[str], TestClient]
PAGES = (
    "/",
    "/datasets",
    "/datasets/pears",
    "/datasets/pears/entries",
    "/datasets/pears/charts",
    "/datasets/pears/views",
    "/datasets/pears/guideline",
    "/datasets/pears/definitions",
    "/datasets/none-of-these",
    "/entries/1",
    "/entries/1/comments",
    "/entries/1/history",
    "/entries/1/diff",
    "/entries/2",
    "/settings",
    "/settings/exposure",
    "/account",
    "/help",
)
DOOR = re.compile(
    r'<(?:a\b[^>]*?\bhref|form\b(?=[^>]*method="post")[^>]*?\baction|button\b[^>]*?\bformaction)="(/[^"#?]*)'
)


def gates(client: TestClient) -> list[tuple[str, re.Pattern[str], Action]]:
    """Method, address and action of each route, in the order in which they are tried."""
    found = []
    for path, methods, action in routes_of(client.app):  # type: ignore[arg-type]
        address = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))
        found += [(method, address, action) for method in methods]
    return found


def shown(html: str) -> set[tuple[str, str]]:
    return {("GET" if hit.group().startswith("<a") else "POST", unescape(hit[1])) for hit in DOOR.finditer(html)}


def test_no_page_leads_to_what_one_may_not(team: Team, client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [*rows(2), row(9), "not a row"], slug="pears")
    import_rows(database, tmp_path, [row(0, is_response_0_safe=False), row(1), "no"], slug="pears")  # withdraws one
    dana = team("dana")
    dana.post("/entries/1/comments", data={"body": "Which pear is it?"})
    dana.post("/entries/1/review", data={"action": "agree_rest", "revision": "0"})
    every = gates(client)
    refused, known = [], 0
    for name, role in {"vera": "viewer", "alice": "reviewer", "carol": "lead", "dana": "admin"}.items():
        visitor = team(name)
        for page in PAGES:
            for method, path in shown(visitor.get(page).text):
                action = next((one for m, address, one in every if m == method and address.fullmatch(path)), None)
                known += action is not None
                may = action is None or PERMISSIONS[action].is_open or role in PERMISSIONS[action].roles
                if not may or (action and PERMISSIONS[action].only_local):
                    refused.append((name, page, method, path))
    assert refused == []
    assert known > 500


def test_viewer_is_told_what_reviewing_takes(sample: None, team: Team) -> None:
    vera = team("vera")
    page = vera.get("/entries/1").text
    assert "You may read; reviewing needs the role reviewer." in page
    assert 'id="review"' not in page
    assert "to take part needs the role reviewer" in vera.get("/entries/1/comments").text
    listed = vera.get("/datasets/sample/entries").text
    assert 'id="selection"' not in listed
    assert 'id="select-page"' not in listed
    assert "every entry is reviewed" not in vera.get("/").text
