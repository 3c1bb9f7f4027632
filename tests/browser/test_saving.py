"""The next pair at once, decisions saved behind it, drafts, and undo: in a real browser."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Response, Route, expect

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.browser


def at_entry(page: Page, entry: int) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Entry {entry}")


def says(page: Page, words: str) -> None:
    expect(page.locator("#saving")).to_have_text(words)


def exported(page: Page) -> list[dict[str, object]]:
    text = page.request.get("/datasets/sample/export?what=reviews&format=jsonl").text()
    return [json.loads(line) for line in text.splitlines()]


def reviewed(page: Page) -> list[int]:
    """The rows, from one, of the entries that have verdicts."""
    return sorted({int(str(row["row"])) for row in exported(page)})


def wait_until_fetched(page: Page, entry: int) -> None:
    """The next pair is here, and the one after it."""
    names = "performance.getEntriesByType('resource').map(one => one.name)"
    while not any(re.search(rf"/entries/{entry}(\?|$)", name) for name in page.evaluate(names)):
        page.wait_for_timeout(20)
    page.wait_for_load_state("networkidle")


def hold(page: Page, path: str) -> tuple[list[Route], Callable[[], None]]:
    """Keeps posts to addresses with this beginning back until they are let go."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(path), keep)

    def let_go() -> None:
        for route in held:
            route.continue_()
        page.unroute(re.compile(path))

    return held, let_go


def test_next_pair_is_there_before_the_answer(open_page: OpenPage) -> None:
    page = open_page("/entries/1?status=unreviewed", name="alice")
    wait_until_fetched(page, 3)
    held, let_go = hold(page, "/entries/1/review")
    page.keyboard.press("Enter")
    at_entry(page, 2)
    says(page, "saving …")
    assert page.url.endswith("/entries/2?status=unreviewed")
    assert exported(page) == []
    expect(page.locator("#entry-title")).to_be_focused()
    expect(page.locator("#status")).to_contain_text("Entry 2, ")
    assert len(held) == 1
    let_go()
    says(page, "✓ saved entry 1")
    assert len(exported(page)) == 8


def test_thirty_pairs_with_one_key_each(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    for entry in range(1, 31):
        at_entry(page, entry)
        page.keyboard.press("Enter")
    says(page, "✓ saved entry 30")
    assert reviewed(page) == list(range(1, 31))
    page.reload()
    at_entry(page, 31)


def test_at_most_two_pairs_are_fetched_ahead(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    wait_until_fetched(page, 3)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.reload()
    wait_until_fetched(page, 3)
    page.wait_for_timeout(300)
    assert [one for one in asked if one.isdecimal()] == ["1", "2", "3"]
    page.keyboard.press("Enter")
    says(page, "✓ saved entry 1")
    wait_until_fetched(page, 4)
    assert [one for one in asked if one.isdecimal()] == ["1", "2", "3", "4"]


def test_what_is_fetched_ahead_of_a_blind_reviewer_is_blind(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.get_by_role("button", name="Blind").click()
    expect(page.locator("#entry")).to_have_attribute("data-stage", "blind")
    page.wait_for_load_state("networkidle")  # what was fetched ahead before is of no interest
    fetched: list[Response] = []
    page.on("response", lambda answer: "/entries/" in answer.url and fetched.append(answer))
    page.reload()
    wait_until_fetched(page, 3)
    assert len(fetched) == 3
    assert all('data-stage="blind"' in answer.text() and "data-stored" not in answer.text() for answer in fetched)


def test_double_click_stores_one_review(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    wait_until_fetched(page, 3)
    page.get_by_role("button", name="Agree with the rest").dblclick()
    says(page, "✓ saved entry 1")
    at_entry(page, 2)
    assert reviewed(page) == [1]


def test_held_key_stores_one_review(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    says(page, "✓ saved entry 1")
    assert reviewed(page) == [1]


def test_answer_that_is_lost_is_asked_for_again_and_stored_once(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    keys: list[str] = []

    def lose(route: Route) -> None:
        keys.append(str(route.request.post_data).partition("key=")[2].partition("&")[0])
        if len(keys) == 1:
            route.fetch()
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/entries/1/review*", lose)
    page.keyboard.press("Enter")
    says(page, "✓ saved entry 1")
    at_entry(page, 2)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    page.goto("/entries/1")
    expect(page.get_by_text("revision 1")).to_be_visible()


def test_what_cannot_be_saved_stays_with_its_reason(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    wait_until_fetched(page, 3)
    page.get_by_role("group", name=re.compile("Severity")).first.focus()
    page.keyboard.press("d")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save, next").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what it should be instead")
    at_entry(page, 1)
    page.get_by_role("group", name=re.compile("Severity")).first.get_by_role("radio").last.check()
    page.keyboard.press("w")
    says(page, "✓ saved entry 1")
    at_entry(page, 2)


def test_stale_review_is_shown_beside_what_is_saved(open_page: OpenPage) -> None:
    one = open_page("/entries/1", name="alice")
    other = one.context.new_page()
    other.goto("/entries/1")
    wait_until_fetched(other, 3)
    one.keyboard.press("Enter")
    says(one, "✓ saved entry 1")
    other.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    other.get_by_role("button", name="Save, next").click()
    at_entry(other, 2)
    expect(other.locator("#saving")).to_contain_text("entry 1 was not saved: it was changed elsewhere")
    other.reload()
    other.get_by_role("button", name="Show entry 1", exact=True).click()
    alert = other.get_by_role("alert")
    expect(alert.get_by_role("row", name=re.compile("Better"))).to_contain_text("unsure")
    assert other.url.endswith("/entries/1")
    alert.get_by_role("button", name="Save mine over it").click()
    says(other, "✓ saved entry 1")
    assert [row["verdict"] for row in exported(other)] == ["unsure"]


def test_keeping_what_is_saved_drops_the_draft(open_page: OpenPage) -> None:
    one = open_page("/entries/305", name="alice")  # the last one: nothing to go on to
    other = one.context.new_page()
    other.goto("/entries/305")
    one.keyboard.press("Enter")
    says(one, "✓ saved entry 305")
    other.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    other.get_by_role("button", name="Save, next").click()
    other.get_by_role("alert").get_by_role("button", name="Keep what is saved").click()
    expect(other.get_by_text("revision 1")).to_be_visible()
    expect(other.get_by_role("alert")).to_have_count(0)
    other.reload()
    expect(other.get_by_text("not saved as your review yet")).to_have_count(0)


def test_undo_walks_three_back_after_a_reload(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    for entry in (1, 2, 3, 4):
        at_entry(page, entry)
        page.keyboard.press("Enter")
    says(page, "✓ saved entry 4")
    page.reload()
    at_entry(page, 5)
    for _ in range(3):
        page.keyboard.press("z")
    at_entry(page, 2)
    says(page, "↶ undone")
    page.wait_for_load_state("networkidle")
    at_entry(page, 2)
    assert reviewed(page) == [1]
    page.keyboard.press("z")
    at_entry(page, 1)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()


def test_undo_waits_for_what_is_on_its_way(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    wait_until_fetched(page, 3)
    _, let_go = hold(page, "/entries/1/review")
    page.keyboard.press("Enter")
    at_entry(page, 2)
    page.keyboard.press("z")
    says(page, "saving …")
    at_entry(page, 2)
    let_go()
    at_entry(page, 1)
    assert exported(page) == []


def test_skipped_entry_comes_again_at_the_end(open_page: OpenPage) -> None:
    page = open_page("/entries/304", name="alice")
    wait_until_fetched(page, 305)
    page.keyboard.press("n")
    at_entry(page, 305)
    says(page, "↷ skipped entry 304")
    page.keyboard.press("Enter")
    at_entry(page, 304)
    assert "put_off=yes" in page.url
    page.keyboard.press("z")
    at_entry(page, 305)


def test_reveal_waits_for_the_answer(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.get_by_role("button", name="Blind").click()
    wait_until_fetched(page, 3)
    page.get_by_role("button", name="Cannot judge the rest, reveal").click()
    expect(page.locator("#entry")).to_have_attribute("data-stage", "revealed")
    assert page.url.endswith("/entries/1")
    page.keyboard.press("Enter")
    at_entry(page, 2)
    says(page, "✓ saved entry 1")
    page.get_by_role("button", name="Open", exact=True).click()
    assert len(exported(page)) == 8


def test_back_while_a_review_is_on_its_way(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    wait_until_fetched(page, 3)
    _, let_go = hold(page, "/entries/1/review")
    page.keyboard.press("Enter")
    at_entry(page, 2)
    page.go_back()
    at_entry(page, 1)
    let_go()
    expect(page.get_by_text("revision 1")).to_be_visible()
    expect(page.locator("#review .field[aria-current]")).to_have_count(1)
    page.go_forward()
    at_entry(page, 2)
    page.keyboard.press("Enter")
    says(page, "✓ saved entry 2")


def test_draft_is_there_when_the_tab_was_killed(open_page: OpenPage) -> None:
    page = open_page("/entries/2?status=unreviewed", name="alice")
    page.keyboard.press("c")
    page.keyboard.type("The second one is about cats.")
    page.keyboard.press("Escape")
    page.get_by_role("group", name=re.compile("Better")).get_by_text("unsure").click()
    says(page, "draft saved")
    address = page.url
    page.close()
    again = page.context.new_page()
    again.goto(address)
    expect(again.get_by_text("draft, not saved as your review yet")).to_be_visible()
    expect(again.get_by_label("Comment")).to_have_value("The second one is about cats.")
    group = again.get_by_role("group", name=re.compile("Better"))
    expect(group.get_by_role("radio", name="unsure")).to_be_checked()
    again.keyboard.press("w")
    says(again, "✓ saved entry 2")
    assert [row["comment"] for row in exported(again)] == ["The second one is about cats."]
    again.goto(address)
    expect(again.get_by_text("draft, not saved")).to_have_count(0)


def test_draft_is_sent_when_the_page_is_left_at_once(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.keyboard.press("a")
    page.goto("/entries/2")
    page.wait_for_timeout(300)  # a page that is gone tells nobody when its last request has been answered
    page.goto("/entries/1")
    assert page.locator("#review input[value=agree]:checked").count() == 1


def test_somebody_else_does_not_save_what_was_entered_before(open_page: OpenPage) -> None:
    page = open_page("/entries/1", name="alice")
    page.request.post("/reviewers", form={"name": "bob"})
    page.keyboard.press("Enter")
    says(page, "⚠ not saved yet: you are somebody else here now, kept here (1)")
    assert exported(page) == []
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/entries/5")
    at_entry(page, 5)
    page.wait_for_load_state("networkidle")
    assert exported(page) == []
    page.request.post("/reviewers", form={"name": "alice"})
    page.goto("/entries/7")
    says(page, "✓ saved entry 1")
    assert {row["reviewer"] for row in exported(page)} == {"alice"}


def test_two_tabs_send_each_review_once(open_page: OpenPage) -> None:
    one = open_page("/entries/1", name="alice")
    other = one.context.new_page()
    other.goto("/entries/11")
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    one.context.on("request", note)
    for step in range(3):
        for page, first in ((one, 1), (other, 11)):
            at_entry(page, first + step)
            page.keyboard.press("Enter")
    at_entry(one, 4)
    at_entry(other, 14)
    for page in (one, other):
        expect(page.locator("#saving")).to_have_class("saved")
    assert reviewed(one) == [1, 2, 3, 11, 12, 13]
    assert len(sent) == len(set(sent)) == 6


def test_time_is_counted_while_somebody_is_there(open_page: OpenPage) -> None:
    page = open_page("about:blank", name="alice")
    page.clock.install()
    page.goto("/entries/1")
    at_entry(page, 1)
    page.keyboard.press("a")
    page.clock.run_for(30_000)
    expect(page.locator("#pace")).to_have_text("0:30 on this entry")
    page.clock.run_for(300_000)
    expect(page.locator("#pace")).to_have_text(re.compile("^(0:59|1:00) on this entry$"))
    page.keyboard.press("Enter")
    at_entry(page, 2)
    expect(page.locator("#saving")).to_have_text("✓ saved entry 1")
    assert exported(page)[0]["seconds"] in (59, 60, 61)
