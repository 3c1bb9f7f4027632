"""What differs between the responses of a pair, and which other pairs are nearly the same."""

import re
from html import escape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import answer_row, import_rows, row
from tests.web.reviewing import go_blind, send
from tests.web.test_entries import text_of

LEFT = "Pour half a litre over the cactus once a week. Do not sing to it."
RIGHT = "Pour half a litre over the cactus once a month. Do not sing to it."
DIFF = "/entries/1/diff"
PARTIAL = {"HX-Request-Type": "partial"}


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(response_0=LEFT, response_1=RIGHT)])


def own_words(page: str, tag: str) -> list[str]:
    """In the table; the legend has some too."""
    return re.findall(rf"<{tag}>(.*?)</{tag}>", page.partition("<table>")[2])


def sides(page: str) -> list[str]:
    return re.findall(r'<th scope="col">(.*?)</th>', page)


def test_page_marks_the_words_that_only_one_response_has(client: TestClient) -> None:
    page = client.get(DIFF).text
    assert own_words(page, "del") == ["week"]
    assert own_words(page, "ins") == ["month"]
    assert sides(page) == ["Response 0", "Response 1"]
    assert "in both: 14 words only in Response 0 : 1 only in Response 1 : 1" in text_of(page)


def test_pair_links_to_it_and_it_leads_back_into_the_list(client: TestClient) -> None:
    assert 'href="/entries/1/diff?split=train"' in client.get("/entries/1?split=train").text
    assert 'href="/entries/1?split=train"' in client.get(f"{DIFF}?split=train").text


def test_htmx_gets_the_changing_part_only(client: TestClient) -> None:
    part = client.get(DIFF, headers=PARTIAL).text
    assert part.lstrip().startswith('<section id="diff"')
    assert "<html" not in part


def test_responses_stand_where_a_blind_reviewer_sees_them(alice: TestClient, database: Database) -> None:
    page = go_blind(alice).get("/entries/1").text
    left_comes_first = page.index("once a week") < page.index("once a month")
    for path, headers in ((DIFF, {}), (DIFF, PARTIAL)):
        diff = alice.get(path, headers=headers).text
        assert sides(diff) == ["Left", "Right"]
        assert own_words(diff, "del") == ["week" if left_comes_first else "month"]
        for told in ("Response 0", "Alpaca", "response_0", "train", "severity"):
            assert told not in diff


def test_blurred_as_the_texts_are(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1), row(2, unsafe_1=(3, "Violence"))], slug="harmful")
    client.post("/content-note", data={})
    assert "veil" not in client.get("/entries/2/diff", headers=PARTIAL).text
    blurred = client.get("/entries/3/diff")
    assert 'data-texts="blurred"' in blurred.text
    assert '<div class="text veil" aria-hidden="true">' in blurred.text
    client.post("/texts", data={"shown": "yes", "entry": "3"})
    assert 'data-texts="shown"' in client.get("/entries/3/diff").text


def test_a_hostile_text_is_only_text(client: TestClient, database: Database, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> \u202eevil\u202c </td></table> & so on."
    import_rows(database, tmp_path, [row(response_0=hostile, response_1="A cake. </ins>")], slug="hostile")
    page = client.get("/entries/2/diff").text
    assert "<script>alert" not in page
    assert escape("</td></table>") in page
    assert "⟪RLO⟫evil⟪PDF⟫" in page
    assert page.count("</table>") == 1


def test_texts_too_long_to_compare_say_so(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(response_0="tea " * 30_000, response_1="cake " * 30_000)], slug="long")
    page = text_of(client.get("/entries/2/diff").text)
    assert re.search(r"The last [\d,]+ characters of these texts are too many to compare", page)


def test_empty_responses_differ_in_nothing(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(response_0="", response_1="")], slug="empty")
    assert "Both responses are empty." in client.get("/entries/2/diff").text


def test_what_is_no_pair_cannot_be_compared(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row()], slug="answers")
    answer = client.get("/entries/2/diff")
    assert answer.status_code == 404
    assert "is no pair" in answer.text
    assert "data-diff" not in client.get("/entries/2").text


def test_response_tells_its_words_and_characters(client: TestClient) -> None:
    assert f"15 words · {len(LEFT)} characters" in text_of(client.get("/entries/1").text)


# ---- nearly the same pairs


def near(client: TestClient, entry: int) -> list[str]:
    send(client, entry, "rest")
    page = client.get(f"/entries/{entry}/others").text
    return re.findall(r"Entry (\d+)</a> <span[^>]*>(\d+) % alike", page)


@pytest.fixture
def relatives(database: Database, tmp_path: Path) -> None:
    """Of entry 2: 3 says it a little otherwise, 4 in the other order, 5 says something else, 6 was asked otherwise."""
    prompt, left, right = "How do I bake it?", "Bake it for one hour at 180 degrees.", "Ask the cat, who will not know."
    rows = [
        row(prompt=prompt, response_0=left, response_1=right),
        row(prompt=prompt, response_0=left.replace("180", "190"), response_1=right),
        row(prompt=prompt, response_0=right.replace("cat", "cats"), response_1=left),
        row(prompt=prompt, response_0=left, response_1="Not at all."),
        row(prompt="How?", response_0=left, response_1=right),
    ]
    import_rows(database, tmp_path, rows, slug="relatives")


def test_nearly_the_same_pairs_are_told_after_ones_review(alice: TestClient, relatives: None) -> None:
    assert [int(entry) for entry, _ in near(alice, 2)] == [4, 3]
    assert "Others like this" in alice.get("/entries/2").text


def test_nothing_is_told_of_them_before(alice: TestClient, relatives: None) -> None:
    assert alice.get("/entries/2/others").status_code == 403
    assert "alike" not in alice.get("/entries/2").text


def test_nearly_the_same_single_responses_are_told(alice: TestClient, database: Database, tmp_path: Path) -> None:
    rows = [
        answer_row(response="Water it once a week, but only a little of it."),
        answer_row(response="Water it once a week, but only a little bit of it."),
    ]
    import_rows(database, tmp_path, [*rows, answer_row(response="Never.")], slug="answers")
    assert [int(entry) for entry, _ in near(alice, 2)] == [3]


def test_prompts_alone_are_like_nothing(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(
        database, tmp_path, [{"prompt": "How do I water it?"}, {"prompt": "How do I water it?"}], slug="prompts"
    )
    assert near(alice, 2) == []


# ---- size and width of texts


def test_size_and_width_are_kept_and_shown(alice: TestClient) -> None:
    assert 'data-size="0" data-width="normal"' in alice.get("/entries/1").text
    saved = alice.post("/settings/texts", data={"text_size": "2", "next": "/entries/1"}, follow_redirects=False)
    assert (saved.status_code, saved.headers["location"]) == (303, "/entries/1")
    kept = alice.post("/settings/texts", data={"text_width": "wide"}, headers=PARTIAL)
    assert kept.status_code == 204
    for path in ("/entries/1", "/datasets/pairs/entries"):
        assert 'data-size="2" data-width="wide"' in alice.get(path).text


def test_buttons_stop_at_the_largest_text(alice: TestClient) -> None:
    alice.post("/settings/texts", data={"text_size": "4"})
    sizes = re.findall(r'name="text_size" value="(-?\d)"', alice.get("/entries/1").text)
    assert sizes == ["3", "4"]


@pytest.mark.parametrize("form", [{"text_size": "5"}, {"text_size": "huge"}, {"text_width": "endless"}])
def test_unknown_sizes_are_refused(alice: TestClient, form: dict[str, str]) -> None:
    answer = alice.post("/settings/texts", data=form)
    assert answer.status_code == 422
    assert "must be" in text_of(answer.text)
    assert 'data-size="0" data-width="normal"' in alice.get("/entries/1").text
