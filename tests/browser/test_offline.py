"""Without network: what is decided and typed is kept in the browser, and goes to the server by itself later."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage
from tests.browser.test_saving import at_entry, exported, reviewed, says, wait_until_fetched
from tests.browser.test_views import find_nothing

pytestmark = pytest.mark.browser


def kept(page: Page) -> str:
    """All that is in the browser's storage."""
    return str(page.evaluate("JSON.stringify(Object.entries(localStorage))"))


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """At the first entry, with the next two fetched."""
    opened = open_page("/entries/1", name="alice")
    wait_until_fetched(opened, 3)
    return opened


def test_reviews_are_kept_and_sent_when_the_network_is_back(page: Page) -> None:
    page.context.set_offline(True)
    for entry in (1, 2):
        at_entry(page, entry)
        page.keyboard.press("Enter")
    at_entry(page, 3)
    says(page, "⚠ not saved yet: offline, kept here (2)")
    page.keyboard.press("Enter")  # the fourth was not fetched
    says(page, "⚠ not saved yet: offline, kept here (3)")
    at_entry(page, 3)
    page.context.set_offline(False)
    at_entry(page, 4)
    says(page, "✓ saved entry 3")
    assert reviewed(page) == [1, 2, 3]
    assert "unsent" not in kept(page)


def test_network_that_is_cut_without_a_word(page: Page) -> None:
    """The browser believes that it is online, and tries again by itself."""
    page.route("**/entries/1/review*", lambda route: route.abort("internetdisconnected"))
    page.keyboard.press("Enter")
    at_entry(page, 2)
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.unroute("**/entries/1/review*")
    says(page, "✓ saved entry 1")


def test_server_that_is_too_busy_is_asked_again(page: Page) -> None:
    page.route("**/entries/1/review*", lambda route: route.fulfill(status=429, body="busy"))
    page.keyboard.press("Enter")
    at_entry(page, 2)
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.unroute("**/entries/1/review*")
    says(page, "✓ saved entry 1")
    assert reviewed(page) == [1]


def test_reviews_survive_a_killed_tab(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    address = page.url
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(address)
    at_entry(again, 2)
    says(again, "✓ saved entry 1")
    assert reviewed(again) == [1]


def test_what_was_left_is_sent_from_any_page(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.wait_for_timeout(3_000)  # so long its own tab could have done it
    again.goto("/datasets")
    expect(again.locator("#status")).to_have_text("What was left to save is saved now.")
    assert reviewed(again) == [1]


def test_draft_survives_a_killed_tab(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    page.get_by_label("Comment").fill("Both are about tea.")
    says(page, "⚠ not saved yet: offline, kept here")
    prompt = page.locator("#prompt-text").inner_text()
    assert "Both are about tea." in kept(page)
    assert prompt not in kept(page)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto("/entries/1")
    expect(again.get_by_label("Comment")).to_have_value("Both are about tea.")
    expect(again.get_by_role("group", name=re.compile("Better")).get_by_role("radio", name="unsure")).to_be_checked()
    says(again, "draft saved")
    assert "unsent" not in kept(again)
    again.reload()
    expect(again.get_by_label("Comment")).to_have_value("Both are about tea.")


def test_leaving_asks_while_something_is_not_on_the_server(page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    page.on("dialog", stay)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.close(run_before_unload=True)
    page.wait_for_timeout(200)
    assert asked == ["beforeunload"]
    page.context.set_offline(False)
    says(page, "✓ saved entry 1")
    page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_changed_before_it_was_sent_the_latter_counts(page: Page) -> None:
    page.route("**/entries/2", lambda route: route.abort("internetdisconnected"))
    page.reload()
    page.wait_for_load_state("networkidle")
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.context.set_offline(False)
    page.unroute("**/entries/2")
    at_entry(page, 2)
    says(page, "✓ saved entry 1")
    (unsure,) = [row for row in exported(page) if row["verdict"] == "unsure"]
    assert unsure["label_field"] == "better_response_id"


def test_undo_says_that_it_waits_for_the_network(page: Page) -> None:
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: offline, kept here (1)")
    page.keyboard.press("z")
    expect(page.locator("#notice")).to_contain_text("Not undone: something is not saved yet")
    at_entry(page, 2)
    page.context.set_offline(False)
    says(page, "✓ saved entry 1")
    page.keyboard.press("z")
    at_entry(page, 1)
    assert exported(page) == []


def test_blind_answers_are_revealed_when_the_network_is_back(page: Page) -> None:
    page.get_by_role("button", name="Blind").click()
    expect(page.locator("#entry")).to_have_attribute("data-stage", "blind")
    page.context.set_offline(True)
    page.get_by_role("button", name="Cannot judge the rest, reveal").click()
    says(page, "⚠ not saved yet: offline, kept here (1)")
    expect(page.locator("#entry")).to_have_attribute("data-stage", "blind")
    page.context.set_offline(False)
    expect(page.locator("#entry")).to_have_attribute("data-stage", "revealed")
    at_entry(page, 1)


def test_browser_without_storage_warns_and_saves(open_page: OpenPage) -> None:
    page = open_page("/reviewers", name="alice")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('none'); } })")
    page.goto("/entries/1")
    wait_until_fetched(page, 3)
    page.keyboard.press("Enter")
    says(page, "✓ saved entry 1")
    at_entry(page, 2)
    page.keyboard.press("a")
    says(page, "draft saved")


@IN_BOTH_LOOKS
def test_axe_finds_nothing_in_what_is_told(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/entries/1", name="alice", color_scheme=scheme, viewport=viewport)
    wait_until_fetched(page, 3)
    page.request.post("/entries/1/review", form={"revision": "0", "action": "rest"})
    page.keyboard.press("u")
    page.keyboard.press("w")
    expect(page.locator("#saving")).to_have_attribute("data-state", "refused")
    find_nothing(page, "a review that was refused")
    page.get_by_role("button", name="Show entry 1").click()
    says(page, "draft saved")
    find_nothing(page, "both versions")
    page.context.set_offline(True)
    page.keyboard.press("a")
    says(page, "⚠ not saved yet: offline, kept here")
    find_nothing(page, "offline")
