"""The menu of exports, by keyboard and without JavaScript."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser
LIST = "/datasets/sample/entries?safety=both_safe&sort=length"


@pytest.mark.parametrize("javascript", [True, False])
def test_list_is_downloaded_by_keyboard(open_page: OpenPage, javascript: bool) -> None:
    page = open_page(LIST, java_script_enabled=javascript)
    page.get_by_role("button", name="Export").press("Enter")
    menu = page.get_by_role("dialog", name="Export these 123 entries")
    menu.wait_for()
    with page.expect_download() as download:
        menu.get_by_role("link", name="entries as CSV").press("Enter")
    assert download.value.suggested_filename == "sample-entries.csv"
    assert download.value.path().read_bytes().startswith(b"prompt,response_0,")
    assert page.url.endswith(LIST)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_open_menu(open_page: OpenPage, scheme: str) -> None:
    page = open_page(LIST, color_scheme=scheme, viewport=PHONE)
    page.get_by_role("button", name="Export").click()
    page.get_by_role("dialog").wait_for()
    found = Axe().run(page, context="#export-menu")
    assert found.violations_count == 0, found.generate_report()
