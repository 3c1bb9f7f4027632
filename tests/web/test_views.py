"""Views: named filters with a live count, saved from the list, pinned to the overview."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.main import create_app
from app.models.event import Event
from app.settings import Settings
from tests.factories import answer_row, beavertails_row, import_file, import_rows, row, write_jsonl
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, verdict

VIEWS = "/datasets/pairs/views"
SAMPLE = "/datasets/sample"
BOTH_UNSAFE = "safety=both_unsafe"


@pytest.fixture
def pairs(database: Database, tmp_path: Path) -> None:
    """Both unsafe and severe, helpful but unsafe, safe but severe, and 2 clean ones."""
    severe = {"unsafe_0": (3, "Violence"), "unsafe_1": (3, "Violence")}
    lines = [
        row(0, **severe),
        row(1, unsafe_1=(2, "Cybercrime")),
        row(2, response_0_severity_level=2),
        row(3),
        row(4, prompt=row(3)["prompt"]),
    ]
    import_rows(database, tmp_path, lines)


def create(client: TestClient, name: str, query: str = BOTH_UNSAFE, **more: str):
    return client.post(VIEWS, data={"name": name, "query": query, **more}, follow_redirects=False)


def change(client: TestClient, view: int, what: str, **data: str):
    return client.post(f"{VIEWS}/{view}/{what}", data=data, follow_redirects=False)


def page_of(client: TestClient, path: str = VIEWS) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return text_of(answer.text)


def events(database: Database) -> list[tuple[str, dict[str, object]]]:
    with database.read() as db:
        return [(e.kind, e.data) for e in db.query(Event).order_by(Event.id) if e.kind.startswith("view.")]


def test_page_works_without_any_view(pairs: None, client: TestClient) -> None:
    page = page_of(client)
    assert "None yet" in page
    assert "Say who you are to pin" in page
    assert client.get("/datasets/nowhere/views").status_code == 404


def test_saved_list_is_a_view_with_its_count(pairs: None, alice: TestClient) -> None:
    answer = create(alice, "Both bad")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/datasets/pairs/entries?{BOTH_UNSAFE}#saved-view",
    )
    page = page_of(alice)
    assert "Both bad Entries with both responses unsafe alice" in page
    assert "1 entries of Both bad 20.0 %" in page


def test_list_says_which_view_it_is(pairs: None, alice: TestClient) -> None:
    entries = f"/datasets/pairs/entries?{BOTH_UNSAFE}"
    assert "Save these filters as" in page_of(alice, entries)
    create(alice, "Both bad")
    page = page_of(alice, entries)
    assert "This list is the view Both bad" in page
    assert "Save these filters as" not in page
    assert "This list is the view" not in page_of(alice, "/datasets/pairs/entries?safety=both_safe")


def test_place_in_the_list_is_no_part_of_a_view(pairs: None, alice: TestClient) -> None:
    assert create(alice, "Long", "?sort=length&after=2").headers["location"].endswith("entries?sort=length#saved-view")
    assert "All entries" not in page_of(alice)
    assert "Entries sorted by length, longest first" in page_of(alice)


def test_count_follows_reviews_at_once(pairs: None, alice: TestClient, bob: TestClient) -> None:
    create(alice, "Seen", "status=reviewed")
    assert "0 entries of Seen" in page_of(alice)
    save(bob, **verdict("response_0.severity_level", "disagree", "1"))
    assert "1 entries of Seen" in page_of(alice)


def test_nobody_changes_views_without_a_name(pairs: None, client: TestClient) -> None:
    for path in (VIEWS, f"{VIEWS}/1/name", f"{VIEWS}/1/pin", f"{VIEWS}/1/delete"):
        answer = client.post(path, data={"name": "x", "query": "", "pinned": "yes"})
        assert answer.status_code == 403
        assert "Say who you are first" in answer.text
    assert "Save these filters as" not in page_of(client, f"/datasets/pairs/entries?{BOTH_UNSAFE}")


def test_every_kind_of_dataset_has_the_built_in_ones_it_can(
    pairs: None, database: Database, tmp_path: Path, client: TestClient
) -> None:
    import_file(database, write_jsonl(tmp_path / "answers.jsonl", [answer_row(0)]), slug="answers")
    import_file(database, write_jsonl(tmp_path / "beavers.jsonl", [beavertails_row(0)]), slug="beavers")
    import_file(database, write_jsonl(tmp_path / "prompts.jsonl", [{"prompt": "Which pot?"}]), slug="prompts")
    assert names_of(client, "pairs") == [
        *("Helpful but unsafe", "Both unsafe, severity 3", "Safe but severe", "Unsafe without cause"),
        *("Safer points at the less safe one", "Same texts", "Duplicate", "Duplicate with different labels"),
        *("Hash mismatch", "In both train and test", "Disputed", "Not yet reviewed", "Flagged"),
        "Prompts with many pairs",
    ]
    assert names_of(client, "answers") == [
        *("Unsafe, severity 3", "Annotations differ", "Safe but severe", "Unsafe without cause", "Hash mismatch"),
        *("In both train and test", "Disputed", "Not yet reviewed", "Flagged", "Prompts with many responses"),
    ]
    assert names_of(client, "beavers") == [
        *("Annotations differ", "Safe but severe", "Unsafe without cause", "In both train and test"),
        *("Disputed", "Not yet reviewed", "Flagged", "Prompts with many responses"),
    ]
    assert names_of(client, "prompts") == ["Flagged", "Repeated prompts"]


def names_of(client: TestClient, slug: str) -> list[str]:
    return re.findall(r'<h3><a href="[^"]*">([^<]+)</a></h3>', client.get(f"/datasets/{slug}/views").text)


def test_built_in_counts_are_those_of_the_list(pairs: None, client: TestClient) -> None:
    text = client.get(VIEWS).text
    shown = re.findall(r'href="(/datasets/pairs/entries\?[^"]+)">([\d,]+)<span class="vh"> entries of', text)
    assert len(shown) == 14
    for path, count in shown:
        total = client.get(path.replace("&amp;", "&").replace("/datasets", "/api/v1/datasets")).json()["total"]
        assert int(count.replace(",", "")) == total
    assert {count for _, count in shown} == {"0", "1", "2", "5"}


def test_pinned_built_in_one_becomes_a_saved_one(pairs: None, alice: TestClient) -> None:
    create(alice, "Helpful but unsafe", "relation=helpful_but_unsafe", pinned="yes", then="views")
    assert "Helpful but unsafe" not in names_of(alice, "pairs")
    assert '<a href="/datasets/pairs/views/1"><bdi>Helpful but unsafe' in alice.get(VIEWS).text
    change(alice, 1, "delete")
    assert names_of(alice, "pairs")[0] == "Helpful but unsafe"


def test_pinned_view_is_on_the_overview(pairs: None, alice: TestClient) -> None:
    assert "Pinned views" not in alice.get("/").text
    create(alice, "Both bad")
    back = change(alice, 1, "pin", pinned="yes", then="views").headers["location"]
    assert back == f"{VIEWS}#view-1"
    assert 'aria-label="Pinned views"' in alice.get("/").text
    assert "Both bad 1 " in page_of(alice, "/")
    assert f'href="/datasets/pairs/entries?{BOTH_UNSAFE}"' in alice.get("/").text
    change(alice, 1, "pin", pinned="no")
    assert "Both bad" not in page_of(alice, "/")


def test_overview_offers_no_review_where_nothing_is_labelled(
    database: Database, tmp_path: Path, client: TestClient
) -> None:
    import_file(database, write_jsonl(tmp_path / "prompts.jsonl", [{"prompt": "Which pot?"}]), slug="prompts")
    page = page_of(client, "/")
    assert "Start reviewing" not in page
    assert "every entry is reviewed" not in page
    assert 'class="button primary" href="/datasets/prompts/entries">Browse entries' in client.get("/").text


def test_name_that_is_taken_asks_what_to_do(pairs: None, alice: TestClient, bob: TestClient) -> None:
    create(alice, "Both bad")
    answer = create(bob, "BOTH  bad", "safety=both_safe", pinned="yes")
    assert answer.status_code == 409
    page = text_of(answer.text)
    assert "There is already a view “Both bad”" in page
    assert "Entries with both responses safe: 3 of 5" in page
    assert "Entries with both responses unsafe: 1 of 5" in page
    assert 'name="replace" value="1"' in answer.text
    assert 'name="pinned" value="yes"' in answer.text
    done = create(bob, "BOTH bad", "safety=both_safe", pinned="yes", replace="1")
    assert done.headers["location"] == "/datasets/pairs/entries?safety=both_safe#saved-view"
    assert "Both bad" in page_of(alice, "/")


def test_only_the_view_that_was_shown_is_replaced(pairs: None, alice: TestClient) -> None:
    create(alice, "One")
    create(alice, "Two", "safety=both_safe")
    assert create(alice, "One", "q=cactus", replace="2").status_code == 409
    assert "1 entries of One" in page_of(alice)


def test_saving_the_same_again_changes_nothing(pairs: None, alice: TestClient, database: Database) -> None:
    create(alice, "Both bad")
    assert create(alice, "both bad").status_code == 303
    assert [kind for kind, _ in events(database)] == ["view.saved"]


def test_view_is_renamed_but_not_to_a_name_in_use(pairs: None, alice: TestClient) -> None:
    create(alice, "One")
    create(alice, "Two", "safety=both_safe")
    assert change(alice, 1, "name", name="two").status_code == 409
    assert change(alice, 1, "name", name="").status_code == 422
    answer = change(alice, 1, "name", name="ONE more")
    assert answer.headers["location"] == f"{VIEWS}#view-1"
    assert change(alice, 1, "name", name="One more").status_code == 303
    assert "One more Entries with both responses unsafe" in page_of(alice)


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 81, "a\x07b", "\u202eevil", "\u200b", "\u3164", "\u2800", "\u0301", "a\x00b"]
)
def test_impossible_name_comes_back(pairs: None, alice: TestClient, name: str) -> None:
    answer = create(alice, name)
    assert answer.status_code == 422
    assert "Type a name of 1 to 80 visible characters" in answer.text
    assert f'name="query" value="{BOTH_UNSAFE}"' in answer.text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  two   words ", "two words"),
        ("Cafe\u0301", "Café"),
        ('<script>alert("x")</script>', "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;"),
        ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
        ("שלום 🌵", "שלום 🌵"),
        ("x" * 80, "x" * 80),
    ],
)
def test_name_is_shown_as_text(pairs: None, alice: TestClient, typed: str, shown: str) -> None:
    assert create(alice, typed, pinned="yes").status_code == 303
    for path in (VIEWS, "/", f"/datasets/pairs/entries?{BOTH_UNSAFE}"):
        assert f"<bdi>{shown}</bdi>" in alice.get(path).text


@pytest.mark.parametrize(
    ("query", "said"),
    [("colour=red", "is no parameter"), ("safety=perhaps", "Valid are"), ("q=" + "a" * 9000, "too long for a link")],
)
def test_query_that_opens_no_list_is_refused(pairs: None, alice: TestClient, query: str, said: str) -> None:
    answer = create(alice, "Red", query)
    assert answer.status_code == 422
    assert said in answer.text
    assert "None yet" in page_of(alice)


def test_link_of_a_view_outlives_its_name_and_filters(pairs: None, alice: TestClient) -> None:
    create(alice, "One")
    change(alice, 1, "name", name="Other")
    create(alice, "Other", "safety=both_safe&q=cactus", replace="1")
    answer = alice.get(f"{VIEWS}/1", follow_redirects=False)
    assert answer.headers["location"] == "/datasets/pairs/entries?safety=both_safe&q=cactus"


def test_link_of_a_deleted_view_opens_no_other(pairs: None, alice: TestClient) -> None:
    create(alice, "One")
    assert change(alice, 1, "delete").headers["location"] == VIEWS
    create(alice, "Two")
    assert alice.get(f"{VIEWS}/1").status_code == 404
    assert change(alice, 1, "delete").status_code == 404
    assert change(alice, 1, "name", name="x").status_code == 404
    assert alice.get(f"{VIEWS}/2").status_code == 200


def test_view_belongs_to_its_dataset(pairs: None, database: Database, tmp_path: Path, alice: TestClient) -> None:
    import_rows(database, tmp_path, [row(0)], slug="others")
    create(alice, "One")
    assert alice.get("/datasets/others/views/1").status_code == 404
    assert alice.post("/datasets/others/views", data={"name": "One", "query": ""}).status_code == 200
    assert "One" in page_of(alice, "/datasets/others/views")


def test_view_of_what_an_import_took_away_says_so(database: Database, tmp_path: Path, alice: TestClient) -> None:
    bad = (3, "Violence")
    import_rows(database, tmp_path, [row(0, unsafe_0=bad, response_0_severity_level=None), row(1, unsafe_0=bad)])
    create(alice, "Unknown", "severity_0=unknown&severity_0=3&safety=only_1_safe", pinned="yes")
    assert "2 entries of Unknown" in page_of(alice)
    import_rows(database, tmp_path, [row(0, unsafe_0=bad), row(1, unsafe_0=bad)])
    page = page_of(alice)
    assert "'unknown' is no value of severity_0" in page
    assert "Open the rest of it , without severity_0: unknown" in page
    assert "Unknown ⚠ cannot be opened" in page_of(alice, "/")
    assert alice.get(f"{VIEWS}/1", follow_redirects=False).headers["location"] == f"{VIEWS}#view-1"
    rest = re.findall(r'name="query" value="([^"]+)"', alice.get(VIEWS).text)[0].replace("&amp;", "&")
    create(alice, "Unknown", rest, replace="1", then="views")
    assert "2 entries of Unknown" in page_of(alice)


def test_view_with_nothing_left_can_be_deleted_or_replaced(pairs: None, alice: TestClient, database: Database) -> None:
    create(alice, "Gone")
    with database.write() as db:
        db.connection().exec_driver_sql("UPDATE saved_view SET query = 'colour=red'")
    assert "Open the rest" not in page_of(alice)
    answer = create(alice, "gone", "safety=both_safe")
    assert "It cannot be opened any more: &#39;colour&#39; is no parameter" in answer.text
    assert change(alice, 1, "delete").status_code == 303
    assert "None yet" in page_of(alice)


def test_every_change_of_a_view_is_in_the_event_log(pairs: None, alice: TestClient, database: Database) -> None:
    create(alice, "One", pinned="yes")
    create(alice, "One", "q=a+%26+b", replace="1")
    change(alice, 1, "name", name="Two")
    change(alice, 1, "pin", pinned="no")
    change(alice, 1, "delete")
    one = {"view": 1, "name": "One", "query": BOTH_UNSAFE}
    other = one | {"query": "q=a+%26+b"}
    assert events(database) == [
        ("view.saved", one),
        ("view.pinned", one),
        ("view.replaced", other | {"before": BOTH_UNSAFE}),
        ("view.renamed", other | {"name": "Two", "before": "One"}),
        ("view.unpinned", other | {"name": "Two"}),
        ("view.deleted", other | {"name": "Two"}),
    ]


def test_looking_changes_nothing(pairs: None, alice: TestClient, database: Database) -> None:
    create(alice, "One")
    for path in (VIEWS, f"{VIEWS}/1", f"{VIEWS}/1/delete", f"{VIEWS}/1/pin?pinned=yes", f"{VIEWS}?name=Two&query="):
        alice.get(path)
    assert [kind for kind, _ in events(database)] == ["view.saved"]


def test_views_go_with_their_dataset(pairs: None, alice: TestClient, run) -> None:
    create(alice, "One", pinned="yes")
    assert run("check").returncode == 0
    assert run("datasets", "delete", "pairs", "--confirm", "pairs").returncode == 0
    assert "Pinned views" not in alice.get("/").text
    assert run("check").returncode == 0


def test_views_are_in_backups(sample: None, settings: Settings, run, tmp_path: Path) -> None:
    with named_browser(settings) as alice:
        alice.post(f"{SAMPLE}/views", data={"name": "One", "query": "q=tea", "pinned": "yes"})
    assert run("backup", tmp_path / "kept.db").returncode == 0
    with named_browser(settings) as alice:
        alice.post(f"{SAMPLE}/views/1/delete")
        assert "None yet" in page_of(alice, f"{SAMPLE}/views")
    assert run("restore", tmp_path / "kept.db", "--yes").returncode == 0
    assert run("check").returncode == 0
    with named_browser(settings) as alice:
        assert "Pinned: One" in page_of(alice, f"{SAMPLE}/views")


@contextmanager
def named_browser(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as opened:
        opened.post("/reviewers", data={"name": "alice"}, follow_redirects=False)
        yield opened


def test_search_in_a_view_is_found_again(pairs: None, alice: TestClient) -> None:
    typed = '"cactus number 1" -spoon response:winter'
    create(alice, "Winter", f"q={quote(typed)}")
    assert "1 entries of Winter" in page_of(alice)


def test_withdrawn_entries_are_a_share_of_all(database: Database, tmp_path: Path, alice: TestClient) -> None:
    for lines in ([row(0), row(1), row(2), row(3)], [row(0), row(1), row(2)]):
        import_rows(database, tmp_path, lines)
    create(alice, "Gone", "withdrawn=yes")
    create(alice, "There", "safety=both_safe")
    page = page_of(alice)
    assert "1 entries of Gone 25.0 %" in page
    assert "3 entries of There 100.0 %" in page
