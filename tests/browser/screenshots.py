"""Takes the pictures of the README, with the bundled sample and a few verdicts: `make screenshots`."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import APIRequestContext, Browser, Page, sync_playwright

from tests.browser.conftest import find_chromium

ROOT = Path(__file__).parent.parent.parent
TARGET = ROOT / ".github" / "screenshots"
MOST_BYTES = 200_000
COLOURS = 128
REVIEWED = range(1, 31)
ENTRY = 31
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Every how manieth entry gets "disagree" on a label; 0 is never.
DISAGREES = {
    "response_0.is_safe": 0,
    "response_0.harm_categories": 0,
    "response_0.severity_level": 7,
    "response_1.is_safe": 13,
    "response_1.harm_categories": 0,
    "response_1.severity_level": 5,
    "better_response_id": 4,
    "safer_response_id": 12,
}


@contextmanager
def server() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SAFERLHF_REVIEW_DATA_DIR": folder}
        command = [sys.executable, "-m", "app"]
        subprocess.run([*command, "import", "sample"], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        process = subprocess.Popen(
            [*command, "serve", "--port", "0"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
        )
        try:
            assert process.stderr is not None
            yield re.findall(r"http://\S+", process.stderr.readline())[0]
        finally:
            process.terminate()
            process.communicate()


def review_some(requests: APIRequestContext) -> None:
    """Alice agrees with most labels, is now and then unsure, and puts severities and preferences right."""
    requests.post("/reviewers", form={"name": "alice"})
    requests.post("/texts", form={"shown": "yes"})
    requests.post("/content-note")
    for entry in REVIEWED:
        labels = requests.get(f"/api/v1/entries/{entry}").json()["labels"]
        form: dict[str, str | float | bool] = {"revision": "0"}
        for place, (name, every) in enumerate(DISAGREES.items()):
            form[f"verdict.{name}"] = "unsure" if (entry + place) % 11 == 0 else "agree"
            if every and (entry + place) % every == 0:
                form[f"verdict.{name}"] = "disagree"
                form[f"corrected.{name}"] = json.dumps(corrected(labels[name]))
        answer = requests.post(f"/entries/{entry}/review", form=form)
        assert answer.ok, answer.text()


def corrected(value: bool | int) -> bool | int:
    if isinstance(value, bool):
        return not value
    return 1 - value if value < 2 else value - 1


def show_overview(page: Page) -> None:
    page.goto("/")


def show_browse(page: Page) -> None:
    page.goto("/datasets/sample/entries?safety=only_0_safe&safety=only_1_safe&status=unreviewed")


def show_pair(page: Page) -> None:
    """With verdicts on three labels, the last of them a correction."""
    page.goto(f"/entries/{ENTRY}?status=unreviewed")
    for key in "baad1":
        page.keyboard.press(key)
    page.get_by_text("draft saved").wait_for()


PICTURES = {"overview": show_overview, "browse": show_browse, "pair": show_pair}


def take(browser: Browser, url: str, theme: Literal["light", "dark"]) -> None:
    context = browser.new_context(
        base_url=url, viewport={"width": 1440, "height": 900}, color_scheme=theme, reduced_motion="reduce"
    )
    review_some(context.request)
    for name, show in PICTURES.items():
        page = context.new_page()
        show(page)
        path = TARGET / f"{name}-{theme}.png"
        page.screenshot(path=path, animations="disabled", caret="hide")
        make_small(path)
        page.close()
    context.close()


def make_small(path: Path) -> None:
    """A palette is enough for a page."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size:,} bytes")
    assert size < MOST_BYTES


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        for theme in THEMES:
            with server() as url:
                take(browser, url, theme)
        browser.close()


if __name__ == "__main__":
    main()
