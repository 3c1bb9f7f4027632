"""Imports in a real browser: upload and watch, reload, cancel, resume, two at once; axe finds nothing."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.locks import file_lock
from app.settings import Settings
from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage
from tests.corpus import write_corpus
from tests.factories import row, rows, write_jsonl

pytestmark = pytest.mark.browser
NEW = "/imports/new?source=upload"
PATIENTLY = 60_000  # an import on a machine that does much else


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_jsonl(tmp_path / "cats-train.jsonl", rows(40))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes some seconds."""
    folder = tmp_path_factory.mktemp("large")
    write_corpus(folder, 30_000)
    (folder / "large-train.jsonl").write_bytes(
        b"".join(path.read_bytes() for path in sorted(folder.glob("data/*/train.jsonl")))
    )
    return folder / "large-train.jsonl"


def upload(page: Page, file: Path, name: str = "") -> str:
    """Returns the address of the import."""
    page.goto(NEW)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Its name here").fill(name)
    page.get_by_role("button", name="Import", exact=True).click()
    page.wait_for_url(re.compile(r"/imports/\d+$"))
    return page.url


def expect_state(page: Page, state: str) -> None:
    """Of an import that is over."""
    expect(page.locator("#import .page-head .badge").first).to_contain_text(state, timeout=PATIENTLY)


def outcome(page: Page, what: str) -> str:
    return page.get_by_role("row", name=re.compile(f"^{what} ")).get_by_role("cell").first.inner_text()


def test_upload_is_watched_to_its_end(open_page: OpenPage, small: Path) -> None:
    page = open_page("/datasets", name="alice")
    upload(page, small, "My cats")
    expect_state(page, "complete")
    assert outcome(page, "Added") == "40"
    assert page.locator("#status").inner_text() in ("", f"Import {page.url.rpartition('/')[2]}: complete.")
    page.get_by_role("link", name="Browse entries").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("40 entries")


def test_large_import_is_followed_through_a_reload_cancelled_and_resumed(open_page: OpenPage, large: Path) -> None:
    page = open_page("/datasets", name="alice")
    upload(page, large)
    read = page.locator("#progress .figure-n").first
    expect(read).to_have_text(re.compile(r"[1-9]"), timeout=PATIENTLY)
    seen = read.inner_text()
    expect(read).not_to_have_text(seen, timeout=PATIENTLY)
    page.reload()
    expect(read).to_have_text(re.compile(r"[1-9]"), timeout=PATIENTLY)
    page.get_by_role("button", name="Cancel").click()
    expect_state(page, "cancelled")
    expect(page.get_by_text("the rest is missing")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect_state(page, "complete")
    added, present = (int(outcome(page, what).replace(",", "")) for what in ("Added", "Unchanged"))
    assert present > 0
    assert added + present == len(large.read_bytes().splitlines())
    expect(page.locator("#status")).to_have_text(re.compile("complete"))
    assert page.evaluate("document.activeElement.tagName") == "H1"


def test_two_at_once_stand_in_line(open_page: OpenPage, small: Path, settings: Settings) -> None:
    page = open_page("/datasets", name="alice")
    with file_lock(settings.data_dir / "import.turn"):
        first = upload(page, small, "Cats")
        upload(page, small, "More cats")
        expect(page.get_by_text("Waiting for another import to end")).to_be_visible()
        other = page.context.new_page()
        other.goto("/imports")
        expect(other.get_by_role("heading", name="Running now")).to_be_visible()
    expect_state(page, "complete")
    expect(other.get_by_role("heading", name="Running now")).to_be_hidden(timeout=PATIENTLY)
    page.goto(first)
    expect_state(page, "complete")


def test_revision_is_looked_at_first(open_page: OpenPage, small: Path, tmp_path: Path) -> None:
    page = open_page("/datasets", name="alice")
    upload(page, small, "Cats")
    expect_state(page, "complete")
    page.goto(f"{NEW}&into=cats")
    newer = write_jsonl(tmp_path / "newer-train.jsonl", [row(0, better_response_id=0), *rows(38)[1:]])
    page.get_by_label("File", exact=True).set_input_files(newer)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Nothing was changed.")).to_be_visible(timeout=PATIENTLY)
    assert [outcome(page, what) for what in ("Added", "Label changed", "Withdrawn")] == ["0", "1", "2"]
    page.get_by_role("link", name="Better").click()
    expect(page.get_by_role("row", name=re.compile(r"Entry \d"))).to_contain_text("response 1 response 0")
    page.go_back()
    page.get_by_role("button", name="Import now").click()
    expect_state(page, "complete")
    assert page.get_by_text("Nothing was changed.").count() == 0


def test_without_javascript_the_page_asks_again(open_page: OpenPage, small: Path) -> None:
    page = open_page("/datasets", name="alice", java_script_enabled=False)
    upload(page, small)
    expect_state(page, "complete")


def test_file_too_large_is_refused_before_it_is_sent(open_page: OpenPage, small: Path) -> None:
    page = open_page(NEW, name="alice")
    page.locator("#file").evaluate("input => input.dataset.mostBytes = 10")
    page.get_by_label("File", exact=True).set_input_files(small)
    page.get_by_role("button", name="Import", exact=True).click()
    assert "/imports/new" in page.url
    assert "larger than" in page.locator("#file").evaluate("input => input.validationMessage")


@pytest.fixture
def pages(open_page: OpenPage, small: Path, settings: Settings, tmp_path: Path) -> Iterator[list[str]]:
    """Of imports in every state."""
    page = open_page("/datasets", name="alice")
    upload(page, small, "Cats")
    expect_state(page, "complete")
    post = page.request.post
    changed = "".join(json.dumps(one) + "\n" for one in [row(0, unsafe_0=(3, "Cybercrime")), *rows(30)[1:]]) + "bad\n"
    file = {"name": "newer-train.jsonl", "mimeType": "text/plain", "buffer": changed.encode()}
    post("/imports", multipart={"origin": "upload", "into": "existing", "slug": "cats", "file": file})
    page.goto("/imports/3")
    expect_state(page, "complete")
    post("/imports", multipart={"origin": "upload", "name": "bad", "file": {**file, "buffer": b"bad\n"}})
    page.goto("/imports/4")
    expect_state(page, "failed")
    with file_lock(settings.data_dir / "import.turn"):
        for name in ("waiting", "cancelled"):
            post("/imports", multipart={"origin": "upload", "name": name, "file": file})
        post("/imports/6/cancel")
        ways = [f"/imports/new?source={way}" for way in ("hub", "server", "upload")]
        lists = [f"/imports/3/changes?field={field}" for field in ("withdrawn", "response_0.severity_level")]
        yield ["/imports", *ways, "/imports/new?into=cats", *(f"/imports/{n}" for n in range(1, 7)), *lists]


@IN_BOTH_LOOKS
def test_axe_finds_nothing(open_page: OpenPage, pages: list[str], scheme: str, viewport: dict[str, int]) -> None:
    page = open_page("/", name="alice", color_scheme=scheme, viewport=viewport)
    for path in pages:
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    page.goto(NEW)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_role("alert").wait_for()
    page.locator("summary").click()
    assert Axe().run(page).violations_count == 0
