"""Charts in a browser: numbers narrow in place, and nothing that one was at is lost by it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage

pytestmark = pytest.mark.browser
CHARTS = "/datasets/sample/charts"


def test_number_narrows_in_place_and_back_restores(open_page: OpenPage) -> None:
    page = open_page(f"{CHARTS}?rows=source&columns=safety")
    page.evaluate("window.stayed = true")
    title = page.locator("#list-title")
    before = title.inner_text()
    bar = page.locator("#d-severity-3")
    number = bar.inner_text().split()[0]
    bar.focus()
    bar.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 0
    page.keyboard.press("Enter")
    expect(title).to_contain_text(f"{number} of ")
    assert "severity=2&rows=source&columns=safety" in page.url
    assert page.evaluate("document.activeElement.id") == "d-severity-3"
    assert page.evaluate("scrollY") > 0
    expect(page.locator("#status")).to_have_text(title.inner_text())
    expect(page.locator("#cross-rows")).to_have_value("source")
    page.go_back()
    expect(title).to_have_text(before)
    page.go_forward()
    expect(title).to_contain_text(f"{number} of ")
    assert page.evaluate("window.stayed")


def test_crossed_number_opens_its_entries(open_page: OpenPage) -> None:
    page = open_page(CHARTS)
    page.locator("#cross-rows").select_option("better")
    page.locator("#cross-columns").select_option("safer")
    page.get_by_role("button", name="Cross").click()
    page.get_by_role("heading", name="Better response by safer response").wait_for()
    page.get_by_role("link", name="of its row").click()
    cell = page.locator(".cross .cell a").first
    expect(cell).to_contain_text("%")
    number = cell.inner_text().split()[0]
    cell.click()
    expect(page.locator("#list-title")).to_contain_text(f"{number} of ")
    page.get_by_role("link", name="Charts", exact=True).click()
    expect(page.locator("#list-title")).to_contain_text(f"{number} of ")


def test_row_of_a_chart_can_be_clicked_anywhere(open_page: OpenPage) -> None:
    page = open_page(CHARTS)
    page.locator("tr:has(#d-safety-4) .bar").click(force=True)
    expect(page.locator("#list-title")).to_contain_text("both responses unsafe")


def test_charts_work_without_javascript(open_page: OpenPage) -> None:
    page = open_page(CHARTS, java_script_enabled=False)
    page.locator("#d-safety-4").click()
    page.locator("#cross-rows").select_option("source")
    page.get_by_role("button", name="Cross").click()
    assert "safety=both_unsafe" in page.url
    assert "rows=source" in page.url
    expect(page.locator("#list-title")).to_contain_text("both responses unsafe")


@IN_BOTH_LOOKS
def test_axe_finds_nothing_in_charts(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/", color_scheme=scheme, viewport=viewport)
    for query in (
        "",
        "category=drugs&rows=category&columns=category&share=row",
        "q=nothing+of+the+kind",
        "rows=colour",
    ):
        page.goto(f"{CHARTS}?{query}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{query}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{query} scrolls sideways"
