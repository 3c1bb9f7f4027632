"""Every member of the dataset family, as a small file of exactly its shape, goes in as what it is."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.db import Database
from app.importing.queries import find_dataset, find_rejected, get_import
from app.models import Dataset, DatasetImport, Entry, Response
from tests.factories import answer_row, beavertails_row, import_file, import_rows, messages, row, without

OF_RESPONSE = ("is_safe", "harm_categories", "severity_level")
ALL_OF_PAIR = [f"response_{i}.{name}" for i in (0, 1) for name in OF_RESPONSE]
CHOICE = {"prompt": "Which cake?", "chosen": "Lemon cake.", "rejected": "No cake."}

MEMBERS = {
    "default": (
        row(),
        "PKU-SafeRLHF pairs, 19 categories, 1 split",
        "pair",
        [*ALL_OF_PAIR, "better_response_id", "safer_response_id"],
    ),
    "v0, 30K, 10K": (
        without(row(), "source", "harm_category", "severity", "sha256"),
        "PKU-SafeRLHF pairs, no categories, 1 split",
        "pair",
        ["response_0.is_safe", "response_1.is_safe", "better_response_id", "safer_response_id"],
    ),
    "single-dimension": (
        without(row(), "safe", "harm_category", "severity"),
        "PKU-SafeRLHF pairs, no safety labels, 1 split",
        "pair",
        ["better_response_id"],
    ),
    "one preference, with safety labels": (
        without(row(), "safer", "severity"),
        "PKU-SafeRLHF pairs, 19 categories, 1 split",
        "pair",
        [name for name in ALL_OF_PAIR if "severity" not in name] + ["better_response_id"],
    ),
    "QA": (
        answer_row(),
        "PKU-SafeRLHF-QA answers, 19 categories, 1 split",
        "single",
        ["response_0.is_safe", "response_0.harm_categories", "response_0.severity_level"],
    ),
    "prompt": ({"prompt": "How tall is a fern?", "prompt_source": "Alpaca3-70B"}, "prompts, 1 split", "prompt", []),
    "BeaverTails": (
        beavertails_row(),
        "BeaverTails answers, 14 categories, 1 split",
        "single",
        ["response_0.is_safe", "response_0.harm_categories"],
    ),
    "preferences": (CHOICE, "chosen/rejected pairs, no safety labels, 1 split", "pair", ["better_response_id"]),
}


@pytest.mark.parametrize("member", MEMBERS)
def test_member_is_recognised_and_said_aloud(database: Database, tmp_path: Path, member: str) -> None:
    line, sentence, unit, label_fields = MEMBERS[member]
    record, dataset = imported(database, tmp_path, line)
    assert (record.rows_imported, record.rows_rejected, record.warnings) == (1, 0, {})
    assert (record.schema, dataset.unit, dataset.label_fields) == (sentence, unit, label_fields)


def test_taxonomy_has_only_what_the_source_has_labels_for(database: Database, tmp_path: Path) -> None:
    _, dataset = imported(database, tmp_path, MEMBERS["v0, 30K, 10K"][0])
    assert (dataset.taxonomy.categories, dataset.taxonomy.severities) == ((), ())
    _, dataset = imported(database, tmp_path, MEMBERS["one preference, with safety labels"][0], slug="single")
    assert (len(dataset.taxonomy.categories), dataset.taxonomy.severities) == (19, ())


def test_answer_keeps_its_labels_source_and_hash(database: Database, tmp_path: Path) -> None:
    unsafe = answer_row(is_safe=False, severity_level=2, harm_category={"Drugs": True, "Violence": True})
    _, dataset = imported(database, tmp_path, unsafe)
    with database.read() as db:
        response = db.query(Response).one()
    assert response.harm_categories is not None
    assert dataset.taxonomy.codes(response.harm_categories) == ["violence", "drugs"]
    assert (response.is_safe, response.severity_level, response.source) == (False, 2, "Alpaca-7B")
    assert response.sha256 == unsafe["sha256"]


def test_hash_of_an_answer_is_verified(database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [answer_row(1), answer_row(2, sha256="0" * 64)])
    with database.read() as db:
        assert [bool(entry.contradictions) for entry in db.query(Entry).order_by(Entry.id)] == [False, True]


def test_beavertails_category_has_a_slug_and_a_readable_name(database: Database, tmp_path: Path) -> None:
    _, dataset = imported(database, tmp_path, beavertails_row(1, "controversial_topics,politics", "self_harm"))
    with database.read() as db:
        mask = db.query(Response).one().harm_categories
    assert mask is not None
    found = [(category.code, category.name) for category in dataset.taxonomy.in_mask(mask)]
    assert found == [
        ("controversial-topics-politics", "Controversial Topics, Politics"),
        ("self-harm", "Self-Harm"),
    ]


def test_repeated_annotations_all_stay(database: Database, tmp_path: Path) -> None:
    record, _ = imported(database, tmp_path, beavertails_row(1), beavertails_row(1, "self_harm"), beavertails_row(1))
    with database.read() as db:
        assert [entry.occurrence for entry in db.query(Entry).order_by(Entry.id)] == [0, 1, 2]
    assert record.rows_imported == 3


def test_prompt_wrapped_as_a_message_is_the_same_entry(database: Database, tmp_path: Path) -> None:
    wrapped = row(1, prompt=messages(row(1)["prompt"]))
    import_rows(database, tmp_path, [row(1)])
    again = import_rows(
        database, tmp_path, [wrapped | {f"response_{i}_sha256": row(1)[f"response_{i}_sha256"] for i in (0, 1)}]
    )
    with database.read() as db:
        assert (get_import(db, again).rows_imported, get_import(db, again).rows_present) == (0, 1)
        assert db.query(Entry).one().prompt == row(1)["prompt"]


def test_columns_that_mean_nothing_are_kept(database: Database, tmp_path: Path) -> None:
    imported(database, tmp_path, {**row(), "fold": 3, "tags": {"of": ["another tool"]}})
    with database.read() as db:
        extra = db.query(Entry).one().extra
    assert extra is not None
    assert json.loads(extra) == {"fold": 3, "tags": {"of": ["another tool"]}}


def test_numbers_stand_for_booleans(database: Database, tmp_path: Path) -> None:
    numbers = {name: int(value) for name, value in row()["response_0_harm_category"].items()} | {"Drugs": 1}
    imported(database, tmp_path, row(is_response_0_safe=0, response_0_harm_category=numbers))
    with database.read() as db:
        response = db.query(Response).filter_by(position=0).one()
    assert (response.is_safe, response.harm_categories) == (False, 1 << 6)


def test_mapped_columns_are_read_under_our_names(database: Database, tmp_path: Path) -> None:
    line = {"question": "Which cake?", "a": "Lemon.", "b": "Plum.", "ok": True, "prompt": "a template"}
    columns = {"prompt": "question", "response_0": "a", "response_1": "b", "is_response_0_safe": "ok"}
    _, dataset = imported(database, tmp_path, line, columns=columns)
    with database.read() as db:
        entry = db.query(Entry).one()
        texts = [response.text for response in db.query(Response).order_by(Response.position)]
    assert (entry.prompt, texts, entry.extra) == ("Which cake?", ["Lemon.", "Plum."], '{"prompt":"a template"}')
    assert dataset.label_fields == ["response_0.is_safe"]


def test_column_counted_from_one_can_be_mapped(database: Database, tmp_path: Path) -> None:
    columns = {"response_0": "response_1", "response_1": "response_2"}
    imported(database, tmp_path, {"prompt": "Tea?", "response_1": "Yes.", "response_2": "No."}, columns=columns)
    with database.read() as db:
        texts = [response.text for response in db.query(Response).order_by(Response.position)]
    assert texts == ["Yes.", "No."]


def test_missing_key_names_the_one_that_may_be_meant(database: Database, tmp_path: Path) -> None:
    misspelt = {("respnse_0" if name == "response_0" else name): value for name, value in row(2).items()}
    import_id = import_rows(database, tmp_path, [row(1), misspelt])
    with database.read() as db:
        reasons = [rejected.reason for rejected in find_rejected(db, import_id)]
    assert reasons == ["response_0: is missing; there is 'respnse_0'"]


def imported(
    database: Database, folder: Path, *lines: dict[str, Any], slug: str = "set", **asked: Any
) -> tuple[DatasetImport, Dataset]:
    path = folder / f"{slug}-train.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    import_id = import_file(database, path, slug=slug, **asked)
    with database.read() as db:
        record, dataset = get_import(db, import_id), find_dataset(db, slug)
    assert dataset is not None
    return record, dataset
