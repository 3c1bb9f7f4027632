"""Imports wait in line, are followed, cancelled and resumed."""

import os
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.importing.queries import get_import
from app.importing.queue import cancel_import, mark_interrupted
from app.main import create_app
from app.models import DatasetImport, ImportState
from app.settings import Settings
from tests.factories import rows, write_jsonl
from tests.web.imports.asking import UPLOAD, begun, ended, lines, send
from tests.web.test_entries import text_of


def state_of(database: Database, import_id: int) -> str:
    with database.read() as db:
        return get_import(db, import_id).state


def test_waiting_import_says_so_and_runs_in_its_turn(client: TestClient, line: ExitStack) -> None:
    first = begun(send(client, UPLOAD | {"name": "cats"}, ("cats.jsonl", lines(rows(1)))))
    second = begun(send(client, UPLOAD | {"name": "dogs"}, ("dogs.jsonl", lines(rows(2)))))
    assert "Waiting for another import to end" in text_of(client.get(second).text)
    listed = text_of(client.get("/imports").text)
    assert listed.index("Running now") < listed.index("Import 1 cats.jsonl") < listed.index("Import 2 dogs.jsonl")
    line.close()
    assert "Added 2" in ended(client, second)
    assert "Added 1" in ended(client, first)


def test_waiting_import_is_cancelled_at_once(client: TestClient, line: ExitStack) -> None:
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert begun(client.post(f"{path}/cancel", follow_redirects=False)) == path
    assert "cancelled" in text_of(client.get(path).text)
    assert client.post(f"{path}/cancel").status_code == 409
    line.close()
    again = begun(client.post(f"{path}/resume", follow_redirects=False))
    assert "Added 1" in ended(client, again)
    assert client.post(f"{again}/resume").status_code == 409
    assert "cancelled" in text_of(client.get(path).text)


def test_running_import_shows_how_far_it_is(
    client: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    with database.write() as db:
        record = get_import(db, running[0])
        record.started_at = record.requested_at.replace(year=record.requested_at.year - 1)
    page = client.get(f"/imports/{running[0]}")
    for said in ("Rows read 1,234", "Rejected so far 7", "Rows per second 0", " h Rejected"):
        assert said in text_of(page.text)
    assert 'value="0.25"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "saferlhf-review import cats.jsonl --as cats" in page.text


def test_running_import_is_asked_to_end(
    alice: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    import_id, process = running
    begun(alice.post(f"/imports/{import_id}/cancel", follow_redirects=False))
    assert process.wait(30) == -signal.SIGTERM
    # This one did not say itself how it ended.
    assert "event: over" in alice.get(f"/imports/{import_id}/events").text
    assert state_of(database, import_id) == ImportState.INTERRUPTED


def test_dead_import_is_interrupted_and_can_be_resumed(
    client: TestClient, database: Database, tmp_path: Path, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    import_id, process = running
    process.kill()
    process.wait()
    write_jsonl(tmp_path / "cats.jsonl", rows(3))
    page = text_of(client.get(f"/imports/{import_id}").text)
    assert "It stopped before its end: the process ended before it was done" in page
    again = begun(client.post(f"/imports/{import_id}/resume", follow_redirects=False))
    assert "Added 3" in ended(client, again)
    assert mark_interrupted(database) == []


def test_cancelling_what_has_just_ended_harms_nobody(
    database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    running[1].kill()
    running[1].wait()
    cancel_import(database, running[0], None)
    assert mark_interrupted(database) == [("cats", 1234)]


def test_dead_revision_of_a_dataset_makes_lists_look_again(
    pairs: None, client: TestClient, database: Database, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    with database.write() as db:
        get_import(db, running[0]).dataset_id = 1
    running[1].kill()
    running[1].wait()
    assert mark_interrupted(database) == [("cats", 1234)]
    assert client.get("/datasets/pairs/entries").status_code == 200


def test_import_of_a_restored_database_is_interrupted(client: TestClient, database: Database) -> None:
    with database.write() as db:
        db.add(DatasetImport(slug="", source="cats", splits=[], files=[], warnings={}, state=ImportState.RUNNING))
    assert "It stopped before its end" in text_of(client.get("/imports/1").text)


def test_process_that_cannot_even_start_leaves_an_interrupted_import(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert "It stopped before its end" in ended(client, path)


def test_server_that_ends_interrupts_its_imports(settings: Settings, database: Database, line: ExitStack) -> None:
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    assert state_of(database, 1) == ImportState.INTERRUPTED
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        line.close()
        again = begun(client.post("/imports/1/resume", follow_redirects=False))
        assert "Added 1" in ended(client, again)


def test_server_ends_although_a_page_follows_an_import(
    settings: Settings, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    command = [sys.executable, "-m", "app", "serve", "--port", "0"]
    environment = {**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        url = re.findall(r"http://\S+", server.stderr.readline())[0]
        with httpx2.stream("GET", f"{url}/imports/{running[0]}/events", timeout=30) as answer:
            pieces = answer.iter_text()
            assert "Rows read" in next(pieces)
            server.send_signal(signal.SIGTERM)
            rest = "".join(pieces)
        said = server.stderr.read()
    assert "event: over" not in rest  # the page asks again when there is a server again
    assert "timeout graceful shutdown exceeded" not in said
    assert server.returncode in (0, -signal.SIGTERM)
