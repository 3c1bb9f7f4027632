"""Views in a real browser: saved, pinned, opened and deleted by keyboard, and without JavaScript."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import IN_BOTH_LOOKS, PHONE, OpenPage

pytestmark = pytest.mark.browser
ENTRIES, VIEWS = "/datasets/sample/entries", "/datasets/sample/views"


def press(page: Page, name: str) -> None:
    """The button by its name, reached and pressed as without a mouse."""
    page.get_by_role("button", name=re.compile(name)).focus()
    page.keyboard.press("Enter")


def save_view(page: Page, name: str) -> None:
    press(page, "^Save view$")
    expect(page.get_by_label("Save these filters as")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Enter")


def test_save_pin_open_and_delete_by_keyboard(open_page: OpenPage) -> None:
    page = open_page(f"{ENTRIES}?safety=both_unsafe&q=tea", name="alice")
    count = page.locator("#list-title").inner_text().split()[0]
    save_view(page, "Tea time")
    expect(page.get_by_text("✓ saved")).to_be_visible()
    press(page, "This is the view Tea time")
    press(page, "^Pin Tea time to the overview$")
    page.get_by_role("link", name="Overview").press("Enter")
    pinned = page.get_by_role("region", name="Pinned views")
    expect(pinned.get_by_role("listitem")).to_contain_text(f"Tea time {count}")
    pinned.get_by_role("link", name="Tea time").press("Enter")
    expect(page.locator("#list-title")).to_contain_text(f"{count} of 305 entries with both responses unsafe")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Views").press("Enter")
    press(page, "^Rename Tea time$")
    expect(page.get_by_label("Another name for Tea time")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("Coffee time")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Coffee time")).to_be_visible()
    press(page, "^Delete… Coffee time$")
    expect(page.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Delete Coffee time")).to_be_hidden()
    press(page, "^Delete… Coffee time$")
    press(page, "^Delete the view$")
    expect(page.get_by_text("None yet.")).to_be_visible()


def test_name_that_is_taken_without_javascript(open_page: OpenPage) -> None:
    page = open_page(f"{ENTRIES}?safety=both_unsafe", name="alice", java_script_enabled=False, viewport=PHONE)
    save_view(page, "Mine")
    expect(page.locator("#saved-view")).to_be_attached()
    page.goto(f"{ENTRIES}?safety=both_safe")
    save_view(page, "mine")
    expect(page.get_by_role("alert")).to_contain_text("There is already a view “Mine”")
    page.get_by_role("button", name="Replace it by these filters").click()
    expect(page.locator("#list-title")).to_contain_text("with both responses safe")
    page.goto(VIEWS)
    page.get_by_role("link", name="Mine", exact=True).click()
    expect(page.locator("#list-title")).to_contain_text("with both responses safe")


@IN_BOTH_LOOKS
def test_axe_finds_nothing_about_views(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/", name="alice", color_scheme=scheme, viewport=viewport)
    long = "Teapots " * 10
    for name, query in ((long, "q=tea"), ("שלום", "safety=both_unsafe"), ("Disputed", "status=disputed")):
        page.request.post(VIEWS, form={"name": name, "query": query, "pinned": "yes"})
    for path in ("/", VIEWS, f"{ENTRIES}?q=tea"):
        page.goto(path)
        find_nothing(page, path)
    press(page, "This is the view Teapots")
    find_nothing(page, "the open view")
    page.goto(f"{ENTRIES}?q=coffee")
    save_view(page, "disputed")
    page.get_by_role("alert").wait_for()
    find_nothing(page, "a name that is taken")
    page.goto(VIEWS)
    press(page, "^Rename Disputed$")
    find_nothing(page, "renaming")
    page.keyboard.press("Escape")
    press(page, "^Delete… Disputed$")
    find_nothing(page, "deleting")


def find_nothing(page: Page, where: str) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where} scrolls sideways"
