"""The list of imports, and what becomes of uploads."""

import os
import re
import subprocess
import time
from contextlib import ExitStack

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.importing.queries import get_import
from app.importing.queue import queue_import
from app.importing.requests import ImportRequest
from app.main import create_app
from app.models import DatasetImport, ImportState
from app.settings import Settings
from tests.factories import rows, write_jsonl
from tests.web.imports.asking import UPLOAD, begun, ended, lines, send, uploaded


def test_list_of_imports_begins_empty_and_comes_in_pages(client: TestClient, database: Database) -> None:
    assert "Nothing was imported yet" in client.get("/imports").text
    with database.write() as db:
        for _ in range(103):
            db.add(DatasetImport(slug="", source="cats", splits=[], files=[], warnings={}, state=ImportState.FAILED))
    first = client.get("/imports").text
    assert first.count("✕ failed") == 100
    older = re.findall(r'href="(/imports\?before=\d+)"', first)[0]
    assert client.get(older).text.count("✕ failed") == 3
    assert client.get("/imports/1").status_code == 200  # one from before there were requests


def test_list_fetches_itself_while_something_runs(
    client: TestClient, running: tuple[int, subprocess.Popen[bytes]]
) -> None:
    assert 'hx-trigger="every 2s"' in client.get("/imports").text
    part = client.get("/imports", headers={"HX-Request": "true", "HX-Request-Type": "partial"}).text
    assert part.lstrip().startswith('<div id="list"')


def test_import_that_there_is_not(client: TestClient) -> None:
    for path in ("/imports/9", "/imports/9/events", "/imports/x", f"/imports/{2**63}"):
        assert client.get(path).status_code in (404, 422)
    for verb in ("cancel", "resume", "import-now"):
        assert client.post(f"/imports/9/{verb}").status_code == 404


@pytest.mark.parametrize("path", ["/imports", "/imports/1/cancel", "/imports/1/resume", "/imports/1/import-now"])
def test_other_sites_cannot_import(pairs: None, client: TestClient, path: str) -> None:
    assert client.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_upload_that_is_gone_cannot_be_resumed(client: TestClient, settings: Settings, line: ExitStack) -> None:
    path = begun(send(client, UPLOAD, ("cats.jsonl", lines(rows(1)))))
    client.post(f"{path}/cancel")
    uploaded(settings)[0].unlink()
    page = client.get(path).text
    assert "upload it again" in page
    assert "/resume" not in page


def test_start_removes_uploads_that_nobody_needs(settings: Settings, database: Database) -> None:
    kinds = ("complete", "cancelled", "running", "dry", "old", "fresh")
    paths = {kind: settings.uploads_dir / kind / "data.jsonl" for kind in kinds}
    for path in paths.values():
        write_jsonl(path, rows(1))
    long_ago = time.time() - 8 * 24 * 3600
    for kind in ("old", "running"):
        os.utime(paths[kind].parent, (long_ago, long_ago))
    locks = []
    for kind, state in (
        ("complete", ImportState.COMPLETE), ("dry", ImportState.COMPLETE),
        ("cancelled", ImportState.CANCELLED), ("running", ImportState.RUNNING),
    ):  # fmt: skip
        request = ImportRequest(sources=(str(paths[kind]),), dry_run=kind == "dry", title="cats.jsonl")
        import_id, lock = queue_import(database, request)
        locks.append(lock)
        with database.write() as db:
            get_import(db, import_id).state = state
    with TestClient(create_app(settings), base_url="http://127.0.0.1"):
        left = {kind for kind, path in paths.items() if path.exists()}
    for lock in locks:
        os.close(lock)
    assert left == {"cancelled", "running", "dry", "fresh"}


def test_log_holds_no_name_of_an_upload(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG", "app"):
        path = begun(send(client, UPLOAD | {"name": "secretname"}, ("secretfile.jsonl", lines(rows(1)))))
        ended(client, path)
        send(client, UPLOAD, ("secretfile.exe", b"x"))
    assert "POST /imports 303" in caplog.text
    assert "secret" not in caplog.text
