"""What a reader sees, and when: veils that open while held, the note before the first text, the way out, breaks."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage
from tests.browser.test_review_session import entry_of

pytestmark = pytest.mark.browser
SEVERE = "/datasets/sample/review?severity=3"


def is_readable(text: Locator) -> bool:
    return text.evaluate("node => getComputedStyle(node).filter === 'none' && node.ariaHidden !== 'true'")


def texts(page: Page) -> list[bool]:
    """Which of prompt, left and right response can be read."""
    return [is_readable(text) for text in page.locator("#entry .text").all()]


def test_key_shows_and_blurs_the_entry_on_screen(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice")
    assert not texts(page)[0]
    page.keyboard.press("b")
    assert texts(page) == [True, True, True]
    expect(page.locator("#status")).to_have_text("Texts are shown.")
    page.keyboard.press("b")
    assert texts(page) == [False, False, False]


def test_next_entry_arrives_blurred_again(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice")
    first = entry_of(page)
    page.keyboard.press("b")
    page.get_by_role("link", name=re.compile("^Next")).first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(f"Entry {first}")
    assert not texts(page)[0]
    page.keyboard.press("b")
    assert texts(page)[0]
    page.reload()
    assert not texts(page)[0]


def test_held_by_mouse_a_text_can_be_read(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice")
    page.get_by_role("button", name="Hold to read the prompt").hover()
    page.mouse.down()
    assert texts(page)[0]
    assert texts(page).count(True) == 1
    page.mouse.up()
    assert not texts(page)[0]
    box = page.locator("#prompt-text").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    assert texts(page)[0]
    page.mouse.up()
    assert not texts(page)[0]


def test_held_by_key_a_text_can_be_read(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice")
    first = entry_of(page)
    for key in ("Space", "Enter"):
        page.get_by_role("button", name="Hold to read the prompt").focus()
        page.keyboard.down(key)
        assert texts(page)[0]
        page.keyboard.up(key)
        assert not texts(page)[0]
    assert entry_of(page) == first


def test_veil_tells_category_and_severity_alone(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice")
    note = page.locator(".response .veil-note p").first
    expect(note).to_have_text(re.compile(r"^(Unsafe|Safety unknown), severity \d \w+: [\w, -]+$"))


def test_note_hides_all_until_one_goes_on(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice", note=True)
    first = entry_of(page)
    expect(page.get_by_role("region", name="Before you read")).to_be_visible()
    assert texts(page) == [False, False, False]
    page.keyboard.press("b")
    assert texts(page) == [False, False, False]
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Before you read")).to_have_count(0)
    assert entry_of(page) == first
    page.keyboard.press("b")
    assert texts(page) == [True, True, True]
    page.goto(SEVERE)
    expect(page.get_by_role("region", name="Before you read")).to_have_count(0)


def test_note_without_javascript(open_page: OpenPage) -> None:
    page = open_page(SEVERE, name="alice", note=True, java_script_enabled=False)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("region", name="Before you read")).to_have_count(0)
    page.get_by_role("button", name="Show texts").first.click()
    assert texts(page) == [True, True, True]
    page.get_by_role("link", name=re.compile("^Next")).first.click()
    assert not texts(page)[0]


def test_leaving_is_at_once_and_back_does_not_return(open_page: OpenPage) -> None:
    page = open_page("/datasets/sample/entries?severity=3", name="alice")
    page.locator(".rows h2 a").first.click()
    expect(page.locator("#entry")).to_be_visible()
    entry, left = page.url, entry_of(page)
    page.get_by_text("disagree").first.click()  # not saved: no question is asked
    page.keyboard.press("q")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pause")
    page.go_back()
    expect(page).to_have_url(re.compile("/entries\\?severity=3$"))
    page.go_forward()
    page.get_by_role("link", name="Go back to where you were").click()
    expect(page).to_have_url(entry)
    assert entry_of(page) == left
    expect(page.get_by_role("radio", name=re.compile("disagree")).first).to_be_checked()
    assert not texts(page)[0]


def test_break_is_suggested_and_may_be_put_off(open_page: OpenPage) -> None:
    page = open_page("/settings", name="alice")
    page.get_by_label("entries of severity 2 or more").fill("2")
    page.get_by_role("button", name="Save breaks").click()
    page.goto(SEVERE)
    line = page.locator("#break-line")
    expect(line).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Next")).first.click()
    expect(line).to_contain_text("2 severe entries: time for a break?")
    page.get_by_role("button", name="Later").click()
    expect(line).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Next")).first.click()
    expect(line).to_be_hidden()
    page.keyboard.press("q")
    page.get_by_role("link", name="Go back to where you were").click()
    expect(line).to_be_hidden()  # the pause was a break: counting begins anew


def test_keys_are_set_by_pressing_them(open_page: OpenPage) -> None:
    page = open_page("/settings", name="alice")
    field = page.get_by_label("Leave the texts at once, for a neutral page")
    field.press("b")
    expect(page.locator("#keys-clash")).to_contain_text("More than one action has the key b.")
    field.press("Delete")
    expect(page.locator("#keys-clash")).to_be_empty()
    page.get_by_role("button", name="Save keys").click()
    expect(page.locator("#keys-form").get_by_role("status").first).to_have_text("✓ saved")
    page.goto("/entries/1")
    page.keyboard.press("q")
    expect(page.locator("#entry")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pause")


@IN_BOTH_LOOKS
def test_axe_finds_nothing(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page(SEVERE, name="alice", note=True, color_scheme=scheme, viewport=viewport)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.get_by_role("button", name="Go on").click()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("saved entry"))).to_be_visible()
    for path in (page.url, "/settings?saved=keys", "/settings/exposure", "/pause?next=/entries/1"):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    page.goto("/settings")
    page.get_by_label("minutes of reviewing").fill("soon")
    page.get_by_role("button", name="Save breaks").click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
