"""Lists follow what becomes of their dataset: imports, deletion, kill -9 in its middle, another one in its place."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import SQLITE, Database, open_database
from app.importing.deleting import delete_dataset
from app.importing.queries import get_dataset
from app.settings import Settings
from tests.bench.processes import start
from tests.browsing.plain_sql import PlainSql, Question
from tests.browsing.reviewed_corpus import ROWS, SLUG, write_odd_corpus
from tests.factories import import_file, import_rows, row, rows, write_jsonl

BEHIND = 'id="behind"'


@pytest.fixture
def corpus(settings: Settings, reviewed_corpus_file: Path) -> Settings:
    shutil.copy(reviewed_corpus_file, settings.database_path)
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings.database_path)
    yield database
    database.close()


def entries(client: TestClient, slug: str) -> dict[str, Any]:
    answer = client.get(f"/api/v1/datasets/{slug}/entries")
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def assert_counts_are_right(client: TestClient, settings: Settings, slug: str, *, but: str = "") -> None:
    page = entries(client, slug)
    with closing(PlainSql(settings.database_path, slug)) as truth:
        answer = truth.answer(Question())
    shown = {facet: counts for facet, counts in page["facets"].items() if facet != but}
    found = {facet: {v: n for v, n in counts.items() if n} for facet, counts in shown.items()}
    assert found == {facet: counts for facet, counts in answer.facets.items() if facet in found}
    assert (page["total"], page["is_behind"]) == (len(answer.ids), False)


def test_import_under_way_is_said(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(3), slug="cacti")
    seen = []

    def look(_progress: object) -> None:
        page = entries(client, "cacti")
        seen.append((page["total"], page["is_behind"], BEHIND in client.get("/datasets/cacti/entries").text))
        seen.append(client.get("/api/v1/datasets/cacti/statistics").json()["is_behind"])
        seen.append(BEHIND in client.get("/datasets/cacti/charts").text)
        seen.append("An import into this dataset is under way" in client.get("/datasets/cacti").text)

    changed = [row(number, better_response_id=0) for number in range(4)]
    path = write_jsonl(tmp_path / "cacti-train.jsonl", changed)
    import_file(database, path, slug="cacti", on_progress=look)
    assert seen[:4] == [(3, True, True), True, True, True]
    page = entries(client, "cacti")
    assert (page["total"], page["is_behind"], page["facets"]["better"]) == (4, False, {"0": 4, "1": 0})
    assert BEHIND not in client.get("/datasets/cacti/entries").text


def test_counts_are_right_after_a_revision(corpus: Settings, client: TestClient, tmp_path: Path) -> None:
    assert_counts_are_right(client, corpus, SLUG)
    write_odd_corpus(tmp_path)  # as it was before its revision: what was withdrawn comes back
    with opened(corpus) as database:
        import_file(database, tmp_path, slug=SLUG)
    assert entries(client, SLUG)["total"] == ROWS
    assert_counts_are_right(client, corpus, SLUG)


def count_rows(settings: Settings) -> int:
    with closing(SQLITE.connect(settings.database_path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM entry WHERE dataset_id = 1").fetchone()[0]
        return count


def kill_deletion(settings: Settings) -> None:
    """With kill -9, once some entries are gone."""
    process = start("app", "datasets", "delete", SLUG, "--confirm", SLUG, data_dir=settings.data_dir)
    while count_rows(settings) == ROWS and process.poll() is None:
        time.sleep(0.001)
    process.kill()
    process.communicate()


def test_counts_are_right_after_a_killed_deletion(corpus: Settings, client: TestClient) -> None:
    before = entries(client, SLUG)["total"]
    kill_deletion(corpus)
    assert 0 < count_rows(corpus) < ROWS
    assert 0 < entries(client, SLUG)["total"] < before
    # Which entries are copies of each other is found out at the end of imports.
    assert_counts_are_right(client, corpus, SLUG, but="contradiction")
    for sort in ("position", "length", "reviewed_at", "random"):
        assert client.get(f"/datasets/{SLUG}/entries?sort={sort}").status_code == 200


def test_another_dataset_in_place_of_a_deleted_one(corpus: Settings, client: TestClient, tmp_path: Path) -> None:
    """It may get the same number, too."""
    entries(client, SLUG)
    with opened(corpus) as database:
        with database.read() as db:
            dataset = get_dataset(db, SLUG)
        delete_dataset(database, dataset, corpus.backups_dir)
        assert client.get(f"/datasets/{SLUG}/entries").status_code == 404
        assert client.get(f"/api/v1/datasets/{SLUG}/entries").status_code == 404
        import_rows(database, tmp_path, rows(7), slug=SLUG)
    assert entries(client, SLUG)["total"] == 7
    assert_counts_are_right(client, corpus, SLUG)


def test_walk_goes_on_while_people_review(corpus: Settings, client: TestClient) -> None:
    """By `after`: nothing is shown twice, and of what nobody touched nothing is missed."""
    query = "split=test&sort=reviewed_at&limit=40"
    url = f"/api/v1/datasets/{SLUG}/entries?{query}"
    everything = set(walk(client, url))
    client.post("/reviewers", data={"name": "Dora"})
    untouched = sorted(everything)[::2]
    touched = iter(sorted(everything)[1::2])
    seen = walk(client, url, meanwhile=lambda: review(client, [next(touched), next(touched)]))
    assert len(seen) == len(set(seen))
    assert set(untouched) <= set(seen) <= everything


def walk(client: TestClient, url: str, meanwhile: Callable[[], None] = lambda: None) -> list[int]:
    page = client.get(url).json()
    ids = [entry["id"] for entry in page["entries"]]
    while page["next"]:
        meanwhile()
        page = client.get(f"{url}&after={page['next']}").json()
        ids += [entry["id"] for entry in page["entries"]]
    return ids


def review(client: TestClient, entry_ids: list[int]) -> None:
    for entry_id in entry_ids:
        form = {"revision": "0", "comment": "Seen."}
        assert client.post(f"/entries/{entry_id}/review", data=form, follow_redirects=False).status_code == 303
