"""In CSV and TSV every cell is a text: what each must be is said by its column."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.db import Database
from app.importing.queries import find_dataset, find_rejected, get_import
from app.models import Entry, Response
from tests.factories import CATEGORIES, beavertails_row, import_file, messages, row

NO_CATEGORY = dict.fromkeys(CATEGORIES, False)


def import_cells(database: Database, folder: Path, *lines: dict[str, Any]) -> int:
    """Cells are written as Python prints their values, which is how such files come about."""
    path = folder / "cells-train.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return import_file(database, path, slug="cells")


def test_pairs_are_read_from_cells(database: Database, tmp_path: Path) -> None:
    import_id = import_cells(database, tmp_path, row(1, unsafe_0=(2, "Drugs")))
    with database.read() as db:
        entry, record = db.query(Entry).one(), get_import(db, import_id)
        first, second = db.query(Response).order_by(Response.position)
    assert (record.schema, record.warnings) == ("PKU-SafeRLHF pairs, 19 categories, 1 split", {})
    assert (entry.better_response_id, entry.safer_response_id) == (1, 1)
    assert (first.is_safe, first.severity_level, first.harm_categories) == (False, 2, 1 << 6)
    assert (second.is_safe, second.severity_level, second.harm_categories) == (True, 0, 0)


def test_beavertails_literal_is_an_object(database: Database, tmp_path: Path) -> None:
    import_cells(database, tmp_path, beavertails_row(1), beavertails_row(2, "animal_abuse"))
    with database.read() as db:
        dataset = find_dataset(db, "cells")
        labels = [(r.is_safe, r.harm_categories) for r in db.query(Response).order_by(Response.entry_id)]
    assert dataset is not None
    assert (dataset.schema, labels) == ("beavertails", [(True, 0), (False, 1)])


SAFE = [
    ("True", True),
    ("true", True),
    ("1", True),
    ("FALSE", False),
    ("0", False),
    (" 0 ", False),
    ("", None),
]


@pytest.mark.parametrize(("cell", "expected"), SAFE)
def test_cell_is_true_false_or_unknown(database: Database, tmp_path: Path, cell: str, expected: bool | None) -> None:
    import_cells(database, tmp_path, row(is_response_0_safe=cell))
    with database.read() as db:
        assert db.query(Response).filter_by(position=0).one().is_safe is expected


def test_empty_cells_are_unknown_but_an_empty_response_is_a_text(database: Database, tmp_path: Path) -> None:
    empty = dict.fromkeys(["response_0", "response_0_source", "response_0_severity_level", "response_0_sha256"], "")
    import_id = import_cells(database, tmp_path, row(1), row(2, **empty, response_0_harm_category=""))
    with database.read() as db:
        response = db.query(Response).filter_by(position=0).order_by(Response.entry_id.desc()).first()
        warnings = get_import(db, import_id).warnings
    assert response is not None
    found = (response.source, response.severity_level, response.sha256, response.harm_categories)
    assert (response.text, found) == ("", (None, None, None, None))
    assert set(warnings) == {
        "response_0_source is not given",
        "response_0_severity_level is not given",
        "response_0_sha256 is not given",
        "response_0_harm_category is not given",
    }


def test_response_that_looks_like_a_number_is_a_text(database: Database, tmp_path: Path) -> None:
    import_cells(database, tmp_path, row(response_0="007", response_1="True"))
    with database.read() as db:
        assert [r.text for r in db.query(Response).order_by(Response.position)] == ["007", "True"]


def test_object_may_be_json(database: Database, tmp_path: Path) -> None:
    import_cells(database, tmp_path, row(response_0_harm_category=json.dumps(NO_CATEGORY | {"Violence": True})))
    with database.read() as db:
        assert db.query(Response).filter_by(position=0).one().harm_categories == 1 << 5


BAD = [
    ("prompt: is empty", {"prompt": ""}),
    ("is_response_0_safe: must be true or false", {"is_response_0_safe": "yes"}),
    ("response_0_severity_level: must be a whole number", {"response_0_severity_level": "2.5"}),
    ("response_0_severity_level: must be a whole number", {"response_0_severity_level": "9" * 5000}),
    ("response_0_severity_level: must be from 0 to 3, is 4", {"response_0_severity_level": "4"}),
    ("better_response_id: must be from 0 to 1, is -1", {"better_response_id": "-1"}),
    ("must be an object of harm categories", {"response_0_harm_category": "Violence"}),
    ("must be an object of harm categories", {"response_0_harm_category": "['Violence']"}),
    ("must be an object of harm categories", {"response_0_harm_category": "{'Violence'}"}),
    ("must be an object of harm categories", {"response_0_harm_category": "{'Violence': open('x')}"}),
    ("must be an object of harm categories", {"response_0_harm_category": "{" * 3000}),
    ("must be an object of harm categories", {"response_0_harm_category": "{'a':" + "-" * 3900 + "1}"}),
    ("must be an object of harm categories", {"response_0_harm_category": f"{{'{'x' * 5000}': True}}"}),
    ("'Rudeness' is not a harm category", {"response_0_harm_category": "{'Rudeness': True}"}),
    ("'7' is not a harm category", {"response_0_harm_category": "{7: True}"}),
    (".Violence: must be true or false", {"response_0_harm_category": "{'Violence': 'x'}"}),
]


@pytest.mark.parametrize(("reason", "cells"), BAD)
def test_bad_cell_is_listed(database: Database, tmp_path: Path, reason: str, cells: dict[str, str]) -> None:
    import_id = import_cells(database, tmp_path, row(1), row(2, **cells))
    with database.read() as db:
        assert get_import(db, import_id).rows_imported == 1
        (rejected,) = find_rejected(db, import_id)
    assert reason in rejected.reason


@pytest.mark.parametrize("write", [json.dumps, str])
def test_messages_in_cells_are_conversations(database: Database, tmp_path: Path, write: Any) -> None:
    chosen, rejected = write(messages("Which cake?", "Lemon.")), write(messages("Which cake?", "None."))
    import_cells(database, tmp_path, {"prompt": "Which cake?", "chosen": chosen, "rejected": rejected})
    with database.read() as db:
        assert db.query(Entry).one().prompt == "Which cake?"
        assert {response.text for response in db.query(Response)} == {"Lemon.", "None."}


def test_prompt_that_only_looks_like_messages_stays_a_text(database: Database, tmp_path: Path) -> None:
    import_cells(database, tmp_path, row(prompt='[{"cake": "lemon"}]'), row(prompt="[{mix}]"))
    with database.read() as db:
        assert [entry.prompt for entry in db.query(Entry).order_by(Entry.id)] == ['[{"cake": "lemon"}]', "[{mix}]"]
