"""What a reviewer does in a session, in a real browser."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESK, PHONE, OpenPage

pytestmark = pytest.mark.browser
ENTRIES = "/datasets/sample/entries"


def exported(page: Page) -> list[dict[str, object]]:
    text = page.request.get("/datasets/sample/export?what=reviews&format=jsonl").text()
    return [json.loads(line) for line in text.splitlines()]


def entry_of(page: Page) -> int:
    match = re.search(r"/entries/(\d+)", page.url)
    assert match
    return int(match.group(1))


def expect_saved(page: Page, entry: int) -> None:
    expect(page.locator(".dock .saved")).to_have_text(f"✓ saved entry {entry}")


def filter_by(page: Page, *labels: str) -> None:
    for label in labels:
        page.get_by_role("navigation", name="Filters").get_by_role("link", name=re.compile(f"^{label} ")).click()
        expect(page.get_by_role("list", name="Active filters")).to_contain_text(label)


def test_find_disagree_save_undo_and_export(open_page: OpenPage) -> None:
    page = open_page(ENTRIES, name="alice")
    filter_by(page, "only response 0 safe", "only response 1 safe")
    page.get_by_role("navigation", name="Filters").locator("#more-category summary").click()
    filter_by(page, "Cybercrime")
    page.keyboard.press("/")
    page.keyboard.type("password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “password”")
    assert "q=password" in page.url
    assert "safety=only_0_safe&safety=only_1_safe" in page.url
    expect(page.locator("mark").first).to_have_text(re.compile("password", re.IGNORECASE))

    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Entry")
    first = entry_of(page)
    unsafe = page.locator(".response", has=page.locator(".badge.unsafe")).first
    severity = unsafe.get_by_role("group", name=re.compile("Severity"))
    stored = int(re.findall(r"\b([0-3]) \w+", severity.inner_text())[0])
    severity.focus()
    page.keyboard.press("d")
    page.keyboard.press(str((stored + 1) % 4))
    page.keyboard.press("w")
    expect_saved(page, first)
    assert entry_of(page) != first
    (row,) = exported(page)
    assert (row["reviewer"], row["verdict"], row["stored_value"]) == ("alice", "disagree", stored)
    assert row["corrected_value"] == (stored + 1) % 4
    assert str(row["label_field"]).endswith("severity_level")

    page.keyboard.press("z")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {first}")
    expect(page.get_by_text("your review was undone")).to_be_visible()
    assert exported(page) == []


def test_agree_with_everything_by_one_key(open_page: OpenPage) -> None:
    page = open_page("/entries/1?status=unreviewed", name="alice")
    for entry in (1, 2, 3, 4, 5):
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {entry}")
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 6")
    expect_saved(page, 5)
    assert len(exported(page)) == 40
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 5")
    page.reload()
    expect(page.get_by_text("revision 1")).to_be_visible()


def test_keys_rest_while_typing(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.keyboard.press("c")
    page.keyboard.type("a dozen sad users find fuzzy xylophones")
    assert page.locator("#review [name^=verdict]:checked").count() == 0
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    expect_saved(page, 1)
    assert exported(page)[0]["comment"] == "a dozen sad users find fuzzy xylophones"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_mouse_alone(open_page: OpenPage, viewport: dict[str, int]) -> None:
    page = open_page("/entries/1", name="alice", viewport=viewport)
    group = page.get_by_role("group", name=re.compile("Better"))
    group.get_by_text("disagree").click()
    page.get_by_role("button", name="Save, next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 2")
    expect_saved(page, 1)
    assert [(row["label_field"], row["verdict"]) for row in exported(page)] == [("better_response_id", "disagree")]


def test_without_javascript(open_page: OpenPage) -> None:
    page = open_page(ENTRIES, name="alice", java_script_enabled=False)
    page.get_by_role("link", name=re.compile("^both unsafe ")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("with both responses unsafe")
    page.get_by_role("searchbox").fill("never")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “never”")
    page.locator(".rows h2 a").first.click()
    first = entry_of(page)
    group = page.get_by_role("group", name=re.compile("Severity")).first
    group.get_by_text("disagree").click()
    page.get_by_role("button", name="Save, next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what it should be instead")
    group = page.get_by_role("group", name=re.compile("Severity")).first
    group.get_by_text("0 none").click()
    page.get_by_role("button", name="Agree with the rest, next").click()
    expect_saved(page, first)
    page.get_by_role("button", name="Undo").click()
    assert entry_of(page) == first
    page.get_by_role("button", name=re.compile("Show texts")).first.click()
    expect(page.locator("#entry")).to_have_attribute("data-texts", "shown")


def test_two_tabs_show_both_versions(open_page: OpenPage) -> None:
    one = open_page("/entries/1", name="alice")
    other = one.context.new_page()
    other.goto("/entries/1")
    one.keyboard.press("Enter")
    expect_saved(one, 1)
    other.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    other.get_by_role("button", name="Save, next").click()
    expect(other.locator("#saving")).to_contain_text("entry 1 was not saved: it was changed elsewhere")
    other.get_by_role("button", name="Show entry 1").click()
    alert = other.get_by_role("alert")
    expect(alert).to_contain_text("this review was changed elsewhere")
    expect(alert.get_by_role("row", name=re.compile("Better"))).to_contain_text("unsure")
    alert.get_by_role("button", name="Save mine over it").click()
    expect_saved(other, 1)
    assert [row["verdict"] for row in exported(other)] == ["unsure"]


def test_texts_stay_blurred_until_asked_for(open_page: OpenPage) -> None:
    page = open_page("/entries/2", name="alice", shown=False)
    text = page.locator(".response .veil").first
    assert text.evaluate("node => getComputedStyle(node).filter") != "none"
    page.keyboard.press("b")
    expect(page.locator("#entry")).to_have_attribute("data-texts", "shown")
    assert text.evaluate("node => getComputedStyle(node).filter") == "none"
    page.reload()
    expect(page.locator("#entry")).to_have_attribute("data-texts", "blurred")


def test_back_brings_the_list_as_it_was(open_page: OpenPage) -> None:
    page = open_page(ENTRIES, name="alice")
    filter_by(page, "both safe")
    address, heading = page.url, page.get_by_role("heading", level=1).inner_text()
    page.locator(".rows h2 a").nth(3).click()
    expect(page.locator("#entry")).to_be_visible()
    page.go_back()
    assert page.url == address
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def test_markup_in_the_sample_stays_text(open_page: OpenPage) -> None:
    page = open_page("/entries/40", name="alice")
    expect(page.locator(".response").nth(1)).to_contain_text('<script>alert("tea")</script>')
    assert page.locator(".response script, .response b").count() == 0
