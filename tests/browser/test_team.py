"""A team of four from nothing, in real browsers."""

import re
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.commands import Run

pytestmark = pytest.mark.browser
GOOD = "seven pears on a blue plate"


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def invite(admin: Page, name: str, role: str) -> str:
    """The path of the link."""
    admin.goto("/accounts")
    admin.get_by_role("link", name="Invite somebody").click()
    admin.get_by_label("Name").fill(name)
    admin.get_by_role("radio", name=re.compile(f"^{role}")).check()
    admin.get_by_label("Your own password").fill(GOOD)
    admin.get_by_role("button", name="Make the invitation").click()
    return urlsplit(admin.locator("#made-link").inner_text()).path


def accept(page: Page, path: str) -> None:
    page.goto(path)
    page.get_by_label("New password").fill(GOOD)
    page.locator("main button.primary").click()
    page.wait_for_url("**/")


def axe_finds_nothing(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"


def test_team_of_four_from_nothing(open_page: OpenPage, run: Run) -> None:
    dana, bob, vera = open_page("/"), open_page("/"), open_page("/")
    carol = open_page("/", color_scheme="dark", viewport=PHONE)
    assert run("user", "add", "dana", "--role", "admin", typed=GOOD).returncode == 0
    dana.goto("/accounts")
    axe_finds_nothing(dana)  # the page to sign in
    sign_in(dana, "dana")
    links = {
        name: invite(dana, name, role) for name, role in {"bob": "Reviewer", "carol": "Lead", "vera": "Viewer"}.items()
    }

    accept(bob, links["bob"])
    bob.goto("/entries/3")
    bob.get_by_role("button", name=re.compile("^Agree with the rest")).click()
    expect(bob.locator(".dock .saved")).to_have_text("✓ saved entry 3")

    accept(vera, links["vera"])
    vera.goto("/entries/3")
    expect(vera.get_by_text("reviewing needs the role reviewer")).to_be_visible()

    accept(carol, links["carol"])
    carol.goto("/reviewers")
    expect(carol.get_by_role("row", name=re.compile("^bob 1 1 1 0 0"))).to_be_visible()
    axe_finds_nothing(carol)

    dana.goto("/accounts")
    dana.get_by_label("Find by name").fill("bo")
    expect(dana.get_by_role("row")).to_have_count(2)  # the head, and bob
    axe_finds_nothing(dana)
    dana.get_by_role("link", name="bob").click()
    axe_finds_nothing(dana)
    ending = dana.get_by_role("region", name="Access").or_(dana.get_by_role("form", name="Access"))
    ending.get_by_label("Your own password").fill(GOOD)
    ending.get_by_role("button", name="Deactivate bob").click()
    expect(dana.get_by_role("status").filter(has_text="bob is deactivated")).to_be_visible()

    bob.get_by_role("link", name="Overview").click()
    expect(bob.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(bob, "bob")
    expect(bob.get_by_role("alert")).to_be_visible()
    expect(bob.get_by_role("heading", name="Sign in")).to_be_visible()
