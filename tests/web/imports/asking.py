"""Asks for imports as the browser does, and waits for what becomes of them."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from starlette.testclient import TestClient

from app.settings import Settings
from tests.web.test_entries import text_of

HUB = {"origin": "hub", "into": "new"}
UPLOAD = {"origin": "upload", "into": "new"}
SERVER = {"origin": "server", "into": "new"}


def lines(of: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in of).encode()


def send(client: TestClient, fields: dict[str, str], file: tuple[str, bytes] | None = None) -> httpx2.Response:
    """As a browser does: an empty file field, too, is sent."""
    return client.post("/imports", data=fields, files={"file": file or ("", b"")}, follow_redirects=False)


def begun(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, text_of(answer.text)
    return str(answer.headers["location"])


def ended(client: TestClient, path: str) -> str:
    """Follows the import until it is over; what its page then says."""
    assert "event: over" in client.get(f"{path}/events").text
    return text_of(client.get(path).text)


def eventually(is_so: Callable[[], bool]) -> None:
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it did not become so within 30 seconds")


def uploaded(settings: Settings) -> list[Path]:
    return [path for path in settings.uploads_dir.rglob("*") if path.is_file()]
