"""A line of the log says which request, who and which route; what a client sent forges no line."""

import json
import logging
import re
from logging.config import dictConfig
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.logs import log_config
from app.settings import Settings


@pytest.fixture
def lines(client: TestClient, settings: Settings, capsys: pytest.CaptureFixture[str]) -> Any:
    """What was logged since it was last called, in the given format."""

    def logged(log_format: str, *paths: str, **headers: str) -> list[str]:
        config = log_config(settings.model_copy(update={"log_format": log_format}))
        capsys.readouterr()
        dictConfig(config)
        for path in paths:
            client.get(path, headers=headers)
        return capsys.readouterr().err.splitlines()

    yield logged
    for name in ("app", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


def test_line_has_the_request_and_its_route(lines: Any, alice: TestClient) -> None:
    found = lines("text", "/entries/999999?q=secretword", "/api/v1/entries/999999", "/secretword", "/static/app.css")
    shapes = [
        r"GET /entries/\{entry_id\} 404 [\d.]+ ms, user 1",
        r"GET /api/v1/entries/\{entry_id\} 404 [\d.]+ ms, user 1",
        r"GET - 404 [\d.]+ ms, user -",
        r"GET /static 200 [\d.]+ ms, user -",
    ]
    assert len(found) == len(shapes)
    for line, shape in zip(found, shapes, strict=True):
        assert re.fullmatch(rf"[\d:]{{8}} INFO [0-9a-f]{{16}} {shape}", line), line


def test_json_has_the_same_as_fields(lines: Any, alice: TestClient) -> None:
    (line,) = map(json.loads, lines("json", "/entries/999999?q=secretword"))
    assert line["route"] == "/entries/{entry_id}"
    assert (line["method"], line["status"], line["user_id"]) == ("GET", 404, 1)
    assert len(line["request_id"]) == 16
    assert line["ms"] > 0
    assert "secretword" not in json.dumps(line)


def test_what_was_sent_forges_no_line(lines: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(lines("text", "/x%0a12:00:00%20INFO%20forged", Cookie="reviewer=1\x1b[2J", Referer="secretword")) == 1
    logging.getLogger("app").warning("a name\n12:00:00 INFO - forged\x1b[2J")
    _, second = capsys.readouterr().err.splitlines()
    assert second == "    | 12:00:00 INFO - forged\\x1b[2J"
    lines("json")
    logging.getLogger("app").warning("a name\nforged")
    assert json.loads(capsys.readouterr().err)["message"] == "a name\nforged"
