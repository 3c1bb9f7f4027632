"""Searching while one types, in a real browser."""

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser
ENTRIES = "/datasets/sample/entries"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(f"{ENTRIES}?severity=0")


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def field(page: Page) -> Locator:
    return page.locator("#q")


def test_the_list_follows_what_is_typed_and_the_field_stays(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("pass")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “pass…”")
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("pass*")
    expect(page.locator("mark").first).to_have_text(re.compile("^pass", re.IGNORECASE))
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("pass")
    assert page.url.endswith("?severity=0")
    assert page.evaluate("history.length") == 2
    assert "q=pass*" in (page.get_by_role("link", name="Review these").get_attribute("href") or "").replace("%2A", "*")
    expect(page.locator("#status")).to_contain_text("that mention “pass…”")

    page.keyboard.press("ArrowLeft")
    page.keyboard.type("x")
    expect(field(page)).to_have_value("pasxs")
    assert page.evaluate("document.querySelector('#q').selectionStart") == 4


def test_fast_typing_asks_less_often_than_keys_are_pressed(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    field(page).press_sequentially("password", delay=10)
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password…”")
    assert len(asked) < len("password")


def test_an_answer_that_comes_late_is_not_shown(page: Page) -> None:
    held: list[Route] = []
    page.route(re.compile("q=pas(%2A|\\*)"), lambda route: held.append(route))
    field(page).press_sequentially("pas")
    expect(page.locator("form.search")).to_have_class(re.compile("htmx-request"))
    field(page).press_sequentially("sword")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password…”")
    assert len(held) == 1


def test_enter_gives_it_an_address_and_back_restores(page: Page) -> None:
    before = heading(page)
    field(page).press_sequentially("password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password”")
    assert "severity=0&q=password" in page.url
    expect(field(page)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
    expect(field(page)).to_have_value("")
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password”")
    expect(field(page)).to_have_value("password")


def test_escape_gives_back_what_was_there(open_page: OpenPage) -> None:
    page = open_page(f"{ENTRIES}?q=password")
    before = heading(page)
    field(page).fill("passw")
    expect(page.get_by_role("heading", level=1)).to_contain_text("“passw…”")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
    expect(field(page)).to_have_value("password")
    expect(field(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(field(page)).not_to_be_focused()
    expect(field(page)).to_have_value("password")


def test_the_way_back_from_an_entry_leads_to_what_was_typed(page: Page) -> None:
    field(page).press_sequentially("pass")
    expect(page.get_by_role("heading", level=1)).to_contain_text("“pass…”")
    shown = heading(page)
    page.locator(".row h2 a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Entry")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text(shown)


def test_a_phrase_and_an_exclusion_are_waited_for(page: Page) -> None:
    field(page).press_sequentially('"a pass')
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “a pass…”")
    field(page).fill("pass -wor")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that do not mention “wor”")


def test_without_javascript_the_form_searches(open_page: OpenPage) -> None:
    page = open_page(f"{ENTRIES}?severity=0", java_script_enabled=False)
    field(page).fill("password")
    page.get_by_role("button", name="Search", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password”")
    assert "severity=0&q=password" in page.url
