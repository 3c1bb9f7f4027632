"""The description is true: of every route, of every answer, and of every value that may be given."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.testclient import TestClient

from app import api
from app.api import schemas
from app.api.description import examples
from app.api.description.operations import OPERATIONS
from app.db import Database
from tests.api.conftest import API, NDJSON, PAIRS, review
from tests.factories import answer_row, import_file, write_jsonl

OPENAPI = f"{API}/openapi.json"


@pytest.fixture
def document(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(OPENAPI).json()
    return found


@pytest.mark.usefixtures("pairs")
def test_it_works(document: dict[str, Any]) -> None:
    assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "SafeRLHF Review")
    category = document["components"]["parameters"]["category"]
    assert (category["style"], category["explode"]) == ("form", True)
    assert "cybercrime" in category["schema"]["items"]["enum"]


def test_every_route_is_described() -> None:
    routes = [route for router in api.ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    asked = {(method.lower(), route.path) for route in routes for method in route.methods or ()}
    assert {(o.method, o.path) for o in OPERATIONS} == asked - {("get", "/openapi.json"), ("get", "/docs")}


def test_there_is_a_description_before_any_dataset(client: TestClient, document: dict[str, Any]) -> None:
    assert "q" in document["components"]["parameters"]
    assert client.get(f"{API}/docs").status_code == 200
    assert client.get(f"{API}/datasets").json() == {"datasets": []}


def test_values_of_all_datasets_are_there(client: TestClient, database: Database, pairs: None, tmp_path: Path) -> None:
    import_file(database, write_jsonl(tmp_path / "test.jsonl", [answer_row()]), slug="answers")
    parameters = client.get(OPENAPI).json()["components"]["parameters"]
    assert {"safe", "both_safe"} <= set(parameters["safety"]["schema"]["items"]["enum"])
    assert set(parameters["split"]["schema"]["items"]["enum"]) == {"test", "train"}


@pytest.mark.usefixtures("pairs")
def test_parameter_without_a_value_takes_none(client: TestClient, document: dict[str, Any]) -> None:
    assert document["components"]["parameters"]["reviewer"]["schema"]["maxItems"] == 0
    client.post("/reviewers", data={"name": "alice"})
    after = client.get(OPENAPI).json()["components"]["parameters"]
    assert after["not_reviewer"]["schema"]["items"]["enum"] == ["alice"]


@pytest.mark.parametrize(
    ("model", "example"),
    [
        *((operation.answer, operation.example) for operation in OPERATIONS),
        *((operation.body, operation.body_example) for operation in OPERATIONS if operation.body),
        (schemas.Problem, examples.PROBLEM),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_example_is_what_it_is_an_example_of(model: type[BaseModel], example: dict[str, Any]) -> None:
    model.model_validate_json(json.dumps(example), strict=True)


@pytest.mark.usefixtures("pairs")
@pytest.mark.parametrize(
    ("model", "path"),
    [
        (schemas.DatasetList, "/datasets"),
        (schemas.Dataset, "/datasets/pairs"),
        (schemas.EntryList, "/datasets/pairs/entries"),
        (schemas.EntryList, "/datasets/pairs/entries?texts=whole&q=cactus"),
        (schemas.WholeEntry, "/entries/2"),
        (schemas.Statistics, "/datasets/pairs/statistics"),
        (schemas.Statistics, "/datasets/pairs/statistics?rows=category&columns=source&severity=1"),
        (schemas.Problem, "/datasets/pairs/entries?colour=red"),
        (schemas.Problem, "/entries/0"),
    ],
)
def test_answer_is_as_described(alice: TestClient, model: type[BaseModel], path: str) -> None:
    """Strictly: nothing is missing, nothing is there that is not described, no type is another."""
    review(alice, 2, flag="yes")
    model.model_validate_json(alice.get(API + path).content, strict=True)


@pytest.mark.usefixtures("pairs")
def test_line_of_a_stream_is_a_whole_entry(client: TestClient) -> None:
    for line in client.get(PAIRS, headers=NDJSON).content.splitlines()[:5]:
        schemas.WholeEntry.model_validate_json(line, strict=True)


@pytest.mark.usefixtures("pairs")
def test_shown_requests_work(alice: TestClient, document: dict[str, Any]) -> None:
    review(alice, 1)
    for path in document["paths"].values():
        for sample in path["get"]["x-codeSamples"]:
            url = re.search(r"'(http[^']+)'", sample["source"])
            assert url is not None
            assert alice.get(url[1]).status_code == 200


@pytest.mark.usefixtures("pairs")
def test_docs_show_every_path_and_parameter(client: TestClient, document: dict[str, Any]) -> None:
    page = client.get(f"{API}/docs").text
    assert all(f"<code>{path}</code>" in page for path in document["paths"])
    assert all(one["name"] in page for one in document["components"]["parameters"].values())
    assert "Cybercrime" in page
    assert 'href="/api/v1/docs"' in client.get("/help").text
