"""Forms of a review, filled in and sent as a browser sends them."""

import re
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

SIDE = ("is_safe", "harm_categories", "severity_level")
SAFE = {"is_safe": "true", "harm_categories": "none", "severity_level": "0"}


def go_blind(client: TestClient) -> TestClient:
    assert client.post("/settings/mode", data={"mode": "blind"}, follow_redirects=False).status_code == 303
    return client


def field(page: str, name: str) -> str:
    """What a hidden field of the page holds."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def answers(left: dict[str, Any] | None = None, right: dict[str, Any] | None = None, **pair: str) -> dict[str, Any]:
    """A blind reviewer's: both responses safe, and no preference, unless it is said otherwise."""
    said: dict[str, Any] = {f"answer.left.{name}": value for name, value in {**SAFE, **(left or {})}.items()}
    said |= {f"answer.right.{name}": value for name, value in {**SAFE, **(right or {})}.items()}
    return said | {f"answer.{name}": value for name, value in {"better": "tie", "safer": "tie", **pair}.items()}


def send(client: TestClient, entry: int = 1, action: str = "save", query: str = "", **form: Any) -> Response:
    """From the page as it is now: with its revision, key and stage."""
    page = client.get(f"/entries/{entry}{query}").text
    hidden = {name: field(page, name) for name in ("revision", "key", "stage")}
    data = {**hidden, "action": action, **form}
    return client.post(f"/entries/{entry}/review{query}", data=data, follow_redirects=False)


def reveal(client: TestClient, entry: int = 1, **form: Any) -> Response:
    return send(client, entry, "reveal", **(form or answers()))
