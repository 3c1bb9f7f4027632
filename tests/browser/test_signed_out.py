"""A sign-in that ends while somebody reviews: what was decided and typed waits for the same person."""

import pytest
from playwright.sync_api import Page, expect

from app.accounts.passwords import hash_password
from app.db import Database
from app.models import Login
from app.models.base import now
from tests.browser.conftest import OpenPage
from tests.browser.test_saving import at_entry, says
from tests.team import add_account

pytestmark = pytest.mark.browser
GOOD = "plum cake with two cats"


def test_nothing_is_lost_when_a_sign_in_ends(open_page: OpenPage, database: Database) -> None:
    for name in ("alice", "bob"):
        add_account(database, name, "reviewer", password_hash=hash_password(GOOD))
    page = open_page("/entries/1", shown=False, note=True)
    enter(page, "alice")
    expect(page.get_by_role("contentinfo")).to_contain_text("Team mode: signed in as alice, reviewer")
    page.context.request.post("/content-note")
    page.goto("/entries/1")
    at_entry(page, 1)
    end_sign_ins(database)
    page.keyboard.press("Enter")
    place = page.locator("#saving")
    expect(place).to_contain_text("You are signed out. Sign in again in another tab and go on: nothing is lost.")
    with page.context.expect_page() as opened:
        place.get_by_role("link", name="Sign in").click()
    other = opened.value
    enter(other, "bob")
    page.bring_to_front()
    page.evaluate("outbox.send()")
    expect(place).to_contain_text("you are somebody else here now")
    other.goto("/account")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_text("You are signed out of this browser")).to_be_visible()
    enter(other, "alice")
    page.evaluate("outbox.send()")
    says(page, "✓ saved entry 1")


def enter(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(GOOD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def end_sign_ins(database: Database) -> None:
    with database.write() as db:
        db.query(Login).update({Login.ended_at: now()})
