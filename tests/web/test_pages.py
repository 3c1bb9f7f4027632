"""Overview, datasets, imports, reviewers, help, exports, status: each works, with something and with nothing in it."""

import csv
import io
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, verdict


@pytest.fixture
def pairs(database: Database, tmp_path: Path) -> None:
    lines = [row(0, unsafe_0=(2, "Cybercrime")), "not json", row(1, response_0='=HYPERLINK("http://evil")'), row(2)]
    import_rows(database, tmp_path, lines)


@pytest.mark.parametrize("path", ["/", "/datasets", "/reviewers", "/help"])
def test_page_without_any_data(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_empty_overview_says_what_to_do(client: TestClient) -> None:
    assert "saferlhf-review import sample" in client.get("/").text


@pytest.mark.parametrize("path", ["/", "/datasets", "/datasets/pairs", "/datasets/pairs?split=train", "/imports/1"])
def test_page_with_data(pairs: None, alice: TestClient, path: str) -> None:
    save(alice, **verdict("response_0.severity_level", "disagree", "3"))
    page = alice.get(path)
    assert page.status_code == 200
    assert "pairs" in page.text


def test_overview_shows_progress_and_agreement(pairs: None, alice: TestClient, bob: TestClient) -> None:
    save(alice, **verdict("response_0.severity_level", "disagree", "3"), action="agree_rest")
    save(bob, verdict__better_response_id="unsure")
    page = text_of(alice.get("/").text)
    assert "1 of 3" in page
    assert "100.0 %" in page
    assert "alice" in page
    assert "95 % Wilson" in page
    assert 'href="/entries/2?status=unreviewed"' in alice.get("/").text


def test_dataset_page_counts_like_the_list(pairs: None, client: TestClient) -> None:
    page = text_of(client.get("/datasets/pairs").text)
    for said in ("only response 1 safe 1", "both safe 2", "Cybercrime 1"):
        assert said in page
    assert client.get("/datasets/pairs?split=dev").status_code == 422


def test_import_page_lists_rejected_rows(pairs: None, client: TestClient) -> None:
    page = text_of(client.get("/imports/1").text)
    assert "pairs-train.jsonl" in page
    assert "is not JSON" in page
    assert client.get("/imports/7").status_code == 404


def test_names_are_one_person_whatever_their_case(client: TestClient) -> None:
    for name in ("Alice", " alice ", "ALICE"):
        client.post("/reviewers", data={"name": name})
    assert client.get("/reviewers").text.count('value="Alice"') == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x07b", "\u202eevil"])
def test_impossible_name_comes_back(client: TestClient, name: str) -> None:
    answer = client.post("/reviewers", data={"name": name})
    assert answer.status_code == 422
    assert "Type a name of 1 to 60 letters" in answer.text


def test_htmx_changes_the_page_after_a_name(client: TestClient) -> None:
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = client.post("/reviewers", data={"name": "alice", "next": "/help"}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/help")


COLUMNS = [
    *("dataset", "revision", "subset", "split", "row", "content_key", "prompt", "reviewer", "session", "blind"),
    *("label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason", "comment", "seconds"),
    *("reviewed_at", "review_id", "outdated"),
]


def test_export_as_jsonl_holds_the_verdicts(pairs: None, alice: TestClient) -> None:
    save(alice, **verdict("response_0.severity_level", "disagree", "3", reason="worse"), comment="see here")
    save(alice, 3, comment="only a remark")
    answer = alice.get("/datasets/pairs/export?what=reviews&format=jsonl")
    assert "pairs-reviews.jsonl" in answer.headers["content-disposition"]
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [list(line) for line in lines] == [COLUMNS, COLUMNS]
    picked = {name: lines[0][name] for name in ("row", "reviewer", "label_field", "stored_value", "corrected_value")}
    assert picked == {
        "row": 1,
        "reviewer": "alice",
        "label_field": "response_0.severity_level",
        "stored_value": 2,
        "corrected_value": 3,
    }
    assert (lines[0]["reason"], lines[0]["comment"], lines[0]["blind"]) == ("worse", "see here", False)
    assert (lines[1]["label_field"], lines[1]["comment"]) == (None, "only a remark")


def test_export_as_csv_is_safe_in_a_spreadsheet(pairs: None, alice: TestClient) -> None:
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", 'a, "quoted"\n=1']
    for number, comment in enumerate(dangerous[:3], start=1):
        save(alice, number, verdict__better_response_id="agree", comment=comment)
    text = alice.get("/datasets/pairs/export?what=reviews&format=csv").text
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert list(found[0]) == COLUMNS
    assert [line["comment"] for line in found] == ["'=1+1", "'+1", "'-1"]
    assert [line["stored_value"] for line in found] == ["1", "1", "1"]


@pytest.mark.parametrize("query", ["what=money", "format=exe"])
def test_export_of_what_there_is_not(pairs: None, client: TestClient, query: str) -> None:
    assert client.get(f"/datasets/pairs/export?{query}").status_code == 422


def test_status_pages(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["schema_is_current"], ready["sqlite_has_wal_bug"]) == ("ok", True, False)


def test_server_on_an_older_schema_is_not_ready(client: TestClient, database: Database) -> None:
    with database.write() as db:
        db.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '2020_01_01_0000'")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")


def test_static_files_may_be_kept_for_good(client: TestClient) -> None:
    url = client.get("/").text.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in client.get(url).headers["cache-control"]
    assert client.get("/static/app.css").headers["cache-control"] == "no-cache"


def test_api_gives_an_entry(pairs: None, client: TestClient) -> None:
    entry = client.get("/api/v1/entries/1").json()
    assert entry["labels"]["response_0.harm_categories"] == ["cybercrime"]
    assert entry["responses"][1]["text"].startswith("Barely at all")


def test_export_of_a_list_holds_that_list(pairs: None, alice: TestClient) -> None:
    for entry in (1, 2, 3):
        save(alice, entry, verdict__better_response_id="agree")
    answer = alice.get("/datasets/pairs/export?format=jsonl&category=cybercrime")
    assert [json.loads(line)["row"] for line in answer.text.splitlines()] == [1]
    assert alice.get("/datasets/pairs/export?colour=red").status_code == 422
