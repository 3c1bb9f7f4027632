"""Reading two responses against each other: what differs, find, size and width, long texts in panes."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from app.db import open_database
from app.settings import Settings
from tests.browser.conftest import PHONE, OpenPage
from tests.factories import import_rows, row

pytestmark = pytest.mark.browser
WEEKLY = "Water the cactus once a week. Do not sing to it."
MONTHLY = "Water the cactus once a month. Do not sing to it."


@pytest.fixture
def pairs(site: str, settings: Settings, tmp_path: Path) -> int:
    """The first of: a short pair, a long one, a harmful one."""
    long = "\n\n".join(f"Cake number {n} stands on its table by the window." for n in range(90))
    rows = [
        row(0, response_0=WEEKLY, response_1=MONTHLY),
        row(1, response_0=long, response_1=f"{long}\n\n{long}"),
        row(2, response_0=WEEKLY, response_1=MONTHLY, unsafe_0=(3, "Violence")),
    ]
    database = open_database(settings.database_path)
    import_rows(database, tmp_path, rows)
    database.close()
    return 306


@pytest.fixture
def pair(open_page: OpenPage, pairs: int) -> Page:
    return open_page(f"/entries/{pairs}", name="alice")


def diff_of(page: Page) -> Locator:
    return page.get_by_role("region", name="What differs")


def profile(page: Page) -> str:
    """As another page shows it."""
    html = page.request.get("/datasets").text()
    return str(re.findall(r'data-size="\S+" data-width="\w+"', html)[0])


def test_key_shows_what_differs_in_place_and_the_texts_again(pair: Page) -> None:
    pair.keyboard.press("v")
    expect(diff_of(pair).get_by_role("deletion").last).to_have_text("week")
    expect(diff_of(pair).get_by_role("insertion").last).to_have_text("month")
    expect(pair.get_by_role("link", name="Diff")).to_have_attribute("aria-expanded", "true")
    expect(pair.locator("#status")).to_have_text(re.compile("10 words in both, 1 only in Response 0, 1 only in"))
    expect(pair.locator(".response .text").first).to_be_hidden()
    pair.keyboard.press("a")  # the labels are judged meanwhile
    expect(pair.get_by_role("radio", name="agree", exact=True).first).to_be_checked()
    pair.keyboard.press("v")
    expect(diff_of(pair)).to_be_hidden()
    expect(pair.locator(".response .text").first).to_be_visible()
    pair.keyboard.press("v")
    expect(diff_of(pair)).to_be_visible()
    assert not pair.url.endswith("/diff")


def test_next_pair_begins_with_its_texts(pair: Page) -> None:
    pair.keyboard.press("v")
    expect(diff_of(pair)).to_be_visible()
    pair.keyboard.press("]")
    expect(pair.get_by_role("heading", level=1)).to_have_text("Entry 307")
    expect(diff_of(pair)).to_be_hidden()
    expect(pair.locator(".response .text").first).to_be_visible()


def test_what_differs_is_blurred_as_the_texts_are(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs + 2}", name="alice", shown=False)
    page.keyboard.press("v")
    text = page.locator("#diff .text")
    expect(text).to_have_attribute("aria-hidden", "true")
    assert "blur" in text.evaluate("element => getComputedStyle(element).filter")
    page.keyboard.press("b")
    expect(text).not_to_have_attribute("aria-hidden", "true")
    assert text.evaluate("element => getComputedStyle(element).filter") == "none"


def test_blurring_by_key_blurs_what_differs_too(pair: Page) -> None:
    pair.keyboard.press("b")
    pair.keyboard.press("v")
    text = pair.locator("#diff .text")
    expect(text).to_have_attribute("aria-hidden", "true")
    assert "blur" in text.evaluate("element => getComputedStyle(element).filter")


def test_what_differs_is_a_page_without_javascript(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs}", java_script_enabled=False)
    page.get_by_role("link", name="Diff").click()
    expect(diff_of(page).get_by_role("insertion").last).to_have_text("month")
    page.get_by_role("link", name=f"← Entry {pairs}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {pairs}")


def test_failed_request_leaves_the_texts(pair: Page) -> None:
    pair.route("**/diff", lambda route: route.fulfill(status=404, body="no"))
    pair.keyboard.press("v")
    expect(pair.locator("#status")).to_have_text("What differs could not be loaded.")
    expect(pair.locator(".response .text").first).to_be_visible()
    pair.unroute("**/diff")
    pair.keyboard.press("v")
    expect(diff_of(pair)).to_be_visible()


# ---- find


def found(page: Page) -> Locator:
    return page.get_by_role("search", name="Find in this pair").get_by_role("status")


def open_find(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find in this pair")).to_be_focused()


def marked_now(page: Page) -> str:
    return str(page.evaluate("[...(CSS.highlights.get('found-now') ?? [])].map(range => range.toString()).join()"))


def test_find_walks_through_the_hits(pair: Page) -> None:
    open_find(pair)
    pair.keyboard.type("WATER")  # the keys of letters do not act meanwhile
    expect(found(pair)).to_have_text("1 of 3")
    assert marked_now(pair) == "water"
    pair.keyboard.press("Enter")
    expect(found(pair)).to_have_text("2 of 3")
    assert marked_now(pair) == "Water"
    pair.keyboard.press("Shift+Enter")
    pair.keyboard.press("Shift+Enter")
    expect(found(pair)).to_have_text("3 of 3")
    pair.get_by_role("button", name="Next", exact=True).click()
    expect(found(pair)).to_have_text("1 of 3")
    pair.get_by_role("searchbox").fill("pie (and")
    expect(found(pair)).to_have_text("not found")
    pair.keyboard.press("Escape")
    expect(pair.get_by_role("searchbox")).to_be_hidden()
    assert marked_now(pair) == ""
    pair.keyboard.press("a")
    expect(pair.get_by_role("radio", name="agree", exact=True).first).to_be_checked()


def test_find_looks_into_what_differs_and_across_marks(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs}?q=once", name="alice")
    open_find(page)
    page.keyboard.type("cactus  once a")
    expect(found(page)).to_have_text("1 of 2")
    assert marked_now(page) == "cactus once a"
    expect(page.locator("mark").first).to_have_text("once")
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    expect(diff_of(page)).to_be_visible()
    page.get_by_role("button", name="Find").click()
    page.keyboard.type("once a month")
    expect(found(page)).to_have_text("1 of 1")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Find")).to_be_focused()


def test_find_counts_no_further_than_a_thousand(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs + 1}", name="alice")
    open_find(page)
    page.keyboard.type("t")
    expect(found(page)).to_have_text("1 of 1000+")


# ---- long texts


def test_long_responses_scroll_together_unless_told_otherwise(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs + 1}", name="alice")
    left, right = (
        page.get_by_role("group", name="Text of Response 0"),
        page.get_by_role("group", name="Text of Response 1"),
    )
    left.focus()
    page.keyboard.press("End")  # which loads what makes them scroll together
    while page.evaluate("document.querySelectorAll('.pane')[0].scrollTop") == 0:
        page.wait_for_timeout(20)
    halfway = "pane => pane.scrollTo(0, (pane.scrollHeight - pane.clientHeight) / 2)"
    for _ in range(20):
        left.evaluate("pane => pane.scrollTo(0, 0)")
        page.wait_for_timeout(50)
        left.evaluate(halfway)
        page.wait_for_timeout(50)
        share = right.evaluate("pane => pane.scrollTop / (pane.scrollHeight - pane.clientHeight)")
        if abs(share - 0.5) < 0.02:
            break
    else:
        pytest.fail(f"The other one is scrolled by {share}.")
    page.get_by_role("button", name="Width").click()
    page.get_by_role("checkbox", name="Scroll long responses together").uncheck()
    left.evaluate("pane => pane.scrollTo(0, 0)")
    page.wait_for_timeout(200)
    assert right.evaluate("pane => pane.scrollTop") > 100
    page.reload()
    page.get_by_role("button", name="Width").click()
    expect(page.get_by_role("checkbox", name="Scroll long responses together")).not_to_be_checked()


def test_labels_of_long_responses_stay_in_sight(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs + 1}", name="alice")
    expect(page.get_by_role("group", name=re.compile("^Response 0.*safe", re.IGNORECASE)).first).to_be_in_viewport()
    phone = open_page(f"/entries/{pairs + 1}", viewport=PHONE)
    pane = phone.get_by_role("group", name="Text of Response 0")
    assert pane.evaluate("pane => pane.scrollHeight - pane.clientHeight") == 0


# ---- size and width


def test_keys_make_texts_larger_and_smaller_and_it_is_kept(pair: Page) -> None:
    def size() -> float:
        return float(
            pair.locator(".response .text").first.evaluate("text => parseFloat(getComputedStyle(text).fontSize)")
        )

    before = size()
    pair.keyboard.press("+")
    expect(pair.locator("html")).to_have_attribute("data-size", "1")
    assert size() > before
    with pair.expect_response("**/settings/texts"):
        pair.keyboard.press("+")
    expect(pair.locator("#status")).to_have_text("Text size +2")
    with pair.expect_response("**/settings/texts"):
        pair.get_by_role("button", name="Smaller text").click()
    pair.reload()
    expect(pair.locator("html")).to_have_attribute("data-size", "1")
    for _ in range(9):
        pair.keyboard.press("-")
    expect(pair.locator("html")).to_have_attribute("data-size", "-2")


def test_width_is_chosen_at_once_and_kept(pair: Page) -> None:
    wide = pair.locator("#entry").evaluate("entry => entry.clientWidth")
    pair.set_viewport_size({"width": 1900, "height": 900})
    pair.get_by_role("button", name="Width").click()
    with pair.expect_response("**/settings/texts"):
        pair.get_by_text("wide", exact=True).click()
    assert pair.locator("#entry").evaluate("entry => entry.clientWidth") > wide
    assert profile(pair) == 'data-size="0" data-width="wide"'


def test_size_is_chosen_without_javascript(open_page: OpenPage, pairs: int) -> None:
    page = open_page(f"/entries/{pairs}", name="alice", java_script_enabled=False)
    page.get_by_role("button", name="Larger text").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {pairs}")
    expect(page.locator("html")).to_have_attribute("data-size", "1")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tools_are_accessible(open_page: OpenPage, pairs: int, scheme: str) -> None:
    for path in (f"/entries/{pairs}", f"/entries/{pairs + 1}"):
        page = open_page(path, name="alice", color_scheme=scheme)
        page.keyboard.press("v")
        expect(diff_of(page)).to_be_visible()
        open_find(page)
        page.keyboard.type("cactus")
        assert Axe().run(page).response["violations"] == []
    plain = open_page(f"/entries/{pairs}/diff", color_scheme=scheme, viewport=PHONE)
    assert Axe().run(plain).response["violations"] == []
