"""From the press of a key to the next pair on the screen, and until the page says that the review is saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import Page, sync_playwright

from tests.bench.limits import Limits
from tests.bench.processes import Server, serving
from tests.bench.scenarios import SLUG
from tests.bench.table import Line
from tests.browser.conftest import DESK, find_chromium

REVIEWS = 200
_READING_MS = 400  # between two keys of who reads at least a little: the next pair is fetched meanwhile

# A frame is painted when a task runs that was queued while the frame was made. `saved` waits for the answer, and so for
# the disk. The observer sees both a swap of htmx and one from what was fetched before.
_WATCH = """() => {
  const watch = window.watch = { pressed: 0, from: "", painted: 0, saved: 0 };
  const entry = () => document.querySelector("#entry")?.dataset.entry ?? "";
  const words = () => document.querySelector(".dock")?.textContent ?? "";
  const saysSaved = () => new RegExp(`saved entry ${watch.from}(?!\\\\d)`).test(words());
  addEventListener("keydown", (event) => {
    Object.assign(watch, { pressed: event.timeStamp, from: entry(), painted: 0, saved: 0 });
  }, true);
  const afterFrame = (name) => requestAnimationFrame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { watch[name] = performance.now(); };
    port2.postMessage(0);
  });
  let painting = "", saving = "";
  new MutationObserver(() => {
    if (!watch.pressed) return;
    if (entry() && entry() !== watch.from && painting !== watch.from) { painting = watch.from; afterFrame("painted"); }
    if (saysSaved() && saving !== watch.from) { saving = watch.from; afterFrame("saved"); }
  }).observe(document.documentElement, { childList: true, subtree: true, characterData: true, attributes: true });
}"""
_DONE = """() => watch.painted && watch.saved
    && { painted: watch.painted - watch.pressed, saved: watch.saved - watch.pressed }"""


@dataclass
class Presses:
    painted: list[float] = field(default_factory=list)
    saved: list[float] = field(default_factory=list)


def measure_keys(data_dir: Path, limits: Limits, reviews: int = REVIEWS) -> list[Line]:
    with serving("app", "serve", "--port", 0, data_dir=data_dir) as server, _tab(server) as tab:
        tab.goto(f"/datasets/{SLUG}/review?status=unreviewed")
        reading = _review(tab, reviews, _READING_MS)
        at_once = _review(tab, reviews, 0)
    return [
        *_lines("key press to the next pair, fetched before", reading.painted, aim=limits.key_fetched_ms),
        *_lines("key press to the next pair, keys in a row", at_once.painted, budget=limits.key_ms),
        *_lines("key press to “saved”", reading.saved),
        *_lines("key press to “saved”, keys in a row", at_once.saved),
    ]


def _lines(what: str, each: list[float], *, budget: float | None = None, aim: float | None = None) -> Iterator[Line]:
    yield Line(f"{what}, p50", median(each), "ms")
    note = f"of {len(each)} reviews in Chromium"
    yield Line(f"{what}, p95", quantiles(each, n=20)[-1], "ms", budget=budget, aim=aim, note=note)


@contextmanager
def _tab(server: Server) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=DESK)
        context.request.post("/reviewers", form={"name": "Presser"})
        context.request.post("/content-note")
        yield context.new_page()
        browser.close()


def _review(tab: Page, reviews: int, pause_ms: int) -> Presses:
    """Agrees with every label of one pair after the other, as fast as the page lets one."""
    presses = Presses()
    tab.evaluate(_WATCH)
    for _ in range(reviews):
        tab.wait_for_timeout(pause_ms)
        tab.keyboard.press("Enter")
        measured = tab.wait_for_function(_DONE).json_value()
        presses.painted.append(measured["painted"])
        presses.saved.append(measured["saved"])
    return presses
