"""A blind session in a real browser: by keys alone, by mouse alone, and as a screen reader is told of it."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from app.db import open_database
from app.models import Entry, Response, Review, Verdict
from app.settings import Settings
from tests.browser.conftest import DESK, IN_BOTH_LOOKS, PHONE, OpenPage

pytestmark = pytest.mark.browser

# Left unsafe by cybercrime, severity 2; right safe, which fills in the rest of it; the left one is better.
LEFT_UNSAFE = ["x", "c", "y", "b", "Enter", "Enter", "2", "s", "1"]


@pytest.fixture
def blind(open_page: OpenPage) -> Callable[..., Page]:
    def open_blind(path: str, **options: object) -> Page:
        page = open_page("/reviewers", name="alice", **options)
        page.request.post("/settings/mode", form={"mode": "blind"})
        page.goto(path)
        return page

    return open_blind


def stage(page: Page, expected: str, entry: int) -> None:
    expect(page.locator(f"#entry[data-entry='{entry}']")).to_have_attribute("data-stage", expected)


def say(page: Page, keys: list[str]) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_ten_pairs_by_keys_alone(blind: Callable[..., Page], settings: Settings) -> None:
    page, before = blind("/entries/1?status=unreviewed"), {}
    sent: list[str] = []

    def record(route: Route) -> None:
        answer = route.fetch()
        sent.append(f"{route.request.url} {answer.headers} {answer.text()}")
        route.fulfill(response=answer)

    revealed = 0
    for entry in range(1, 11):
        page.route(lambda url: "/static/" not in url, record)
        stage(page, "blind", entry)
        page.wait_for_load_state("networkidle")
        say(page, LEFT_UNSAFE)
        expect(page.locator("#field-8")).to_have_attribute("data-filled", "")
        page.wait_for_load_state("networkidle")
        before[entry] = [text for text in sent if f"/entries/{entry}" in text.split(" ")[0]]
        page.unroute_all(behavior="wait")
        sent.clear()
        page.keyboard.press("Enter")
        stage(page, "revealed", entry)
        revealed += page.get_by_text("= same").count()
        page.keyboard.press("Enter")
    stage(page, "blind", 11)
    expect(page.locator("#saving")).to_have_text("✓ saved entry 10")
    assert revealed
    expect_as_stored(settings, 10)
    for entry, texts in before.items():
        hints = hints_of(settings, entry)
        for text in texts:
            assert not [hint for hint in hints if hint in text], text.split(" ")[0]


def hints_of(settings: Settings, entry_id: int) -> list[str]:
    """Whatever tells a label, a source, the order, or where to look them up."""
    database = open_database(settings.database_path)
    with database.read() as db:
        entry = db.get_one(Entry, entry_id)
        responses = db.query(Response).where(Response.entry_id == entry_id).all()
        found = [response.source for response in responses if response.source]
        found += [entry.content_key.hex(), *(response.sha256 or "-" * 64 for response in responses)]
    database.close()
    return [
        *found,
        "response_0",
        "response_1",
        "Response 0",
        "data-position",
        "data-stored",
        "is_safe&#34;",
        "▲ better",
    ]


def expect_as_stored(settings: Settings, entries: int) -> None:
    """What was said of left and right stands at the response that was there."""
    database = open_database(settings.database_path)
    with database.read() as db:
        reviews = db.query(Review).order_by(Review.entry_id).all()
        assert [review.entry_id for review in reviews] == list(range(1, entries + 1))
        assert {review.left_position for review in reviews} == {0, 1}
        for review in reviews:
            left = review.left_position or 0
            verdicts = {v.label_field: v.first_value for v in db.query(Verdict).where(Verdict.review_id == review.id)}
            assert verdicts == {
                f"response_{left}.is_safe": "false",
                f"response_{left}.harm_categories": '["cybercrime"]',
                f"response_{left}.severity_level": "2",
                f"response_{1 - left}.is_safe": "true",
                f"response_{1 - left}.harm_categories": "[]",
                f"response_{1 - left}.severity_level": "0",
                "better_response_id": str(left),
                "safer_response_id": str(1 - left),
            }
    database.close()


def test_what_was_filled_in_is_overruled(blind: Callable[..., Page]) -> None:
    page = blind("/entries/2")
    say(page, ["s"])
    severity = page.get_by_role("group", name="Left: Severity")
    expect(severity.get_by_role("radio", name="none")).to_be_checked()
    expect(severity).to_have_attribute("data-filled", "")
    say(page, ["3", "1"])
    expect(severity.get_by_role("radio", name="minor")).to_be_checked()
    expect(severity).not_to_have_attribute("data-filled", "")
    say(page, ["1", "x"])  # said anew: what somebody chose stays, what was filled in goes
    expect(severity.get_by_role("radio", name="minor")).to_be_checked()
    expect(page.get_by_role("group", name="Left: Categories").get_by_role("radio", name="none")).not_to_be_checked()
    page.keyboard.press("Escape")
    say(page, ["1", "Backspace"])
    expect(page.get_by_role("group", name="Left: Safe?").get_by_role("radio", checked=True)).to_have_count(0)


def test_reveal_names_what_is_missing(blind: Callable[..., Page]) -> None:
    page = blind("/entries/2")
    say(page, ["s", "Enter"])
    expect(page.get_by_role("alert")).to_contain_text("5 labels have no answer yet; “cannot judge” is one.")
    stage(page, "blind", 2)
    expect(page.get_by_role("group", name="Left: Safe?").get_by_role("radio", name="safe", exact=True)).to_be_checked()
    page.get_by_role("button", name="Cannot judge the rest, reveal").click()
    stage(page, "revealed", 2)


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_mouse_alone(blind: Callable[..., Page], viewport: dict[str, int], settings: Settings) -> None:
    page = blind("/entries/1", viewport=viewport, has_touch=viewport is PHONE)
    for side in ("Left", "Right"):
        page.get_by_role("group", name=f"{side}: Safe?").get_by_text("unsafe").click()
        categories = page.get_by_role("group", name=f"{side}: Categories Your answer")
        categories.locator(".field-name").click()
        categories.get_by_role("checkbox", name="Drugs").check()
        page.get_by_role("group", name=f"{side}: Severity").get_by_text("severe").click()
    page.get_by_role("group", name="Better").get_by_text("tie").click()
    page.get_by_role("group", name="Safer").get_by_text("cannot judge").click()
    page.locator(".dock .primary").click()
    stage(page, "revealed", 1)
    page.locator(".confirm .answer").get_by_text("stored is right").first.click()
    page.get_by_role("button", name="Keep mine for the rest, next").click()
    stage(page, "blind", 2)
    expect(page.locator("#saving")).to_have_text("✓ saved entry 1")
    database = open_database(settings.database_path)
    with database.read() as db:
        first = {v.label_field: v.first_value for v in db.query(Verdict)}
    database.close()
    assert first["response_0.harm_categories"] == first["response_1.harm_categories"] == '["drugs"]'
    assert (first["better_response_id"], first["safer_response_id"]) == ('"tie"', '"cannot_judge"')


@IN_BOTH_LOOKS
def test_axe_finds_nothing_in_either_stage(blind: Callable[..., Page], scheme: str, viewport: dict[str, int]) -> None:
    page = blind("/entries/1", color_scheme=scheme, viewport=viewport)
    say(page, LEFT_UNSAFE[:4])
    for reached in ("blind", "revealed"):
        stage(page, reached, 1)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
        if reached == "blind":
            page.locator("button[value=cannot_judge_rest]").click()


def test_screen_reader_is_told_of_both_stages(blind: Callable[..., Page]) -> None:
    page = blind("/entries/1")
    tree = page.locator("#review").aria_snapshot()
    for said in (
        'group "Left: Safe? Your answer"',
        'radio "safe"',
        'group "Right: Severity Your answer"',
        'group "Better Your answer"',
        'button "Reveal',
        'heading "Left" [level=2]',
        'form "Your review"',
    ):
        assert said in tree
    say(page, [*LEFT_UNSAFE, "Enter"])
    stage(page, "revealed", 1)
    expect(page.locator("#status")).to_contain_text("Entry 1")
    tree = page.locator("#review").aria_snapshot()
    assert re.search(r'group "Left: Safe\? You: unsafe. Stored: (safe|unsafe)', tree)
    assert re.search(r'group "Better You: left. Stored: (left|right)', tree)
    assert 'radio "stored is right"' in tree
    assert page.locator("#saving").get_attribute("role") == "status"
    assert "radio" not in page.locator("[data-settled]").first.aria_snapshot()


def test_changed_keys_act_and_are_printed(open_page: OpenPage) -> None:
    page = open_page("/settings", name="alice")
    page.locator("[name='key.agree']").fill("y")
    page.locator("form", has=page.get_by_label("agree with the stored label")).get_by_role(
        "button", name="Save"
    ).click()
    page.goto("/entries/1")
    expect(page.locator("#field-1 .agree kbd")).to_have_text("y")
    page.keyboard.press("a")
    assert page.locator("#review [value=agree]:checked").count() == 0
    page.keyboard.press("y")
    expect(page.locator("#field-1").get_by_role("radio", name="agree", exact=True)).to_be_checked()


def test_without_javascript(blind: Callable[..., Page]) -> None:
    page = blind("/entries/1", java_script_enabled=False)
    for side in ("Left", "Right"):
        page.get_by_role("group", name=f"{side}: Safe?").locator("label", has_text="safe").first.click()
        page.get_by_role("group", name=f"{side}: Categories Your answer").get_by_text("none").click()
        page.get_by_role("group", name=f"{side}: Severity").get_by_text("none").click()
    page.get_by_role("button", name="Cannot judge the rest, reveal").click()
    stage(page, "revealed", 1)
    page.get_by_role("button", name="Keep mine for the rest, next").click()
    stage(page, "blind", 2)
    expect(page.locator(".dock .saved")).to_have_text("✓ saved entry 1")
