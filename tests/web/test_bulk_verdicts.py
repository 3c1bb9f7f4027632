"""One verdict on many entries at once, from the list."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.models import Decision, Review
from app.operations.consistency import check_event_log, check_reviews
from tests.factories import answer_row, import_rows, row, without
from tests.web.test_entries import text_of

PAIRS, VERDICTS = "/datasets/pairs/entries", "/datasets/pairs/verdicts"
HERE = f"{PAIRS}?safety=only_1_safe"
SAFE_0, SEVERITY_0 = "response_0.is_safe", "response_0.severity_level"
LEVEL_2 = {"field": SEVERITY_0, "verdict": "disagree", "corrected.severity": "2"}


@pytest.fixture
def list_of_pairs(alice: TestClient, database: Database, tmp_path: Path) -> TestClient:
    """Entries 2, 4, ... 20 have an unsafe response 0 of severity 1."""
    lines = [row(n, unsafe_0=(1, "Cybercrime")) if n % 2 else row(n) for n in range(20)]
    import_rows(database, tmp_path, lines)
    return alice


def ask(client: TestClient, *entries: int, step: str = "/confirm", **fields: str | list[str]) -> str:
    form = {"entry": [str(entry) for entry in entries], "next": HERE, **fields}
    answer = client.post(f"{VERDICTS}{step}", data=form)
    return answer.text if answer.status_code == 200 else f"{answer.status_code} {text_of(answer.text)}"


def hidden(page: str) -> dict[str, list[str]]:
    """What the page's form sends by itself."""
    form: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page[page.index("<main") :]):
        form.setdefault(unescape(name), []).append(unescape(value))
    return form


def press(client: TestClient, page: str, **ticked: str) -> str:
    """Sends the page's form as it stands; what it leads to."""
    action = re.search(r'<form class="bulk[^>]+action="([^"]+)"', page)
    assert action
    answer = client.post(action.group(1), data={**hidden(page), **ticked})
    return answer.text if answer.status_code == 200 else f"{answer.status_code} {text_of(answer.text)}"


def undo(client: TestClient, page: str) -> str:
    found = re.search(r'name="decision" value="(\d+)">\s*<input type="hidden" name="next" value="([^"]+)"', page)
    assert found
    return text_of(client.post("/undo", data={"decision": found.group(1), "next": unescape(found.group(2))}).text)


def verdicts(client: TestClient) -> dict[int, dict[str, tuple[str, object]]]:
    """By entry and label field: the verdict, and the corrected value."""
    found: dict[int, dict[str, tuple[str, object]]] = {}
    lines = client.get("/datasets/pairs/export?what=reviews&format=jsonl").text.splitlines()
    for said in map(json.loads, lines):
        found.setdefault(said["row"], {})[said["label_field"]] = (said["verdict"], said["corrected_value"])
    return found


def consistency(database: Database) -> list[str]:
    with database.read() as db:
        return [*check_event_log(db), *check_reviews(db)]


def test_one_verdict_on_the_ticked_entries(list_of_pairs: TestClient, database: Database) -> None:
    asked = ask(list_of_pairs, 2, 4, 6, step="/new")
    assert "A verdict on 3 entries" in asked
    counted = press(list_of_pairs, asked, **LEVEL_2, reason="It reads worse.")
    assert "3 of 3 entries will get this verdict" in text_of(counted)
    assert "it should be 2 moderate" in text_of(counted)
    assert verdicts(list_of_pairs) == {}
    saved = press(list_of_pairs, counted)
    assert "3 entries judged: disagree with “Response 0: Severity”." in text_of(saved)
    assert verdicts(list_of_pairs) == {n: {SEVERITY_0: ("disagree", 2)} for n in (2, 4, 6)}
    assert consistency(database) == []


def test_undo_takes_all_of_it_back_as_one_step(list_of_pairs: TestClient, database: Database) -> None:
    saved = press(list_of_pairs, ask(list_of_pairs, 2, 4, 6, **LEVEL_2))
    assert "Undone: 3 entries as before again." in undo(list_of_pairs, saved)
    assert verdicts(list_of_pairs) == {}
    assert list_of_pairs.get("/api/v1/datasets/pairs/entries").json()["facets"]["status"]["unreviewed"] == 20
    assert consistency(database) == []


def test_each_entry_is_counted_once(list_of_pairs: TestClient, database: Database) -> None:
    press(list_of_pairs, ask(list_of_pairs, 2, **LEVEL_2))
    press(list_of_pairs, ask(list_of_pairs, 4, 6, field=SEVERITY_0, verdict="agree"))
    counted = ask(list_of_pairs, *range(1, 11), **LEVEL_2)
    said = text_of(counted)
    assert "7 of 10 entries will get this verdict" in said
    assert "2 you judged otherwise: these keep your verdict" in said
    assert "1 say so already" in said
    assert "7 entries judged" in text_of(press(list_of_pairs, counted))
    assert verdicts(list_of_pairs)[4] == {SEVERITY_0: ("agree", None)}
    assert consistency(database) == []


def test_other_verdicts_are_replaced_only_when_ticked(list_of_pairs: TestClient, database: Database) -> None:
    press(list_of_pairs, ask(list_of_pairs, 4, 6, field=SEVERITY_0, verdict="agree"))
    saved = press(list_of_pairs, ask(list_of_pairs, 2, 4, 6, **LEVEL_2), replace="yes")
    assert "3 entries judged" in text_of(saved)
    assert verdicts(list_of_pairs)[4] == {SEVERITY_0: ("disagree", 2)}
    undo(list_of_pairs, saved)
    assert verdicts(list_of_pairs) == {n: {SEVERITY_0: ("agree", None)} for n in (4, 6)}
    assert consistency(database) == []


def test_verdicts_on_other_labels_stay(list_of_pairs: TestClient, database: Database) -> None:
    list_of_pairs.post("/entries/2/review", data={"revision": "0", f"verdict.{SAFE_0}": "unsure", "comment": "Hm."})
    press(list_of_pairs, ask(list_of_pairs, 2, **LEVEL_2))
    assert verdicts(list_of_pairs) == {2: {SAFE_0: ("unsure", None), SEVERITY_0: ("disagree", 2)}}
    assert "Hm." in list_of_pairs.get("/entries/2").text
    assert consistency(database) == []


def test_entries_that_cannot_get_it_are_counted(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0), row(1, response_0_severity_level=None), row(2, unsafe_0=(2, "Drugs"))])
    agree = text_of(ask(alice, 1, 2, 3, field=SEVERITY_0, verdict="agree"))
    assert "2 of 3 entries will get this verdict 1 cannot: the dataset has no label there" in agree
    disagree = text_of(ask(alice, 1, 2, 3, **LEVEL_2))
    assert "2 of 3 entries will get this verdict 1 cannot: the stored label is what it should be" in disagree


def test_nobody_gets_it_when_all_have_it(list_of_pairs: TestClient) -> None:
    counted = ask(list_of_pairs, 2, field=SEVERITY_0, verdict="disagree", **{"corrected.severity": "1"})
    assert "0 of 1 entry will get this verdict" in text_of(counted)
    assert "Give it to" not in counted
    assert "Nothing to change" in text_of(press(list_of_pairs, counted))


def test_categories_are_corrected_to_several_or_none(list_of_pairs: TestClient) -> None:
    categories = {"field": "response_0.harm_categories", "verdict": "disagree"}
    counted = ask(list_of_pairs, 2, **categories, **{"corrected.categories": ["drugs", "cybercrime"]})
    press(list_of_pairs, counted)
    assert verdicts(list_of_pairs)[2]["response_0.harm_categories"] == ("disagree", ["drugs", "cybercrime"])
    counted = ask(list_of_pairs, 4, **categories)
    assert "it should be none" in text_of(counted)
    press(list_of_pairs, counted)
    assert verdicts(list_of_pairs)[4]["response_0.harm_categories"] == ("disagree", [])


def test_all_that_match_are_judged(list_of_pairs: TestClient) -> None:
    everything = {"all": "yes", "query": "safety=only_1_safe", "total": "10"}
    counted = press(list_of_pairs, ask(list_of_pairs, step="/new", **everything), field=SAFE_0, verdict="unsure")
    assert "10 of 10 entries will get this verdict" in text_of(counted)
    saved = press(list_of_pairs, counted)
    assert "10 entries judged: unsure about “Response 0: Safe?”." in text_of(saved)
    assert sorted(verdicts(list_of_pairs)) == list(range(2, 21, 2))


def test_list_that_changed_meanwhile_is_left_alone(list_of_pairs: TestClient) -> None:
    page = ask(list_of_pairs, all="yes", query="safety=only_1_safe", total="9", field=SAFE_0, verdict="agree")
    assert page.startswith("409")


def test_reviews_that_changed_since_the_count_are_left_alone(list_of_pairs: TestClient) -> None:
    counted = ask(list_of_pairs, 2, 4, **LEVEL_2)
    list_of_pairs.post("/entries/4/review", data={"revision": "0", f"verdict.{SEVERITY_0}": "agree"})
    page = press(list_of_pairs, counted)
    assert page.startswith("409")
    assert "Nothing was changed." in page
    assert 2 not in verdicts(list_of_pairs)


def test_sent_twice_it_is_saved_once(list_of_pairs: TestClient, database: Database) -> None:
    counted = ask(list_of_pairs, 2, 4, **LEVEL_2)
    press(list_of_pairs, counted)
    assert press(list_of_pairs, counted).startswith("409")
    with database.read() as db:
        assert db.query(Decision).count() == 1
        assert [review.revision for review in db.query(Review)] == [1, 1]


def test_verdict_is_changed_before_it_is_saved(list_of_pairs: TestClient) -> None:
    counted = ask(list_of_pairs, 2, **LEVEL_2, reason="It reads worse.")
    asked = list_of_pairs.post(f"{VERDICTS}/new", data=hidden(counted)).text
    assert re.search(r'value="response_0.severity_level"[^>]* checked', asked)
    assert re.search(r'value="disagree"[^>]* checked', asked)
    assert re.search(r'name="corrected.severity" value="2" checked', asked)
    assert 'value="It reads worse."' in asked


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "422 .*Choose the label"),
        ({"field": "colour", "verdict": "agree"}, "422 .*Choose the label"),
        ({"field": SAFE_0}, "422 .*Choose a verdict"),
        ({"field": SAFE_0, "verdict": "praise"}, "422 .*A verdict is agree, disagree or unsure"),
        ({"field": SEVERITY_0, "verdict": "disagree"}, "422 .*Choose what it should be instead"),
        ({"field": SEVERITY_0, "verdict": "disagree", "corrected.severity": "9"}, "422 .*one of 0, 1, 2, 3"),
        ({"field": SAFE_0, "verdict": "unsure", "reason": "x" * 2001}, "422 .*A reason has at most"),
        ({**LEVEL_2, "entry": []}, "422 .*Select at least one entry"),
        ({**LEVEL_2, "entry": "99"}, "404 .*'pairs' has no entry 99. Nothing was changed"),
        ({**LEVEL_2, "entries": "1-99999"}, "413 .*At most 10,000 entries"),
    ],
)
def test_wrong_form_is_explained(list_of_pairs: TestClient, form: dict[str, str], message: str) -> None:
    page = ask(list_of_pairs, **{"entry": "2", **form})  # type: ignore[arg-type]
    assert re.match(message, page)
    assert verdicts(list_of_pairs) == {}


def test_what_was_typed_comes_back_with_the_mistake(list_of_pairs: TestClient) -> None:
    page = list_of_pairs.post(f"{VERDICTS}/confirm", data={"entry": "2", "field": SAFE_0, "verdict": "disagree"}).text
    assert re.search(f'value="{SAFE_0}"[^>]* checked', page)
    assert "Choose what it should be instead." in page


def test_answers_have_no_response_number(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row(n) for n in range(3)])
    asked = text_of(ask(alice, 1, 2, step="/new"))
    assert "Which label Safe? Categories Severity" in asked
    assert "2 of 2 entries" in text_of(ask(alice, 1, 2, field=SAFE_0, verdict="agree"))


def test_without_labels_there_is_nothing_to_judge(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [without(row(n), "safe", "harm", "severity", "better") for n in range(2)])
    assert "Give a verdict" not in alice.get(PAIRS).text


def test_nobody_judges_without_a_name(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1)])
    for step in ("", "/new", "/confirm"):
        assert ask(client, 1, step=step, **LEVEL_2).startswith("403")


def test_nobody_judges_many_while_blind(list_of_pairs: TestClient) -> None:
    counted = ask(list_of_pairs, 2, **LEVEL_2)
    list_of_pairs.post("/settings/mode", data={"mode": "blind"})
    for page in (ask(list_of_pairs, 2, step="/new"), ask(list_of_pairs, 2, **LEVEL_2), press(list_of_pairs, counted)):
        assert page.startswith("403")
        assert "You review blind" in page
    assert "Give a verdict" not in list_of_pairs.get(PAIRS).text


def test_answers_that_wait_to_be_confirmed_are_left_alone(list_of_pairs: TestClient, database: Database) -> None:
    list_of_pairs.post("/settings/mode", data={"mode": "blind"})
    list_of_pairs.post("/entries/2/review", data={"revision": "0", "action": "cannot_judge_rest"})
    list_of_pairs.post("/settings/mode", data={"mode": "open"})
    counted = ask(list_of_pairs, 2, 4, **LEVEL_2)
    assert "1 wait for you to confirm what you answered blind" in text_of(counted)
    press(list_of_pairs, counted)
    said = {entry: fields.get(SEVERITY_0) for entry, fields in verdicts(list_of_pairs).items()}
    assert [entry for entry, verdict in said.items() if verdict == ("disagree", 2)] == [4]
    assert consistency(database) == []


def test_what_is_typed_on_an_entry_stays_its_draft(list_of_pairs: TestClient) -> None:
    draft = {"revision": "0", "comment": "Half a thought.", "sequence": "1"}
    list_of_pairs.put("/entries/2/draft", data=draft)
    press(list_of_pairs, ask(list_of_pairs, 2, **LEVEL_2))
    assert "Half a thought." in list_of_pairs.get("/entries/2").text


def test_overview_lists_ones_own_decisions_to_undo(list_of_pairs: TestClient, bob: TestClient) -> None:
    list_of_pairs.post("/entries/2/review", data={"revision": "0", "action": "rest"})
    list_of_pairs.post("/entries/3/skip", data={"key": "s"})
    press(list_of_pairs, ask(list_of_pairs, 4, 6, 8, **LEVEL_2))
    list_of_pairs.post("/datasets/pairs/flags", data={"action": "flag", "entry": "9", "next": HERE})
    page = list_of_pairs.get("/").text
    told = "Flags on 1 entry .* A verdict on 3 entries .* 3 skipped .* 2 reviewed"
    assert re.search(told, text_of(page))
    assert page.count('aria-keyshortcuts="z"') == 1
    assert "Your latest decisions" not in bob.get("/").text
    decision = re.findall(r'name="decision" value="(\d+)"', page)[1]
    undone = list_of_pairs.post("/undo", data={"decision": decision, "next": f"{PAIRS}?changed={decision}"})
    assert "Undone: 3 entries as before again." in text_of(undone.text)
    assert re.search("Flags on 1 entry .* 3 skipped", text_of(list_of_pairs.get("/").text))
    assert "A verdict on" not in list_of_pairs.get("/").text
