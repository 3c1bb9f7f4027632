"""Schemathesis makes requests of the description, right and wrong ones, and finds no answer that it does not allow."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from starlette.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.api.conftest import API, review


@pytest.fixture
def address(pairs: None, alice: TestClient, settings: Settings) -> Iterator[str]:
    """Of a server with some entries, one of them reviewed."""
    review(alice, 2, flag="yes")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


def test_every_answer_is_one_that_the_description_allows(address: str, tmp_path: Path) -> None:
    options = ["--checks=all", "--mode=all", "--generation-deterministic", "--max-examples=20", "--no-color"]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", "run", f"{address}{API}/openapi.json", *options],
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.api.dependencies",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 selected / 5 total" in done.stdout
