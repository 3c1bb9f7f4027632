"""ETags: what has not changed is not sent again, and what has always is."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.api.conftest import API, NDJSON, PAIRS, review
from tests.factories import import_rows, row

pytestmark = pytest.mark.usefixtures("pairs")
PATHS = [
    f"{API}/datasets",
    f"{API}/datasets/pairs",
    f"{API}/datasets/pairs/statistics?severity=2",
    f"{PAIRS}?safety=both_safe",
    f"{API}/entries/3",
    f"{API}/openapi.json",
]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_known_is_not_sent_again(client: TestClient, path: str) -> None:
    answer = client.get(path)
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for header in ("etag", "cache-control", "content-security-policy"):
        assert again.headers[header] == answer.headers[header]
    assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", PATHS)
def test_a_saved_review_and_an_import_change_it(
    client: TestClient, alice: TestClient, database: Database, tmp_path: Path, path: str
) -> None:
    tags = [client.get(path).headers["etag"]]
    review(alice, 3)
    tags.append(client.get(path, headers={"If-None-Match": tags[0]}).headers["etag"])
    import_rows(database, tmp_path, [row(2)])
    answer = client.get(path, headers={"If-None-Match": tags[1]})
    assert answer.status_code == 200
    assert len({*tags, answer.headers["etag"]}) == 3


def test_every_question_has_its_own(client: TestClient) -> None:
    asked = [PAIRS, f"{PAIRS}?q=cactus", f"{PAIRS}?limit=5", f"{API}/entries/1", f"{API}/entries/2"]
    tags = [client.get(path).headers["etag"] for path in asked] + [client.get(PAIRS, headers=NDJSON).headers["etag"]]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("known", ["{tag}", '"other", {tag}', "{strong}", '"other" ,{strong}, W/"third"'])
def test_any_of_the_known_tags_counts(client: TestClient, known: str) -> None:
    tag = client.get(PAIRS).headers["etag"]
    given = known.format(tag=tag, strong=tag.removeprefix("W/"))
    assert client.get(PAIRS, headers={"If-None-Match": given}).status_code == 304


def test_mistakes_are_told_although_something_is_known(client: TestClient) -> None:
    tag = client.get(PAIRS).headers["etag"]
    assert client.get(f"{PAIRS}?colour=red", headers={"If-None-Match": tag}).status_code == 422
