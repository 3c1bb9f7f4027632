"""Settling by key: digits adopt values, Enter settles what is chosen, and axe finds nothing on the way."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.db import Database
from tests.adjudication.conftest import CATEGORIES, SAFE, SEVERITY, Plants
from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser
QUEUE = "/sessions/1/adjudication"
CHOSEN = "[...document.querySelectorAll('#adjudication :checked')].filter(i => i.name).map(i => [i.name, i.value])"


def test_entry_is_settled_by_keys_alone(open_page: OpenPage, database: Database) -> None:
    plants = Plants(database)
    session = plants.begin()
    plants.judge(session, 1, "ann", {SAFE: "false", CATEGORIES: '["cybercrime"]', SEVERITY: "2"}, reason="A thorn.")
    plants.judge(session, 1, "ben")
    plants.judge(session, 2, "ann", {"better_response_id": '"tie"'})
    plants.judge(session, 2, "ben")
    page = open_page(QUEUE, name="alice", color_scheme="dark", viewport=PHONE)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{QUEUE}/1")
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for key in ("2", "2", "2", "k", "1"):
        page.keyboard.press(key)
    chosen = [[kind, value] for kind, value in page.evaluate(CHOSEN) if kind.startswith("value.")]
    assert chosen == [[f"value.{SAFE}", "false"], [f"value.{CATEGORIES}", "[]"], [f"value.{SEVERITY}", "2"]]
    assert "none" in page.locator("#status").inner_text()
    page.get_by_label("Reason, Response 0: Severity").press("Enter")  # as in any form
    page.wait_for_url(f"**{QUEUE}/2?done=1")
    assert "settled entry 1" in page.locator("main").inner_text()
    page.goto(f"{QUEUE}/1")
    assert Axe().run(page).violations_count == 0
