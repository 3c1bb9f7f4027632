"""A later revision of a source: entries keep their identity and reviews, labels change, what is gone is withdrawn."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.db import Database
from app.errors import Failed, InvalidInput
from app.importing.queries import count_rejected_reasons, get_import
from app.models import DatasetImport
from tests.factories import import_file, import_rows, row, rows, write_jsonl

TABLES = ("entry", "response", "review", "verdict", "dataset", "entry_search")


def record(database: Database, import_id: int) -> DatasetImport:
    with database.read() as db:
        return get_import(db, import_id)


def counts(database: Database, import_id: int) -> dict[str, int]:
    """Those that are not zero."""
    names = ("rows_imported", "rows_present", "rows_changed", "rows_withdrawn", "rows_restored", "reviews_outdated")
    found = record(database, import_id)
    return {name.partition("_")[2]: getattr(found, name) for name in names if getattr(found, name)}


def sql(database: Database, statement: str) -> list[tuple[Any, ...]]:
    with database.read() as db:
        return [tuple(found) for found in db.execute(text(statement))]


def everything(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    return {table: sql(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES}


def agree(client: TestClient, entry_id: int) -> None:
    form = {"revision": "0", "action": "agree_rest"}
    assert client.post(f"/entries/{entry_id}/review", data=form, follow_redirects=False).status_code == 303


def test_changed_label_outdates_its_verdicts_only(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(5))
    agree(alice, 1)
    agree(alice, 2)
    newer = [row(0, better_response_id=0), *rows(5)[1:]]
    again = import_rows(database, tmp_path, newer)
    assert counts(database, again) == {"present": 5, "changed": 1, "outdated": 1}
    assert record(database, again).changes == {"better_response_id": 1}
    assert sql(database, "SELECT id, better_response_id FROM entry") == [(1, 0), (2, 1), (3, 1), (4, 1), (5, 1)]
    outdated = "SELECT label_field, stored_value, verdict FROM verdict WHERE outdated"
    assert sql(database, outdated) == [("better_response_id", "1", "agree")]
    changes = "SELECT entry_id, label_field, old_value, new_value FROM label_change"
    assert sql(database, changes) == [(1, "better_response_id", "1", "0")]


def test_label_that_comes_back_outdates_no_longer(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(2))
    agree(alice, 1)
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Violence")), row(1)])
    fields = "SELECT label_field FROM verdict WHERE outdated ORDER BY id"
    assert [field for (field,) in sql(database, fields)] == [
        "response_0.is_safe", "response_0.harm_categories", "response_0.severity_level",
    ]  # fmt: skip
    import_rows(database, tmp_path, rows(2))
    assert sql(database, fields) == []


def test_row_that_is_gone_is_withdrawn_and_can_come_back(alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))
    agree(alice, 2)
    gone = import_rows(database, tmp_path, [row(0), row(2), row(3)])
    assert counts(database, gone) == {"present": 3, "withdrawn": 1}
    assert sql(database, "SELECT id FROM entry WHERE withdrawn") == [(2,)]
    assert alice.get("/entries/2").status_code == 200
    assert sql(database, "SELECT entry_id, state FROM review") == [(2, "submitted")]
    back = import_rows(database, tmp_path, rows(4))
    assert counts(database, back) == {"present": 4, "restored": 1}
    assert sql(database, "SELECT id FROM entry WHERE withdrawn") == []


def test_dry_run_tells_what_the_import_does_and_changes_nothing(
    alice: TestClient, database: Database, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, rows(6))
    agree(alice, 1)
    newer = write_jsonl(tmp_path / "newer.jsonl", [row(0, safer_response_id=0), *rows(5)[1:], row(9), '{"prompt": ""}'])
    before = everything(database)
    tried = import_file(database, newer, slug="pairs", dry_run=True)
    assert everything(database) == before
    told = record(database, tried)
    expected = {"imported": 1, "present": 5, "changed": 1, "withdrawn": 1, "outdated": 1}
    assert (told.is_dry_run, told.rows_rejected, told.changes) == (True, 1, {"safer_response_id": 1})
    assert counts(database, tried) == expected
    done = import_file(database, newer, slug="pairs")
    assert counts(database, done) == expected
    changes = "SELECT entry_id, label_field, old_value, new_value FROM label_change WHERE import_id = {} ORDER BY id"
    assert sql(database, changes.format(tried)) == sql(database, changes.format(done))


def test_dry_run_of_a_new_dataset_makes_none(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(3))
    tried = import_file(database, path, slug="pairs", dry_run=True)
    assert counts(database, tried) == {"imported": 3}
    assert sql(database, "SELECT count(*) FROM dataset") == [(0,)]


@pytest.mark.parametrize("asked", [{"limit": 2}, {"keep_missing": True}])
def test_part_of_a_source_withdraws_nothing(database: Database, tmp_path: Path, asked: dict[str, Any]) -> None:
    import_rows(database, tmp_path, rows(4))
    path = write_jsonl(tmp_path / "train.jsonl", rows(3))
    assert "withdrawn" not in counts(database, import_file(database, path, slug="pairs", **asked))


def test_other_splits_are_left_alone(database: Database, tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "train.jsonl", rows(3))
    test = write_jsonl(tmp_path / "test.jsonl", rows(9)[5:])
    import_file(database, train, test, slug="pairs")
    shorter = write_jsonl(tmp_path / "test.jsonl", rows(9)[6:])
    assert counts(database, import_file(database, shorter, slug="pairs")) == {"present": 3, "withdrawn": 1}
    assert sql(database, "SELECT split FROM entry WHERE withdrawn") == [("test",)]


def test_entry_in_another_split_keeps_its_review(alice: TestClient, database: Database, tmp_path: Path) -> None:
    train = write_jsonl(tmp_path / "train.jsonl", rows(3))
    test = write_jsonl(tmp_path / "test.jsonl", [row(5)])
    import_file(database, train, test, slug="pairs")
    agree(alice, 2)
    train = write_jsonl(tmp_path / "train.jsonl", [row(0), row(2)])
    test = write_jsonl(tmp_path / "test.jsonl", [row(5), row(1, better_response_id=0)])
    again = import_file(database, train, test, slug="pairs")
    assert counts(database, again) == {"present": 4, "changed": 1, "outdated": 1}
    assert record(database, again).changes == {"better_response_id": 1, "split": 1}
    assert sql(database, "SELECT id, split, row FROM entry ORDER BY id") == [
        (1, "train", 1), (2, "test", 2), (3, "train", 2), (4, "test", 1),
    ]  # fmt: skip
    assert sql(database, "SELECT entry_id FROM review") == [(2,)]
    assert "1 of 4 entries" in alice.get("/datasets/pairs/entries", params={"q": '"cactus number 1"'}).text


def test_file_of_another_dataset_is_refused(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))
    before = everything(database)
    strangers = write_jsonl(tmp_path / "train.jsonl", rows(9)[5:])
    with pytest.raises(InvalidInput, match=r"None of the first 4 rows is in the dataset, which has 4 entries in train"):
        import_file(database, strangers, slug="pairs")
    answers = [{"prompt": "Which soil?", "response": "Sand.", "is_safe": True, "category": {"animal_abuse": False}}]
    with pytest.raises(InvalidInput, match=r"cannot go into the dataset pairs\. These are BeaverTails"):
        import_rows(database, tmp_path, answers)
    assert everything(database) == before
    assert counts(database, import_file(database, strangers, slug="pairs", keep_missing=True)) == {"imported": 4}


def test_strict_import_leaves_nothing_behind(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", [*rows(1200), row(7, prompt=None)])
    with pytest.raises(Failed, match=r"train\.jsonl:1201: prompt: .*null.* Nothing was imported, as --strict asks"):
        import_file(database, path, slug="pairs", strict=True)
    assert sql(database, "SELECT count(*) FROM entry") == sql(database, "SELECT count(*) FROM dataset") == [(0,)]
    assert sql(database, "SELECT state, rows_rejected FROM dataset_import") == [("failed", 1)]
    write_jsonl(path, rows(3))
    assert counts(database, import_file(database, path, slug="pairs", strict=True)) == {"imported": 3}


def test_labels_that_a_copy_lacks_stay(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(0, unsafe_0=(3, "Drugs")), row(1)])
    lacking = [{k: v for k, v in one.items() if "severity" not in k and "sha256" not in k} for one in rows(2)]
    lacking[0]["better_response_id"] = 0
    lacking[0]["is_response_0_safe"] = False
    lacking[0]["response_0_harm_category"] = row(0, unsafe_0=(3, "Drugs"))["response_0_harm_category"]
    lacking[0]["safer_response_id"] = 1
    again = import_rows(database, tmp_path, lacking)
    assert record(database, again).changes == {"better_response_id": 1}
    assert sql(database, "SELECT severity_level FROM response WHERE entry_id = 1") == [(3,), (0,)]
    assert all(sha for (sha,) in sql(database, "SELECT sha256 FROM response"))


def test_repeated_annotations_are_met_again_each(database: Database, tmp_path: Path) -> None:
    def annotated(number: int, *categories: str) -> dict[str, Any]:
        names = ("animal_abuse", "privacy_violation", "self_harm")
        about = {"prompt": f"May cat {number} eat tuna?", "response": "Now and then.", "is_safe": not categories}
        return {**about, "category": {name: name in categories for name in names}}

    many = [annotated(1), annotated(1, "animal_abuse"), annotated(1), annotated(2)]
    import_rows(database, tmp_path, many)
    again = import_rows(database, tmp_path, [many[1], many[3], many[2], many[0]])
    assert counts(database, again) == {"present": 4}
    fewer = import_rows(database, tmp_path, [annotated(1, "animal_abuse"), annotated(2)])
    assert counts(database, fewer) == {"present": 2, "withdrawn": 2}
    assert sql(database, "SELECT id FROM entry WHERE withdrawn ORDER BY id") == [(1,), (3,)]


def test_import_records_where_it_came_from(database: Database, tmp_path: Path) -> None:
    found = record(database, import_rows(database, tmp_path, rows(2)))
    assert found.schema == "PKU-SafeRLHF pairs, 19 categories, 1 split"
    assert {"saferlhf-review", "orjson"} <= found.versions.keys()
    assert [(file["name"], file["rows"], len(file["sha256"])) for file in found.files] == [("pairs-train.jsonl", 2, 64)]


def test_reasons_are_summed_up_without_their_places(database: Database, tmp_path: Path) -> None:
    broken = ['{"prompt": "x" "y"}', '{"prompt": "longer" "y"}', "{}"]
    import_id = import_rows(database, tmp_path, [row(1), *broken])
    with database.read() as db:
        reasons = count_rejected_reasons(db, import_id)
    assert sorted(reasons.values()) == [1, 2]
    assert not any("column" in reason for reason in reasons)
