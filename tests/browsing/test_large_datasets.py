"""The stored index of a large dataset, with "large" made small."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.browsing.engine import storing
from app.browsing.engine.index import BrowseIndexes
from app.db import Database
from app.importing.queries import get_dataset
from app.models import BrowseIndexPart, Dataset
from tests.factories import import_rows, row

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "STORED_FROM", 3)


@pytest.fixture
def ask(client: TestClient) -> Ask:
    def get(slug: str, **query: Any) -> dict[str, Any]:
        answer = client.get(f"/api/v1/datasets/{slug}/entries", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return get


def parts(database: Database) -> int:
    with database.read() as db:
        return db.query(BrowseIndexPart).count()


def test_stored_index_says_the_same_as_a_built_one(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n % 3}?") for n in range(5)], slug="ferns")
    assert parts(database) == 0
    BrowseIndexes(database).prepare(1)
    assert parts(database) > 0
    with database.read() as db:
        dataset = get_dataset(db, "ferns")
        stored = storing.load_index(db, dataset)
        with BrowseIndexes(database).using(db, dataset) as read:
            assert stored is not None
            assert (read.labels, read.lengths, read.everything) == (stored.labels, stored.lengths, stored.everything)
            assert read.labels["relation"]["prompt_repeated"]


def test_damaged_stored_index_is_made_anew(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n}?") for n in range(4)], slug="ferns")
    BrowseIndexes(database).prepare(1)
    with database.write() as db:
        db.query(BrowseIndexPart).filter_by(name="everything").update({"data": b"damaged"})
    with database.read() as db, BrowseIndexes(database).using(db, get_dataset(db, "ferns")) as index:
        assert len(index.everything) == 4
    with database.read() as db:
        assert storing.load_index(db, get_dataset(db, "ferns")) is not None


def test_small_dataset_stores_nothing(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row()], slug="ferns")
    BrowseIndexes(database).prepare(1)
    assert parts(database) == 0


def test_import_makes_a_stored_index_old(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n}?") for n in range(4)], slug="ferns")
    BrowseIndexes(database).prepare(1)
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n}?") for n in range(6)], slug="ferns")
    with database.read() as db:
        dataset = db.get(Dataset, 1)
        assert dataset is not None
        assert storing.load_index(db, dataset) is None


def test_list_behind_an_import_says_so_until_its_index_is_there(
    ask: Ask, client: TestClient, database: Database, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n}?") for n in range(4)], slug="ferns")
    assert ask("ferns")["total"] == 4
    import_rows(database, tmp_path, [row(prompt=f"How tall is fern {n}?") for n in range(6)], slug="ferns")
    pages = [client.get("/datasets/ferns/entries").text for _ in range(2)]
    for _ in range(1000):
        pages.append(client.get("/datasets/ferns/entries").text)
        if "6 entries" in pages[-1]:
            break
    behind = [page for page in pages if 'id="behind"' in page]
    assert behind
    assert all("4 entries" in page for page in behind)
    assert all("6 entries" in page for page in pages if page not in behind)
    assert ask("ferns")["total"] == 6
