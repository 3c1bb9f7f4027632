"""Talking about an entry beside its review: by keys, without leaving the pair, and with nothing lost on the way."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage

pytestmark = pytest.mark.browser


def unfold(page: Page, name: str) -> None:
    page.locator("summary", has_text=name).click()


def test_discussion_goes_on_beside_the_pair(open_page: OpenPage) -> None:
    page = open_page("/entries/40", name="alice")
    open_page("/reviewers", name="bob")
    page.keyboard.press("2")
    page.keyboard.press("u")
    unfold(page, "Discussion")
    box = page.get_by_label("Say something to everybody")
    box.fill("Which tent, @bob?\nThe round one? asdf")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#thread li")).to_have_count(1)
    expect(page.locator(".mention")).to_have_text("@bob")
    expect(page.locator("#status")).to_have_text("1 comment")
    expect(page.get_by_role("button", name="Comment", exact=True)).to_be_focused()
    expect(box).to_have_value("")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator("#thread")).to_contain_text("resolved by alice")
    unfold(page, "Change")
    page.get_by_label("Your comment", exact=True).fill("The square one?")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#thread li p.any")).to_have_text("The square one?")
    assert page.url.endswith("/entries/40")
    assert page.locator("#field-2 input[value=unsure]").is_checked()


def test_what_cannot_be_said_stays_in_its_field(open_page: OpenPage) -> None:
    page = open_page("/entries/40", name="alice")
    unfold(page, "Discussion")
    box = page.get_by_label("Say something to everybody")
    box.fill("   ")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.get_by_text("Type something to say.").first).to_be_visible()
    expect(box).to_be_focused()


def test_flag_is_chosen_by_two_keys(open_page: OpenPage) -> None:
    page = open_page("/entries/40", name="alice")
    page.keyboard.press("f")
    expect(page.get_by_role("dialog", name="Flag this entry")).to_be_visible()
    page.keyboard.press("4")
    expect(page.get_by_role("dialog", name="Flag this entry")).to_be_hidden()
    expect(page.locator(".flagging > button")).to_contain_text("duplicate")
    page.keyboard.press("f")
    expect(page.get_by_role("radio", name="duplicate")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".flagging > button")).to_contain_text("guideline unclear")
    page.keyboard.press("Escape")
    with page.expect_response(lambda response: response.url.endswith("/entries/40/review?")):
        page.keyboard.press("Enter")
    listed = page.request.get("/api/v1/datasets/sample/entries?flag=guideline_unclear").json()
    assert [entry["id"] for entry in listed["entries"]] == [40]


def test_flag_is_chosen_by_mouse(open_page: OpenPage) -> None:
    page = open_page("/entries/40", name="alice")
    page.locator(".flagging > button").click()
    page.get_by_role("dialog", name="Flag this entry").get_by_text("personal data").click()
    expect(page.get_by_role("dialog", name="Flag this entry")).to_be_hidden()
    expect(page.locator(".flagging > button")).to_contain_text("personal data")
    assert page.locator("input[name=flag]:checked").get_attribute("value") == "personal_data"


@IN_BOTH_LOOKS
def test_axe_finds_nothing(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/", name="bob")
    review = {"revision": "0", "action": "rest", "verdict.better_response_id": "disagree", "flag": "duplicate"}
    page.request.post("/entries/40/review", form={**review, "comment": "@alice, see row 7."})
    page.request.post("/entries/40/comments", form={"body": "Or row 8?"})
    page = open_page("/", name="alice", color_scheme=scheme, viewport=viewport)
    page.request.post("/entries/40/review", form={"revision": "0", "action": "rest"})
    page.request.post("/entries/40/comments", form={"body": "No, @bob. " + "So long a word: " + "tea" * 90})
    page.request.post("/entries/40/comments/resolve")
    page.request.post("/entries/40/comments", form={"body": "Yes, @alice."})
    for path in ("/", "/entries/40/comments", "/entries/40/history", "/entries/40/others"):
        page.goto(path)
        check(page)
    page.goto("/entries/40")
    for name, place in (("Others on this", "#others"), ("Discussion", "#thread")):
        unfold(page, name)
        page.locator(place).wait_for()
        check(page)
    page.locator(".flagging > button").click()
    check(page)


def check(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"
