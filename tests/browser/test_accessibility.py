"""axe finds nothing on any page, light and dark, wide and narrow; nothing needs sideways scrolling on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage

pytestmark = pytest.mark.browser
PAGES = [
    "/",
    "/datasets",
    "/datasets/sample",
    "/datasets/sample/entries?q=tea&safety=both_unsafe&category=violence",
    "/datasets/sample/entries?q=nothing+of+the+kind",
    "/datasets/sample/entries?colour=red",
    "/entries/40?category=cybercrime",
    "/entries/3",
    "/imports/1",
    "/reviewers",
    "/activity",
    "/help",
    "/nowhere",
]


@IN_BOTH_LOOKS
def test_axe_finds_nothing(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/", name="alice", color_scheme=scheme, viewport=viewport)
    for entry, form in (
        (40, {"action": "agree_rest"}),
        (41, {"verdict.better_response_id": "disagree", "flag": "yes"}),
    ):
        page.request.post(f"/entries/{entry}/review", form={"revision": "0", **form})
    for path in PAGES:
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "shown"), [(None, False), ("alice", False)], ids=["nobody", "blurred"])
def test_axe_finds_nothing_in_other_states(open_page: OpenPage, scheme: str, name: str | None, shown: bool) -> None:
    page = open_page("/entries/40", name=name, shown=shown, color_scheme=scheme)
    for path in ("/entries/40", "/datasets/sample/entries", "/"):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_opens(open_page: OpenPage, scheme: str) -> None:
    page = open_page("/entries/40", name="alice", color_scheme=scheme)
    page.keyboard.press("w")  # nothing given: the form comes back with an alert
    page.get_by_role("alert").wait_for()
    page.keyboard.press("2")
    page.keyboard.press("d")
    assert Axe().run(page).violations_count == 0
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    assert Axe().run(page).violations_count == 0
