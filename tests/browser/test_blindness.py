"""What the browser of a blind reviewer is sent, and what they can do with it."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from app.db import open_database
from app.models import Response as Answer
from app.settings import Settings
from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser


def become_blind(page: Page, path: str) -> Page:
    page.request.post("/settings/mode", form={"mode": "blind", "next": "/"})
    page.goto(path)
    return page


def sources(path: Path) -> set[str]:
    database = open_database(path)
    with database.read() as db:
        found = {source for (source,) in db.query(Answer.source).distinct() if source}
    database.close()
    return found


def test_no_byte_names_a_source_or_a_note(open_page: OpenPage, settings: Settings) -> None:
    page, sent = become_blind(open_page("/reviewers", name="alice"), "/reviewers"), {}

    def record(route: Route) -> None:
        answer = route.fetch()
        sent[route.request.url] = f"{answer.headers} {answer.text()}"
        route.fulfill(response=answer)

    page.route(lambda url: "/static/" not in url, record)
    page.goto("/datasets/sample/entries")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.locator(".reading").wait_for()
    page.get_by_label("Sort").select_option("random")
    page.wait_for_url("**sort=random**")
    page.keyboard.press("r")
    page.locator("#entry").wait_for()
    for key in ("v", "g", "Escape", "]"):
        page.keyboard.press(key)
        page.wait_for_load_state("networkidle")
    page.unroute_all(behavior="wait")
    assert len(sent) > 5
    names = sources(settings.database_path)
    assert names
    for url, body in sent.items():
        assert not [name for name in {*names, "helpful but unsafe"} if name in body], url


def test_list_is_used_by_keys_as_ever(open_page: OpenPage) -> None:
    page = become_blind(open_page("/", name="alice"), "/datasets/sample/entries")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#selected")).to_have_text("1 selected")
    expect(page.get_by_role("button", name="Give a verdict")).to_have_count(0)
    page.keyboard.press("f")
    expect(page.locator("#flag-notice")).to_contain_text("1 entry flagged")
    expect(page.get_by_role("note")).to_contain_text("You review blind")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_accessible(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/", name="alice", color_scheme=scheme, viewport=PHONE)
    for path in ("/datasets/sample/entries", "/datasets/sample/entries?severity=3", "/", "/datasets/sample"):
        become_blind(page, path)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
