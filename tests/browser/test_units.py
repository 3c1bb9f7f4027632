"""Entries of every unit in a real browser: keys follow the labels that are there, and axe finds nothing."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.db import Database
from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage
from tests.factories import answer_row, beavertails_row, import_file, import_rows, row, write_jsonl

pytestmark = pytest.mark.browser
FIRST = 306  # the first entry after the sample's


@pytest.fixture
def family(sample: None, database: Database, tmp_path: Path) -> dict[str, int]:
    """Datasets of every unit; the first entry of each."""
    cake = {"prompt": "Which cake?", "chosen": "Lemon.", "rejected": "No cake.", "mood": "fine"}
    unsafe = answer_row(is_safe=False, severity_level=2, harm_category={"Cybercrime": True})
    beavers = [beavertails_row(0), beavertails_row(0, "animal_abuse"), beavertails_row(0, response="Ask the beaver.")]
    prompts = [{"prompt": "How tall is a fern?"}, {"prompt": "How old is moss?"}, {"prompt": "How tall is a fern?"}]
    import_rows(database, tmp_path, [unsafe, answer_row(1)], slug="answers")
    import_rows(database, tmp_path, beavers, slug="beavers")
    import_file(database, write_jsonl(tmp_path / "train.jsonl", prompts), slug="prompts")
    import_rows(database, tmp_path, [cake], slug="cakes")
    import_rows(database, tmp_path, [row(0), row(1), row(2)], slug="revised")
    return {"answers": FIRST, "beavers": FIRST + 2, "prompts": FIRST + 5, "cakes": FIRST + 8, "revised": FIRST + 9}


@IN_BOTH_LOOKS
def test_axe_finds_nothing(
    family: dict[str, int],
    open_page: OpenPage,
    database: Database,
    tmp_path: Path,
    scheme: str,
    viewport: dict[str, int],
) -> None:
    page = open_page("/", name="alice", color_scheme=scheme, viewport=viewport)
    page.request.post(f"/entries/{family['revised']}/review", form={"revision": "0", "action": "agree_rest"})
    import_rows(database, tmp_path / "later", [row(0, better_response_id=0), row(1)], slug="revised")
    paths = [f"/datasets/{slug}/entries" for slug in family] + [f"/entries/{first}" for first in family.values()]
    paths += ["/datasets/revised/entries?withdrawn=yes&outdated=no", f"/entries/{family['revised'] + 2}"]
    paths += ["/datasets/beavers/entries?category=animal-abuse&category_match=all&min_length=3"]
    for path in paths:
        page.goto(path)
        for details in page.locator("#extra").all():
            details.locator("summary").click()
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def test_keys_follow_the_labels_of_a_single(family: dict[str, int], open_page: OpenPage) -> None:
    page = open_page(f"/entries/{family['answers']}", name="alice")
    page.keyboard.press("4")  # there is none
    page.keyboard.press("3")
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {family['answers'] + 1}")
    expect(page.locator("#saving")).to_have_text(f"✓ saved entry {family['answers']}")
    page.go_back()
    severity = page.get_by_role("group", name="Severity Stored: 2 moderate")
    expect(severity.get_by_role("radio", name="disagree")).to_be_checked()
    expect(severity.get_by_role("radio", name="1 minor")).to_be_checked()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("1 … 3")


def test_remark_on_a_prompt_by_keys(family: dict[str, int], open_page: OpenPage) -> None:
    page = open_page(f"/entries/{family['prompts']}", name="alice")
    for key in ("1", "a", "x", "f", "1", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {family['prompts'] + 1}")
    page.keyboard.press("z")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {family['prompts']}")
    expect(page.locator(".flag-face")).to_have_text("Flag")


def test_length_is_set_on_the_page(family: dict[str, int], open_page: OpenPage) -> None:
    page = open_page("/datasets/answers/entries")
    page.get_by_label("At least so many characters").fill("5")
    page.get_by_role("button", name="Set").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 of 2 entries of at least 5 characters")
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("at least 5 characters")
