"""The API's reference as a person sees it, and what it tells to copy."""

import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage

pytestmark = pytest.mark.browser
DOCS = "/api/v1/docs"


@IN_BOTH_LOOKS
def test_axe_finds_nothing_in_the_reference(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page(DOCS, color_scheme=scheme, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_footer_leads_to_the_reference_and_its_contents_to_each_part(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("contentinfo").get_by_role("link", name="API").click()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="A list of entries").click()
    assert page.url.endswith("/api/v1/docs#list_entries")
    assert page.get_by_role("heading", name="A list of entries").is_visible()


def test_a_request_can_be_copied(open_page: OpenPage) -> None:
    page = open_page(DOCS)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#everything").get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "application/x-ndjson" in page.evaluate("navigator.clipboard.readText()")


def test_shown_loop_reads_everything(open_page: OpenPage) -> None:
    page = open_page(DOCS)
    source = page.locator("#sample-loop").inner_text().replace("limit=500", "limit=50")
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=True)
    assert len(done.stdout.splitlines()) == 305


def test_shown_stream_reads_everything(open_page: OpenPage, tmp_path: Path) -> None:
    command = open_page(DOCS).locator("#sample-stream").inner_text()
    subprocess.run(command, shell=True, cwd=tmp_path, timeout=60, check=True)  # noqa: S602 - it is our own
    assert (tmp_path / "entries.ndjson").read_text().count("\n") == 305
