"""Two serving processes: what is saved through one is in what the other answers next."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from app.settings import Settings
from tests.bench.connections import Connection
from tests.bench.processes import Server, serving
from tests.bench.scenarios import expect, read_json, sign_in

LIST = "/datasets/sample/entries"
PATIENCE = 30


@pytest.fixture
def server(settings: Settings, sample: None) -> Iterator[Server]:
    with serving("app", "serve", "--port", 0, "--workers", 2, data_dir=settings.data_dir) as started:
        yield started


def workers_of(server: Server) -> list[int]:
    """Once both have the database open, after which they begin to answer."""
    pid, deadline = server.process.pid, time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        workers = [child for child in children if has_open(child, "review.db")]
        if len(workers) == 2:
            return workers
        time.sleep(0.02)
    raise TimeoutError(server.said)


def has_open(pid: int, name: str) -> bool:
    try:
        return any(file.readlink().name == name for file in Path(f"/proc/{pid}/fd").iterdir())
    except FileNotFoundError:  # closed meanwhile
        return False


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        while Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "T":
            time.sleep(0.001)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def connect(server: Server, other: int) -> Connection:
    """To the one worker that is awake; a connection stays with the process that accepted it."""
    with asleep(other):
        connection = Connection(server.port)
        expect(connection.get("/healthz"))
    return connection


def test_review_saved_through_one_worker_is_in_the_counts_of_the_other(server: Server) -> None:
    first, second = workers_of(server)
    with ExitStack() as open_connections:
        tabs = [open_connections.enter_context(closing(connect(server, other))) for other in (second, first)]
        for tab in tabs:
            assert read_json(tab, f"/api/v1{LIST}")["facets"]["status"]["reviewed"] == 0
        sign_in(tabs[0], "alice")
        tabs[1].cookie = tabs[0].cookie
        for entry_id in range(1, 11):
            saving, asking = tabs[entry_id % 2], tabs[1 - entry_id % 2]
            expect(saving.post(f"/entries/{entry_id}/review", [("revision", "0"), ("action", "agree_rest")]), 303)
            page = read_json(asking, f"/api/v1{LIST}?status=reviewed&sort=reviewed_at")
            assert (page["total"], page["facets"]["verdict"]["agree"]) == (entry_id, entry_id)
            assert page["entries"][0]["id"] == entry_id
        expect(tabs[0].post("/undo", [("next", "/")]), 303)
        shown = expect(tabs[1].get(f"{LIST}?status=reviewed", compressed=False)).body.decode()
        assert re.search(r"<h1[^>]*>9 of \d+ entries that are reviewed", shown)
