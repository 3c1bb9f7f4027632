"""How much a browser loads to review a pair, open and blind, and when its largest part is painted."""

import re
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from tests.bench.connections import Connection
from tests.bench.processes import Server
from tests.bench.scenarios import expect
from tests.bench.table import Line
from tests.browser.conftest import find_chromium

_PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
    .observe({ type: "largest-contentful-paint", buffered: true }))"""


def measure_weight(server: Server, connection: Connection, path: str) -> Iterator[Line]:
    """For the reviewer of the connection, who reviews open when it ends."""
    for mode in ("blind", "open"):
        expect(connection.post("/settings/mode", [("mode", mode)]), 303)
        page = expect(connection.get(path))
        html = expect(connection.get(path, compressed=False)).body.decode()
        linked = {found.replace("&amp;", "&") for found in re.findall(r'(?:src|href)="(/static/[^"]+)"', html)}
        cold = len(page.body) + sum(len(expect(connection.get(name)).body) for name in linked)
        yield Line(f"pair page, {mode}, loaded cold", cold / 1000, "kB", budget=60)
        yield Line(f"pair page, {mode}, loaded warm", len(page.body) / 1000, "kB", budget=15)
        yield Line(f"pair page, {mode}, requests", 1 + len(linked), "", budget=8)
    yield Line("pair page, largest paint in Chromium", _largest_paint(server, path), "ms", budget=200)


def _largest_paint(server: Server, path: str) -> float:
    """Of a second visit: the first one starts the browser's own machinery."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        tab = browser.new_page()
        for _ in range(2):
            tab.goto(f"http://127.0.0.1:{server.port}{path}")
            painted: float = tab.evaluate(_PAINTED)
        browser.close()
    return painted
