"""What one does to a list of entries, in a real browser."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.db import Database, open_database
from app.settings import Settings
from tests.browser.conftest import IN_BOTH_LOOKS, OpenPage
from tests.corpus import write_corpus
from tests.factories import import_file

pytestmark = pytest.mark.browser
SAMPLE, CORPUS = "/datasets/sample/entries", "/datasets/corpus/entries"
QUESTION = (
    "relation=helpful_but_unsafe&category=cybercrime&source=Alpaca3-8B&severity=3&status=unreviewed"
)  # fmt: skip


@pytest.fixture(scope="session")
def corpus_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder, 2_000, seed=4)
    return folder


@pytest.fixture
def corpus(settings: Settings, sample: None, corpus_folder: Path) -> None:
    database: Database = open_database(settings.database_path)
    import_file(database, corpus_folder, slug="corpus")
    database.close()


def title(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def choose(page: Page, facet: str, label: str) -> None:
    """Clicks a value of a facet, which may be folded away."""
    block = page.locator(f"#facet-{facet}")
    if (
        block.locator("summary", has_text=re.compile(r"\d+ more")).count()
        and not block.locator("details[open]").count()
    ):
        block.locator("summary", has_text="more").click()
    block.get_by_role("link", name=re.compile(f"^{label} ")).click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text(label)


def focused_row(page: Page) -> str | None:
    return page.evaluate("document.activeElement.closest('.row')?.id ?? null")


def top_of(page: Page, row: str) -> float:
    top: float = page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", row)
    return top


@pytest.mark.usefixtures("corpus")
def test_question_by_clicks_and_by_address(open_page: OpenPage) -> None:
    page = open_page(CORPUS)
    for facet, label in (
        ("relation", "helpful but unsafe"),
        ("category", "Cybercrime"),
        ("source", "Alpaca3-8B"),
        ("severity", "3 severe"),
        ("status", "unreviewed"),
    ):
        choose(page, facet, label)
    clicked = title(page)
    page.goto(f"{CORPUS}?{QUESTION}")
    assert title(page) == clicked
    found = re.match(r"(\d+) of 2,000 entries", clicked)
    assert found
    assert 0 < int(found.group(1)) == page.locator(".row").count()


def test_cursor_reads_here_and_opens(open_page: OpenPage) -> None:
    page = open_page(SAMPLE)
    for key in "jjj":
        page.keyboard.press(key)
    assert focused_row(page) == "e3"
    page.keyboard.press("o")
    expect(page.locator("#e3 .reading .text")).to_have_count(2)
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator(".reading")).to_have_count(2)
    page.keyboard.press("o")
    expect(page.locator(".reading")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 4")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 5")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("Entry 4")


def test_unfolded_texts_are_blurred_as_elsewhere(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?safety=both_unsafe", shown=False)
    page.locator(".unfold").first.click()
    text = page.locator(".reading .text").first
    assert text.evaluate("node => getComputedStyle(node).filter") != "none"
    page.keyboard.press("b")
    assert text.evaluate("node => getComputedStyle(node).filter") == "none"


def test_back_brings_row_scroll_and_unfolded_texts(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?page=2")
    row = page.locator(".row").nth(29)
    name = row.get_attribute("id") or ""
    row.scroll_into_view_if_needed()
    row.locator("h2 a").focus()
    page.keyboard.press("o")
    expect(row.locator(".reading")).to_be_visible()
    top = top_of(page, name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {name[1:]}")
    page.go_back()
    expect(page.locator(f"#{name} .reading")).to_be_visible()
    assert focused_row(page) == name
    assert abs(top_of(page, name) - top) < 30


def test_back_and_forward_between_filters(open_page: OpenPage) -> None:
    page = open_page(SAMPLE)
    page.evaluate("scrollTo(0, 900)")
    for key in "jj":
        page.keyboard.press(key)
    page.evaluate("scrollTo(0, 900)")
    page.wait_for_timeout(400)  # focus is written down a moment later
    page.keyboard.press("n")
    expect(page.locator("#jump-page")).to_have_value("2")
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator("#jump-page")).to_have_value("1")
    page.wait_for_function("scrollY > 500")
    assert focused_row(page) == "e2"
    page.go_forward()
    expect(page.locator("#jump-page")).to_have_value("2")


def test_list_key_returns_to_the_row_last_seen(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?safety=both_unsafe&limit=20")
    page.locator(".row h2 a").nth(18).click()
    for _ in range(4):
        before = title(page)
        page.keyboard.press("]")
        expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
    expect(page.locator(".place-in-list")).to_contain_text("23 of ")
    entry = title(page).removeprefix("Entry ")
    page.keyboard.press("l")
    expect(page.locator("#jump-page")).to_have_value("2")
    expect(page.locator(f"#e{entry} h2 a")).to_be_focused()
    assert page.locator(f"#e{entry}").evaluate("row => row.getBoundingClientRect().top < innerHeight")


def test_jumping_by_page_and_by_entry(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?limit=20")
    page.locator("#jump-page").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator(".paging > p")).to_contain_text("41 to 60 of")
    page.locator("#jump-entry").fill("88")
    page.keyboard.press("Enter")
    expect(page.locator("#jump-page")).to_have_value("5")
    expect(page.locator("#e88 h2 a")).to_be_focused()


def test_sort_and_shuffle(open_page: OpenPage) -> None:
    page = open_page(SAMPLE)
    page.get_by_label("Sort", exact=True).select_option("random")
    expect(page.get_by_label("Seed")).to_have_value("1")
    page.get_by_role("link", name="Shuffle again").click()
    expect(page.get_by_label("Seed")).to_have_value("2")
    assert "sort=random&seed=2" in page.url


def test_facets_exclude_and_fold(open_page: OpenPage) -> None:
    page = open_page(SAMPLE)
    total = title(page)
    page.get_by_role("link", name="Exclude both safe").click()
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("not both safe")
    page.get_by_role("link", name="Exclude no longer: both safe").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(total)
    page.locator("#facet-severity > summary").click()
    page.wait_for_function("document.cookie.includes('severity')")
    page.reload()
    expect(page.locator("#facet-severity")).not_to_have_attribute("open", "")
    expect(page.locator("#facet-safety")).to_have_attribute("open", "")


def test_rows_as_one_likes_them(open_page: OpenPage) -> None:
    page = open_page(SAMPLE)
    roomy = page.locator(".row").first.bounding_box()
    page.get_by_role("button", name="Rows").click()
    page.get_by_label("compact").check()
    expect(page.locator("#browse")).to_have_attribute("data-compact", "")
    page.get_by_label("Split and row").check()
    expect(page.locator(".row-more").first).to_contain_text("train 1")
    page.get_by_label("Harm categories").uncheck()
    expect(page.locator(".badge.cat").first).to_be_hidden()
    expect(page.get_by_role("dialog", name="What rows show")).to_be_visible()
    page.goto(f"{SAMPLE}?q=tea")
    expect(page.locator("#browse")).to_have_attribute("data-compact", "")
    compact = page.locator(".row").first.bounding_box()
    assert roomy
    assert compact
    assert compact["height"] < roomy["height"]


def test_select_flag_and_undo(open_page: OpenPage) -> None:
    page = open_page(SAMPLE, name="alice")
    bar = page.get_by_role("form", name="Selected entries")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.locator(".pick").nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 selected")
    page.locator("#e2").scroll_into_view_if_needed()
    page.keyboard.press("n")
    expect(page.locator("#jump-page")).to_have_value("2")
    expect(bar).to_contain_text("4 selected, 4 not on this page")
    page.locator(".pick").first.check()
    page.keyboard.press("f")
    expect(page.locator("#flag-notice")).to_contain_text("5 entries flagged.")
    expect(bar).to_be_hidden()
    assert "changed=" not in page.url
    total = page.request.get("/api/v1/datasets/sample/entries?flag=yes").json()["total"]
    assert total == 5
    page.keyboard.press("z")
    expect(page.locator("#flag-notice")).to_contain_text("Undone: 5 entries")
    assert page.request.get("/api/v1/datasets/sample/entries?flag=yes").json()["total"] == 0


def test_verdict_on_selected_entries_by_keys(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?safety=both_unsafe", name="alice")
    for key in "jxjxjx":
        page.keyboard.press(key)
    page.keyboard.press("v")
    expect(page.get_by_role("heading", level=1)).to_have_text("A verdict on 3 entries")
    expect(page.get_by_label("Response 0: Safe?")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Response 0: Categories")).to_be_checked()
    expect(page.get_by_label("Drugs")).to_be_hidden()
    page.keyboard.press("d")
    page.get_by_label("Drugs").check()
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.get_by_role("button", name="Count them").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Disagree with “Response 0: Categories”: it should be Drugs?"
    )
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.get_by_role("button", name="Give it to 3 entries").press("Enter")
    expect(page.locator("#flag-notice")).to_contain_text("3 entries judged: disagree with “Response 0: Categories”.")
    expect(page.get_by_role("form", name="Selected entries")).to_be_hidden()
    assert page.request.get("/api/v1/datasets/sample/entries?verdict=disagree").json()["total"] == 3
    page.keyboard.press("z")
    expect(page.locator("#flag-notice")).to_contain_text("Undone: 3 entries as before again.")
    assert page.request.get("/api/v1/datasets/sample/entries?verdict=disagree").json()["total"] == 0


def test_verdicts_from_several_pages_of_a_list(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?limit=20", name="alice")
    page.locator(".pick").first.check()
    page.keyboard.press("n")
    expect(page.locator("#jump-page")).to_have_value("2")
    page.locator(".pick").first.check()
    page.get_by_role("button", name="Give a verdict").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A verdict on 2 entries")
    page.go_back()
    expect(page.locator("#selected")).to_contain_text("2 selected, 1 not on this page")


def test_other_verdicts_are_replaced_when_ticked(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?limit=20", name="alice")
    page.request.post("/entries/1/review", form={"revision": "0", "verdict.better_response_id": "unsure"})
    for row in (0, 1):
        page.locator(".pick").nth(row).check()
    page.get_by_role("button", name="Give a verdict").click()
    page.get_by_label("Better").check()
    page.locator(".answer .agree").click()
    page.get_by_role("button", name="Count them").click()
    expect(page.get_by_role("button", name="Give it to")).to_have_text("Give it to 1 entry")
    page.get_by_label("Replace it too").check()
    page.get_by_role("button", name="Give it to 2 entries").click()
    expect(page.locator("#flag-notice")).to_contain_text("2 entries judged: agree with “Better”.")


def test_all_that_match_are_flagged_after_a_question(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?safety=both_unsafe", name="alice")
    total = int(title(page).split()[0])
    page.locator("#select-page").check()
    expect(page.locator("#selected")).to_have_text("50 selected")
    page.get_by_label(f"all {total} that match").check()
    expect(page.locator("#selected")).to_have_text(f"{total} selected")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Flag", exact=False).first.click()
    assert asked == [f"Flag all {total} entries that match?"]
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Flag", exact=False).first.click()
    expect(page.locator("#flag-notice")).to_contain_text(f"{total} entries flagged.")


def test_list_that_changed_meanwhile_says_so(open_page: OpenPage) -> None:
    page = open_page(f"{SAMPLE}?status=unreviewed", name="alice")
    page.locator(".pick").first.check()
    page.locator("#select-all").check()
    page.request.post("/entries/9/review", form={"revision": "0", "action": "agree_rest"})
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("f")
    expect(page.locator("#selection-notice")).to_contain_text("Nothing was changed.")
    expect(page.locator(".pick").first).to_be_checked()


@pytest.mark.usefixtures("corpus")
def test_without_javascript(open_page: OpenPage) -> None:
    page = open_page(CORPUS, name="alice", java_script_enabled=False)
    page.get_by_role("link", name=re.compile("^both unsafe ")).click()
    page.get_by_role("link", name="Exclude Drugs").click()
    page.get_by_role("searchbox").fill("apple*")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("that mention “apple…”")
    page.get_by_role("link", name="clear all").click()
    page.locator("#jump-page").fill("7")
    page.keyboard.press("Enter")
    expect(page.locator(".paging > p")).to_contain_text("301 to 350 of 2,000")
    page.get_by_label("Sort", exact=True).select_option("random")
    page.get_by_role("button", name="Sort", exact=True).click()
    expect(page.get_by_label("Seed")).to_have_value("1")
    page.locator(".pick").nth(1).check()
    page.get_by_role("button", name="Flag", exact=False).first.click()
    expect(page.locator("#flag-notice")).to_contain_text("1 entry flagged.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#flag-notice")).to_contain_text("Undone: 1 entry")
    page.locator(".pick").nth(1).check()
    page.get_by_label("all 2,000 that match").check()
    page.get_by_role("button", name="Flag", exact=False).first.click()
    page.get_by_role("button", name="Flag 2,000 entries").click()
    expect(page.locator("#flag-notice")).to_contain_text("2,000 entries flagged.")
    page.locator(".pick").nth(1).check()
    page.get_by_label("all 2,000 that match").check()
    page.get_by_role("button", name="Give a verdict").click()
    page.get_by_label("Safer").check()
    page.locator(".answer .unsure").click()
    page.get_by_role("button", name="Count them").click()
    page.get_by_role("button", name="Give it to 2,000 entries").click()
    expect(page.locator("#flag-notice")).to_contain_text("2,000 entries judged: unsure about “Safer”.")


@IN_BOTH_LOOKS
def test_axe_finds_nothing_in_what_opens(open_page: OpenPage, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page(f"{SAMPLE}?sort=random&not_category=drugs", name="alice", color_scheme=scheme, viewport=viewport)
    page.locator(".unfold").first.click()
    page.locator(".reading").wait_for()
    page.locator(".pick").first.check()
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    page.keyboard.press("f")
    page.locator("#flag-notice").wait_for()
    page.get_by_role("button", name="Rows").click()
    page.get_by_label("compact").check()
    page.locator("[data-compact]").wait_for()
    assert Axe().run(page).violations_count == 0, Axe().run(page).generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
