import csv
import io
import re

import pytest

from app.models import SampledEntry, SamplingPlan
from tests.factories import import_rows, row

PLANS = "/datasets/plants/plans"


@pytest.fixture
def plants(client, database, tmp_path):
    """Forty pairs, of which every fourth has a severe response; two share each prompt."""
    made = [row(n, prompt=f"Plant {n // 2}?", response_0_severity_level=3 if n % 4 == 0 else 1) for n in range(40)]
    import_rows(database, tmp_path, made, slug="plants")


def draw(client, **form) -> str:
    answer = client.post(PLANS, data={"title": "Some plants", **form}, follow_redirects=False)
    assert answer.status_code == 303, re.findall(r"✕ ([^<]*)", answer.text)
    return answer.headers["location"]


def drawn(client, place: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(f"{place}/entries.csv").text)))


def test_simple_sample_is_drawn_and_kept(plants, client):
    place = draw(client, n=10, seed=5)
    found = drawn(client, place)
    assert len({one["entry"] for one in found}) == 10
    assert {one["inclusion_probability"] for one in found} == {"0.25"}
    page = client.get(place).text
    assert "10 of 40 entries" in page
    assert "<code>5</code>" in page


def test_the_same_plan_draws_the_same_entries_from_another_database(plants, client, database, tmp_path):
    first = drawn(client, draw(client, n=10, seed=5))
    again = drawn(client, draw(client, n=10, seed=5))
    other = drawn(client, draw(client, n=10, seed=6))
    keys = [[one["content_key"] for one in found] for found in (first, again, other)]
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]
    made = [row(n, prompt=f"Plant {n // 2}?", response_0_severity_level=1) for n in reversed(range(40))]
    import_rows(database, tmp_path / "later", made, slug="later")
    place = client.post("/datasets/later/plans", data={"title": "x", "n": 10, "seed": 5}, follow_redirects=False)
    assert [one["content_key"] for one in drawn(client, place.headers["location"])] == keys[0]


def test_strata_get_what_the_allocation_says(plants, client):
    form = {"kind": "stratified", "strata": ["severity"], "n": 12}
    found = drawn(client, draw(client, **form, allocation="equal"))
    counts = {name: sum(one["stratum"] == name for one in found) for name in {one["stratum"] for one in found}}
    assert sorted(counts.values()) == [6, 6]
    for one in found:
        assert float(one["inclusion_probability"]) == pytest.approx(6 / (10 if "3" in one["stratum"] else 30))
    own = {f"own.{name}": 8 if "3" in name else 2 for name in counts}
    more = drawn(client, draw(client, **form, allocation="own", **own))
    assert sum("3" in one["stratum"] for one in more) == 8
    many = client.post(PLANS, data={"title": "x", **form, "allocation": "own", **dict.fromkeys(own, "31")})
    assert many.status_code == 422
    assert "cannot give 31" in many.text


def test_prompts_are_drawn_with_all_their_pairs(plants, client):
    found = drawn(client, draw(client, kind="clusters", n=10))
    by_prompt = {}
    for one in found:
        by_prompt.setdefault(one["cluster"], []).append(one)
    assert [len(pairs) for pairs in by_prompt.values()] == [2] * 5
    assert {one["inclusion_probability"] for one in found} == {"0.25"}


def test_population_is_any_list_of_entries(plants, client):
    found = drawn(client, draw(client, filter="severity=3", n=50))
    assert len(found) == 10
    page = client.get(f"{PLANS}/new?filter=severity%3D3&n=5").text
    assert "<strong>10</strong> entries to draw from" in page


def test_page_counts_along(plants, client):
    page = client.get(
        f"{PLANS}/new?kind=stratified&strata=severity&n=20&overlap=3&rate=10&acceptance=single&limit=20"
    ).text
    assert "60, about 0.8 hours at 45 s each (assumed)" in page
    assert "accept the batch with at most 0 wrong" in page
    halves = [float(half) for half in re.findall(r'<td class="n nowrap">([\d.]+)</td>', page)]
    assert len(halves) == 2
    assert all(0 < half < 100 for half in halves)
    partial = client.get(f"{PLANS}/new?n=5", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert partial.text.lstrip().startswith('<div id="preview"')


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Give the sample a title"),
        ({"n": "0"}, "n is a whole number from 1 to 50,000"),
        ({"kind": "stratified"}, "Choose by what the entries are divided"),
        ({"kind": "stratified", "strata": "category:weeds"}, "is no value of category"),
        ({"kind": "stratified", "strata": "colour"}, "is no facet of this dataset"),
        ({"filter": "colour=red"}, "colour"),
        ({"rate": "0"}, "guessed rate"),
        ({"rate": "much"}, "rate is a number of percent"),
        ({"kind": "stratified", "strata": "severity", "allocation": "own"}, "Nothing would be drawn"),
        ({"filter": "severity=0"}, "nothing to draw from"),
        ({"acceptance": "sequential", "good": "9", "limit": "5"}, "below the one to reject"),
    ],
)
def test_plan_that_cannot_be_drawn_says_why_and_writes_nothing(plants, client, database, wrong, said):
    answer = client.post(PLANS, data={"title": "Some plants", "n": "5", **wrong})
    if wrong == {"rate": "0"}:  # of the preview alone: the draw needs no guess
        answer = client.get(f"{PLANS}/new", params=wrong)
        assert said in answer.text
        return
    assert answer.status_code == 422
    assert said in answer.text
    with database.read() as db:
        assert not db.query(SamplingPlan).count()
        assert not db.query(SampledEntry).count()


def test_exactness_is_that_of_the_confidence_asked_for(plants, client):
    def points(confidence: int) -> float:
        page = client.get(f"{PLANS}/new?n=10&rate=50&confidence={confidence}").text
        return float(re.search(r"± ([\d.]+) points with", page)[1])

    assert points(99) > points(95) > points(80)
    assert points(95) == pytest.approx(100 * 1.96 * (30 / 39 * 0.25 / 10) ** 0.5, abs=0.06)


def test_rule_that_needs_more_than_is_drawn_says_so(plants, client):
    assert "draw at least" in client.get(f"{PLANS}/new?n=3&acceptance=beavertails").text
    assert "draw at least" not in client.get(f"{PLANS}/new?n=9&acceptance=beavertails").text


def test_what_an_entry_may_have_several_of_divides_into_two(client, database, tmp_path):
    """Safe responses with a severity contradict themselves: two of ten; one has a category."""
    made = [row(n, response_0_severity_level=2 if n < 2 else 0) for n in range(9)]
    import_rows(database, tmp_path, [*made, row(9, unsafe_0=(1, "Cybercrime"))], slug="plants")
    for division, sizes in (("contradiction", {2, 8}), ("category:cybercrime", {1, 9}), ("category", {1, 9})):
        form = {"kind": "stratified", "strata": division, "allocation": "equal", "n": "4"}
        page = client.get(draw(client, **form)).text
        rows = re.findall(r'<tr><th scope="row">[^<]*</th><td class="n">(\d+)</td>', page)
        assert set(map(int, rows)) == sizes


def test_calculator_gives_the_numbers_of_the_textbook(plants, client):
    """Cochran 1977, 4.4: 83,400 at 6.16 % plus or minus 2 points, and at 50 % plus or minus 5."""
    for typed, needed in (({"rate": "6.16", "half_width": "2"}, 552), ({"rate": "50", "half_width": "5"}, 383)):
        page = client.get(f"{PLANS}/new", params={**typed, "out_of": "83400"}).text
        assert f"<dd>{needed} entries of a simple random sample of 83,400" in page


def test_reviewers_of_a_plan_are_those_its_session_begins_with(plants, client):
    typed = {"n": "10", "overlap": "1", "second_share": "20"}
    assert "<dd>12, about" in client.get(f"{PLANS}/new", params=typed).text
    for name in ("Ann", "Ben"):
        client.post("/reviewers", data={"name": name})
    plan = draw(client, **typed).rpartition("/")[2]
    form = client.get(f"/sessions/new?plan={plan}").text
    assert re.search(r'name="overlap"[^>]* value="1"', form)
    assert re.search(r'name="second_share"[^>]* value="20"', form)


def test_list_leads_to_a_sample_of_it(plants, client):
    listed = client.get("/datasets/plants/entries?severity=3").text
    link = re.search(r'href="(/datasets/plants/plans/new[^"]*)"', listed)[1]
    page = client.get(link.replace("&amp;", "&")).text
    assert "<strong>10</strong>: " in page
    assert 'value="severity=3"' in page
