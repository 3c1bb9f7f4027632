"""A real Chromium on a real server, with the bundled sample; a console error or a failed request fails the test."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from app.main import create_app
from app.settings import Settings

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Each scheme and each width once: what axe finds in the other two is found in these.
IN_BOTH_LOOKS = pytest.mark.parametrize(
    ("scheme", "viewport"), [("light", DESK), ("dark", PHONE)], ids=["light-desk", "dark-phone"]
)


def find_chromium() -> str | None:
    """None lets Playwright take the one it downloaded."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=find_chromium(),
            args=["--disable-background-networking", "--disable-component-update", "--no-first-run"],
        )
        yield opened
        opened.close()


@pytest.fixture
def site(sample: None, settings: Settings) -> Iterator[str]:
    """The address of a server of the test's own."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(settings), log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens pages in a context of their own; options as in Browser.new_context, and `name` of the reviewer.

    With `note` the content note is still to be read; `shown` speaks of the texts in lists.
    """
    contexts, troubles = [], []

    def open_one(
        path: str = "/", name: str | None = None, shown: bool = True, note: bool = False, **options: object
    ) -> Page:
        context = browser.new_context(base_url=site, **{"viewport": DESK, **options})  # type: ignore[arg-type]
        contexts.append(context)
        if name:
            context.request.post("/reviewers", form={"name": name})
        if shown:
            context.request.post("/texts", form={"shown": "yes"})
        if not note:
            context.request.post("/content-note")
        page = context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("requestfailed", lambda request: troubles.append(f"{request.failure}: {request.url}"))
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    # Chromium reports every 4xx, what it gives up when a page is left, and each try without network; tests look at the
    # page instead.
    expected = ("status of 4", "net::ERR_ABORTED", "net::ERR_INTERNET_DISCONNECTED")
    assert [trouble for trouble in troubles if not any(one in trouble for one in expected)] == []
