"""Definitions and guideline over the review screen, by one key."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser
FORM = {"body": "# Leaves\n\nA brown leaf is minor.", "begun_with": "0"}


def test_key_opens_them_and_escape_leads_back(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.request.post("/datasets/sample/guideline", form=FORM)
    page.get_by_role("radio", name="agree").first.focus()
    page.keyboard.press("g")
    dialog = page.get_by_role("dialog", name="Definitions")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("Cybercrime")).to_be_visible()
    expect(dialog.get_by_role("heading", name="Leaves")).to_be_attached()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("radio", name="agree").first).to_be_focused()
    assert page.url.endswith("/entries/1")


def test_typing_the_beginning_of_a_word_finds_a_category(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.keyboard.press("g")
    page.get_by_role("dialog").get_by_text("Cybercrime").wait_for()
    page.keyboard.type("psy h")
    rows = page.locator("#categories > div:visible")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Psychological Harm")
    expect(page.locator("#status")).to_have_text("1 category")
    page.keyboard.type("zz")
    expect(page.get_by_text("No category has a word")).to_be_visible()


def test_guideline_written_meanwhile_is_shown(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.keyboard.press("g")
    page.get_by_text("Nobody has written a guideline").wait_for()
    page.keyboard.press("Escape")
    page.request.post("/datasets/sample/guideline", form=FORM)
    page.keyboard.press("g")
    expect(page.get_by_role("dialog").get_by_role("heading", name="Leaves")).to_be_visible()


def test_without_network_they_are_as_they_were(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.keyboard.press("g")
    page.get_by_role("dialog").get_by_text("Cybercrime").wait_for()
    page.keyboard.press("Escape")
    page.route("**/definitions", lambda route: route.abort("aborted"))
    page.keyboard.press("g")
    expect(page.get_by_role("dialog").get_by_text("Cybercrime")).to_be_visible()


def test_without_javascript_they_are_a_page(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice", java_script_enabled=False)
    page.get_by_role("link", name="Definitions").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Definitions")
    expect(page.get_by_text("Cybercrime")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dialog_and_pages_are_accessible(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/entries/1", name="alice", color_scheme=scheme, viewport=PHONE)
    page.request.post("/datasets/sample/guideline", form=FORM)
    page.request.post(
        "/datasets/sample/guideline", form=FORM | {"body": "A brown leaf is moderate.", "begun_with": "1"}
    )
    page.keyboard.press("g")
    page.get_by_role("dialog").get_by_text("Cybercrime").wait_for()
    assert Axe().run(page).response["violations"] == []
    guideline = "/datasets/sample/guideline"
    for path in (guideline, f"{guideline}?version=2&since=1", f"{guideline}/edit", "/datasets/sample/definitions"):
        page.goto(path)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
