"""Exports from the page: the list's entries in its order, as they came and with what reviews say of them."""

import csv
import io
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import uvicorn
from sqlalchemy import delete
from starlette.testclient import TestClient

from app.db import Database
from app.importing.queries import get_import
from app.locks import file_lock
from app.main import create_app
from app.models import Response
from app.settings import Settings
from tests.factories import (
    answer_row,
    beavertails_row,
    import_file,
    import_rows,
    messages,
    row,
    rows,
    without,
    write_jsonl,
)
from tests.web.test_entries import text_of
from tests.web.test_reviews import save, verdict

EXPORT = "/datasets/pairs/export?what=entries&format=jsonl"
ADDED = [
    *("review_entry_id", "review_content_key", "review_split", "review_subset", "review_status", "review_count"),
    *("review_flagged", "review_verdicts"),
]


def exported(client: TestClient, query: str = "", slug: str = "pairs") -> list[dict[str, Any]]:
    answer = client.get(f"/datasets/{slug}/export?what=entries&format=jsonl&{query}")
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.content.splitlines()]


def as_it_came(line: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in line.items() if name not in ADDED}


@pytest.fixture
def pairs(database: Database, tmp_path: Path) -> list[dict[str, Any]]:
    lines = [row(n, unsafe_0=(n % 3 + 1, "Cybercrime") if n % 2 else None) for n in range(60)]
    import_rows(database, tmp_path, lines)
    return lines


def test_it_works(pairs: list[dict[str, Any]], client: TestClient) -> None:
    answer = client.get(EXPORT)
    assert answer.headers["content-type"] == "application/jsonl"
    assert 'filename="pairs-entries.jsonl"' in answer.headers["content-disposition"]
    lines = exported(client)
    assert [as_it_came(line) for line in lines] == pairs
    assert {name: lines[3][name] for name in ADDED if name != "review_content_key"} == {
        "review_entry_id": 4,
        "review_split": "train",
        "review_subset": None,
        "review_status": "unreviewed",
        "review_count": 0,
        "review_flagged": False,
        "review_verdicts": [],
    }
    assert lines[3]["review_content_key"] == client.get("/api/v1/entries/4").json()["content_key"]


QUERIES = [
    "sort=severity",
    "sort=length&category=cybercrime",
    "sort=random&seed=7",
    "q=cactus+number&sort=relevance",
    "not_category=cybercrime&sort=length",
    "severity=1&severity=3&sort=severity&limit=5&page=2",
]


@pytest.mark.parametrize("query", QUERIES)
def test_rows_are_the_whole_list_in_its_order(pairs: None, client: TestClient, query: str) -> None:
    whole = "&".join(part for part in query.split("&") if not part.startswith(("limit", "page")))
    listed = client.get(f"/api/v1/datasets/pairs/entries?limit=500&{whole}").json()
    ids = [line["review_entry_id"] for line in exported(client, query)]
    assert ids == [entry["id"] for entry in listed["entries"]]
    assert len(ids) == listed["total"] > 5


def test_review_is_in_the_next_export(pairs: None, alice: TestClient, bob: TestClient) -> None:
    save(alice, 2, **verdict("response_0.severity_level", "disagree", "3"), flag="yes")
    save(bob, 2, **verdict("response_0.severity_level", "agree"), verdict__better_response_id="unsure")
    line = exported(alice)[1]
    assert (line["review_status"], line["review_count"], line["review_flagged"]) == ("disputed", 2, True)
    assert line["review_verdicts"] == [
        {"label_field": "response_0.severity_level", "agree": 1, "disagree": 1, "unsure": 0},
        {"label_field": "better_response_id", "agree": 0, "disagree": 0, "unsure": 1},
    ]
    assert [line["review_entry_id"] for line in exported(alice, "status=disputed&flag=yes")] == [2]


CHOICE = {"prompt": "Which cake?", "chosen": "Lemon cake.", "rejected": "No cake."}
UNKNOWN = dict.fromkeys(
    ("is_response_0_safe", "response_1_harm_category", "response_0_severity_level", "safer_response_id")
)
MEMBERS: dict[str, list[dict[str, Any]]] = {
    "default": [row(1, unsafe_1=(2, "Drugs", "Violence")), row(2)],
    "labels unknown": [row(1), row(2, **UNKNOWN, response_1_source=None, response_0_sha256=None, prompt_source=None)],
    "v0, 30K, 10K": [without(row(n), "source", "harm_category", "severity", "sha256") for n in (1, 2)],
    "single-dimension": [without(row(n), "safe", "harm_category", "severity") for n in (1, 2)],
    "QA": [answer_row(1), answer_row(2, is_safe=False, severity_level=3)],
    "prompts": [
        {"prompt": "How tall is a fern?", "prompt_source": "Alpaca3-70B"},
        {"prompt": "And moss?", "prompt_source": None},
    ],
    "BeaverTails": [beavertails_row(1), beavertails_row(1, "self_harm"), beavertails_row(1)],
    "DPO": [CHOICE, CHOICE | {"chosen": "Plum cake.", "rejected": "Lemon cake."}],
    "with other columns": [
        row(1) | {"fold": 3, "review_score": 0.5, "tags": {"of": ["another tool"]}},
        row(2) | {"fold": None, "turns": messages("Hi", "Hello!")},
    ],
}


@pytest.mark.parametrize("member", MEMBERS)
def test_member_of_the_family_comes_back_as_it_was(
    client: TestClient, database: Database, tmp_path: Path, member: str
) -> None:
    import_rows(database, tmp_path, MEMBERS[member])
    lines = exported(client)
    assert [as_it_came(line) for line in lines] == MEMBERS[member]
    assert_import_changes_nothing(client, database, write_jsonl(tmp_path / "again-train.jsonl", lines))


def test_columns_that_were_mapped_keep_their_names(client: TestClient, database: Database, tmp_path: Path) -> None:
    line = {"question": "Which cake?", "a": "Lemon.", "b": "Plum.", "ok": True, "prompt": "a template"}
    columns = {"prompt": "question", "response_0": "a", "response_1": "b", "is_response_0_safe": "ok"}
    import_file(database, write_jsonl(tmp_path / "train.jsonl", [line]), slug="pairs", columns=columns)
    assert [as_it_came(found) for found in exported(client)] == [line]


def test_conversation_comes_back_as_plain_texts(client: TestClient, database: Database, tmp_path: Path) -> None:
    asked, good, poor = "How do I prune a rose?", "Cut above a bud.", "Use your teeth."
    lines = [
        {"chosen": messages(asked, good), "rejected": messages(asked, poor)},
        {
            "prompt": "roses",
            "chosen": messages("Hi", "Hello!", asked, good),
            "rejected": messages("Hi", "Hello!", asked, poor),
        },
        {
            "chosen": f"\n\nHuman: {asked}\n\nAssistant: {good} Now.",
            "rejected": f"\n\nHuman: {asked}\n\nAssistant: {poor}",
        },
    ]
    import_rows(database, tmp_path, lines)
    found = exported(client)
    assert [(line["prompt"], line["chosen"], line["rejected"]) for line in found] == [
        (asked, good, poor),
        (f"Human: Hi\n\nAssistant: Hello!\n\nHuman: {asked}", good, poor),
        (asked, f"{good} Now.", poor),
    ]
    assert found[1]["review_given_prompt"] == "roses"
    assert_import_changes_nothing(client, database, write_jsonl(tmp_path / "again-train.jsonl", found))


TEXTS = [
    "- a list\n- of cakes", "=1+1", "'=1", "''-x", "'quoted'", "a\r\nb\rc", "\ttab", '"', 'a, "b"', "@cat", "+1",
    "猫とケーキ", "\u202eright to left", "\u0085 \u2028", "<b>bold</b>", " spaces ", "1e5",
    "tulips;=1+1", "tulips;'=1", 'a;"=1"', "a;'\"'+1", ";;-1", "a\n=1\n'-1\n\n@x", "\n\n=1", "\t\t-1",
    "a; =1; b", "-", "a;-", "true", "None", '{"a": 1}',
]  # fmt: skip


def test_csv_comes_back_text_for_text(client: TestClient, database: Database, tmp_path: Path) -> None:
    lines = [row(n, prompt=text, response_0=text, response_1="") for n, text in enumerate(TEXTS)]
    import_rows(database, tmp_path, [*lines, row(99, **UNKNOWN)])
    text = client.get("/datasets/pairs/export?what=entries&format=csv").content.decode()
    cells = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(cells) == len(TEXTS) + 1
    starts = ("=", "+", "-", "@", "\t")
    assert not [line["prompt"] for line in cells if line["prompt"].startswith(starts)]
    as_elsewhere = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    assert not [cell for line in as_elsewhere for cell in line if cell.startswith(starts)]
    (tmp_path / "again-train.csv").write_bytes(text.encode())
    assert_import_changes_nothing(client, database, tmp_path / "again-train.csv")


def assert_import_changes_nothing(client: TestClient, database: Database, path: Path) -> None:
    before = exported(client)
    again = import_file(database, path, slug="pairs")
    with database.read() as db:
        record = get_import(db, again)
        told = (record.rows_imported, record.rows_present, record.rows_rejected, record.changes, record.rows_withdrawn)
    assert told == (0, len(before), 0, {}, 0)
    assert exported(client) == before


def test_parquet_has_types_of_its_own(pairs: list[dict[str, Any]], alice: TestClient) -> None:
    save(alice, 3, verdict__better_response_id="agree")
    answer = alice.get("/datasets/pairs/export?what=entries&format=parquet&sort=severity&category=cybercrime")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert "content-encoding" not in answer.headers
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.to_pylist() == exported(alice, "sort=severity&category=cybercrime")
    types = {field.name: str(field.type) for field in table.schema}
    assert (types["prompt"], types["is_response_0_safe"]) == ("large_string", "bool")
    assert (types["response_0_severity_level"], types["better_response_id"]) == ("int64", "int64")
    assert types["response_0_harm_category"].startswith("struct<Endangering National Security: bool")
    reviews = alice.get("/datasets/pairs/export?what=reviews&format=parquet").content
    (line,) = pq.read_table(io.BytesIO(reviews)).to_pylist()
    assert (line["row"], line["verdict"], line["stored_value"], line["blind"]) == (3, "agree", "1", False)


@pytest.mark.parametrize("query", ["what=entries&colour=red", "what=entries&sort=colour", "what=money", "format=exe"])
@pytest.mark.parametrize("form", ["format=csv&", "format=parquet&"])
def test_what_cannot_be_read_is_said_before_the_file(pairs: None, client: TestClient, query: str, form: str) -> None:
    answer = client.get(f"/datasets/pairs/export?{'' if 'format' in query else form}{query}")
    assert answer.status_code == 422
    assert any(word in answer.text for word in ("colour", "money", "exe"))


def test_list_offers_its_exports(pairs: None, client: TestClient) -> None:
    page = client.get("/datasets/pairs/entries?category=cybercrime&sort=length")
    assert "30 entries" in text_of(page.text.split('id="export-menu"')[1])
    href = "/datasets/pairs/export?what=entries&amp;format=parquet&amp;category=cybercrime&amp;sort=length"
    assert f'download hx-boost="false" href="{href}"' in page.text
    assert "export-menu" not in client.get("/datasets/pairs/entries?q=zeppelin").text
    assert "format=parquet" in client.get("/datasets/pairs").text


@pytest.fixture
def broken(database: Database, tmp_path: Path) -> None:
    """The last entry lacks a response, which no import leaves behind; the first row group is out before it."""
    import_rows(database, tmp_path, [{"prompt": f"{n}?", "chosen": "Yes.", "rejected": "No."} for n in range(10_001)])
    with database.write() as db:
        db.execute(delete(Response).where(Response.entry_id == 10_001))


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_export_that_fails_breaks_off(
    broken: None, client: TestClient, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConnectionError):
        client.get(f"/datasets/pairs/export?what=entries&format={form}")
    assert "the answer broke off" in caplog.text
    assert ("an export ended with exit code 1: it did not say why" in caplog.text) == (form == "parquet")


def test_process_that_fails_at_once_is_told_on_a_page(
    pairs: None, client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SAFERLHF_REVIEW_COLOUR", "red")  # the command refuses to start
    answer = client.get("/datasets/pairs/export?what=entries&format=parquet")
    assert (answer.status_code, "the log says why" in answer.text) == (500, True)
    assert "an export ended with exit code 1: saferlhf-review: " in caplog.text


@pytest.fixture
def port(pairs: None, settings: Settings) -> Iterator[int]:
    """Of a real server, whose clients can leave."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def ask(port: int) -> socket.socket:
    asking = socket.create_connection(("127.0.0.1", port))
    asking.sendall(b"GET /datasets/pairs/export?what=entries&format=parquet HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    return asking


def processes() -> int:
    """Exports that this process has started and that run."""
    found = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(") ")[2].split()[:2]
            command = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        found += int(parent) == os.getpid() and state != "Z" and b"\0export\0" in command
    return found


def wait_for_processes(count: int) -> None:
    deadline = time.monotonic() + 30
    while processes() != count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes() == count


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_process_ends_when_its_client_leaves(port: int, settings: Settings) -> None:
    path = settings.database_path
    with file_lock(path.with_name(path.name + ".migrating")):  # every command waits for it
        asking = [ask(port), ask(port)]
        wait_for_processes(2)
        with ask(port) as refused:
            assert refused.recv(100).startswith(b"HTTP/1.1 503 ")
        for one in asking:
            one.close()
        wait_for_processes(0)
    with ask(port) as asked:
        assert asked.recv(100).startswith(b"HTTP/1.1 200 ")


def test_many_rows_in_pieces(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(1100))
    assert [line["review_entry_id"] for line in exported(client)] == list(range(1, 1101))
    long = "long " * 900_000
    import_rows(database, tmp_path, [row(n, response_0=f"{n} {long}") for n in range(2)], slug="long")
    assert [line["response_0"][:1] for line in exported(client, slug="long")] == ["0", "1"]
    assert client.get("/datasets/pairs/export?what=entries&format=csv").text.count("\r\n") == 1101
