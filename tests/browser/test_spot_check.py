"""From "are these labels any good?" to a report: planned, reviewed by three, adjudicated, and figured out again."""

import io
import json
import re

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from tests.browser.conftest import PHONE, OpenPage

pytestmark = pytest.mark.browser
PEOPLE = ("ann", "ben", "cleo")
# Left unsafe by cybercrime, severity 2; right safe, which fills in the rest of it; the left one is better.
LEFT_UNSAFE = ["x", "c", "y", "b", "Enter", "Enter", "2", "s", "1"]
BOTH_SAFE = ["s", "s", "1", "1"]
SAFE = "response_0.is_safe"


def plan_and_open(page: Page) -> None:
    page.goto("/datasets/sample/plans/new")
    page.get_by_label("Title").fill("Severity, November")
    page.get_by_text("Stratified:").click()
    page.get_by_label("Entries", exact=True).fill("60")
    page.locator("#strata-0").select_option("safety")
    expect(page.locator("#preview")).to_contain_text("120, about")  # reviews
    expect(page.get_by_role("row", name=re.compile("both safe"))).to_be_visible()
    page.get_by_role("button", name="Draw the sample").click()
    page.get_by_role("link", name="Make a review session").click()
    expect(page.get_by_label("Blind, then reveal")).to_be_checked()
    expect(page.locator("#overlap")).to_have_value("2")
    page.get_by_role("checkbox", name="dana").uncheck()
    page.get_by_role("button", name="Make the session").click()
    page.get_by_role("button", name=re.compile("^Open")).click()


def review_by_keys(pages: list[Page]) -> int:
    """One pair each in turn, until the queue has nothing left for anybody; how many there were."""
    working, count = dict(enumerate(pages)), 0
    for page in pages:
        page.goto("/sessions/1/review")
        page.get_by_role("button", name="Start").click()
    while working:
        for person, page in list(working.items()):
            if page.locator("#entry").count() == 0:
                del working[person]
                continue
            entry = int(page.locator("#entry").get_attribute("data-entry") or 0)
            expect(page.locator("#entry")).to_have_attribute("data-stage", "blind")
            for key in BOTH_SAFE if (entry + person) % 6 == 0 else LEFT_UNSAFE:
                page.keyboard.press(key)
            page.keyboard.press("Enter")
            expect(page.locator("#entry")).to_have_attribute("data-stage", "revealed")
            page.keyboard.press("Enter")
            expect(page.locator(f"#entry[data-entry='{entry}'][data-stage='revealed']")).to_have_count(0)
            count += 1
    return count


def settle_by_keys(page: Page) -> int:
    """The first value that reviewers gave, for every disputed label; how many entries there were."""
    page.goto("/sessions/1/adjudication")
    page.keyboard.press("Enter")
    count = 0
    while True:
        expect(page.locator("#adjudication .dispute, main").first).to_be_visible()
        disputes = page.locator("#adjudication .dispute").count()
        if not disputes:
            return count
        here = page.url
        for _ in range(disputes):
            page.keyboard.press("1")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, here=here: url != here)
        count += 1


def figures_of(ratings: pd.DataFrame) -> dict[str, float]:
    """What anybody can work out from the download."""
    sure = ratings[ratings.verdict != "unsure"]
    settled = sure.adjudicated_value.notna()
    wrong = (sure.adjudicated_value != sure.stored_value).where(settled, sure.verdict == "disagree")
    items = sure.assign(wrong=wrong, weight=1 / sure.inclusion_probability).groupby("item")
    weights, shares = items.weight.first(), items.wrong.mean()
    first = ratings.pivot(index="item", columns="reviewer", values="first_value")
    pairs = [row.dropna().tolist() for _, row in first.iterrows()]
    return {
        "rate": (weights * shares).sum() / weights.sum(),
        "agreement": sum(one == other for one, other in pairs) / len(pairs),
        "kappa": fleiss_kappa(aggregate_raters(pd.DataFrame(pairs).map({"true": 1, "false": 0}.get))[0]),
        "agree": (ratings.verdict == "agree").sum(),
        "disagree": (ratings.verdict == "disagree").sum(),
    }


def test_from_a_plan_to_the_report(open_page: OpenPage) -> None:
    pages = [open_page("/", name=name) for name in PEOPLE]
    lead = open_page("/", name="dana")
    plan_and_open(lead)
    assert review_by_keys(pages) == 120
    assert settle_by_keys(lead) > 5
    lead.goto("/sessions/1")
    lead.get_by_role("button", name="Close", exact=True).first.click()
    lead.get_by_role("link", name="Statistics").click()
    lead.get_by_role("link", name="Report", exact=True).click()
    ratings = pd.read_csv(io.StringIO(lead.request.get("/sessions/1/ratings.csv").text()))
    of_label = ratings[ratings.label_field == SAFE]
    found = figures_of(of_label)
    row = lead.get_by_role("row", name="Response 0: Safe")
    expect(row.nth(0)).to_contain_text(f"{100 * found['rate']:.1f} %")
    verdicts = lead.locator("section", has_text="What reviewers said").get_by_role("row", name="Response 0: Safe")
    expect(verdicts).to_contain_text(f"{found['agree']}\t{found['disagree']}", use_inner_text=True)
    expect(lead.get_by_role("table", name="Between reviewers").get_by_role("row").nth(1)).to_contain_text(
        f"60\t{found['agreement']:.3f}\t{found['kappa']:.3f}", use_inner_text=True
    )
    for said in ("stratified, seed 1", "Judged\nblind", "120 of 120 (100 %)", "Stratum by stratum", "Disputed entries"):
        expect(lead.locator("main")).to_contain_text(said, use_inner_text=True)
    exported = [json.loads(line) for line in reviews_of(lead).splitlines()]
    assert {line["session"] for line in exported} == {"Severity, November"}
    verdicts_of = [line["verdict"] for line in exported if line["label_field"] == SAFE]
    assert (verdicts_of.count("agree"), verdicts_of.count("disagree")) == (found["agree"], found["disagree"])
    expect_accessible(lead, "/sessions/1/report?intervals=yes")
    lead.set_viewport_size(PHONE)
    lead.emulate_media(color_scheme="dark")
    for path in ("agreement", f"agreement/{SAFE}", "agreement/response_0.harm_categories"):
        expect_accessible(lead, f"/sessions/1/{path}")


def expect_accessible(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"


def reviews_of(page: Page) -> str:
    return page.request.get("/datasets/sample/export?what=reviews&format=jsonl").text()
