"""What the tests of the API ask, and read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row

API = "/api/v1"
PAIRS = f"{API}/datasets/pairs/entries"
NDJSON = {"Accept": "application/x-ndjson"}
Ask = Callable[..., Any]


@pytest.fixture
def pairs(client: TestClient, database: Database, tmp_path: Path) -> None:
    """120 entries: every second one with an unsafe response 0, severities 1 to 3."""
    lines = [row(n, unsafe_0=(n % 3 + 1, "Cybercrime")) if n % 2 else row(n) for n in range(120)]
    import_rows(database, tmp_path, lines)


@pytest.fixture
def ask(client: TestClient) -> Ask:
    def get(path: str, **params: Any) -> Any:
        answer = client.get(path if path.startswith(API) else API + path, params=params or None)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return get


def review(client: TestClient, entry_id: int, **fields: str) -> None:
    saved = client.post(
        f"/entries/{entry_id}/review", data={"revision": "0", "action": "agree_rest", **fields}, follow_redirects=False
    )
    assert saved.status_code == 303
