"""Every error of the API is a problem that a program can read (RFC 9457)."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import API, PAIRS


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail"} <= found.keys()
    assert found["status"] == status
    return found


pytestmark = pytest.mark.usefixtures("pairs")


@pytest.mark.parametrize(
    "path", ["/nowhere", "", "/datasets/pears", "/datasets/pears/entries", "/entries/9999", "/docs/x"]
)
def test_what_is_not_there(client: TestClient, path: str) -> None:
    problem(client.get(API + path), 404)


def test_unknown_dataset_names_the_known(client: TestClient) -> None:
    assert "Datasets here: pairs." in problem(client.get(f"{API}/datasets/pears"), 404)["detail"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/datasets", "/datasets/pairs", "/entries/1", "/openapi.json"])
def test_nothing_can_be_written(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, API + path)
    problem(answer, 405)
    assert answer.headers["allow"] == "GET"


def test_unknown_value_names_the_valid(client: TestClient) -> None:
    found = problem(client.get(f"{PAIRS}?severity=9"), 422)
    assert (found["field"], found["errors"][0]["field"]) == ("severity", "severity")
    assert found["errors"][0]["valid"] == ["0", "1", "2", "3"]


def test_unknown_parameter_names_the_valid(client: TestClient) -> None:
    found = problem(client.get(f"{PAIRS}?severty=1"), 422)
    assert "severity" in found["errors"][0]["valid"]
    assert "Did you mean severity?" in found["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("texts=none", "texts"),
        ("texts=whole&texts=whole", "texts"),
        ("limit=0", "limit"),
        ("after=pear", "after"),
        ("q=a&q=b", "q"),
        ("not_colour=red", "not_colour"),
        ("seed=4", "seed"),
        ("page=2&entry=4", "entry"),
        ("min_length=9&max_length=1", "min_length"),
    ],
)
def test_what_cannot_be_read_of_a_list(client: TestClient, query: str, field: str) -> None:
    assert problem(client.get(f"{PAIRS}?{query}"), 422)["field"] == field


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("rows=category", "rows"),
        ("columns=category", "columns"),
        ("rows=colour&columns=category", "rows"),
        ("rows=category&columns=colour", "columns"),
        ("limit=5", "limit"),
        ("sort=length", "sort"),
    ],
)
def test_what_cannot_be_read_of_statistics(client: TestClient, query: str, field: str) -> None:
    assert problem(client.get(f"{API}/datasets/pairs/statistics?{query}"), 422)["field"] == field


def test_entry_that_is_no_number(client: TestClient) -> None:
    found = problem(client.get(f"{API}/entries/pear"), 422)
    assert (found["field"], len(found["errors"])) == ("entry_id", 1)


def test_form_that_there_is_not(client: TestClient) -> None:
    found = problem(client.get(PAIRS, headers={"Accept": "text/csv"}), 406)
    assert found["detail"] == "This can be had as application/json or application/x-ndjson."


def test_too_much_is_refused(client: TestClient) -> None:
    problem(client.post(PAIRS, content=b"x" * 2_000_000), 413)


def test_fault_of_ours_tells_its_number_only(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a text of the dataset")

    monkeypatch.setattr("app.api.entries.whole_entry", broken)
    answer = client.get(f"{API}/entries/1")
    found = problem(answer, 500)
    assert found["error_id"] == found["request_id"] == answer.headers["X-Request-ID"]
    assert "a text of the dataset" not in answer.text
