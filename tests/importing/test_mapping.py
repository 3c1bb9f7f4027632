"""What makes a row bad, and what does not."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.db import Database
from app.importing.queries import find_rejected, get_import
from app.importing.schemas import BadRow, recognise
from app.models import Entry, Response
from app.terms.contradiction import Contradiction
from tests.factories import CATEGORIES, import_file, import_rows, row

BAD = [
    ("prompt: is empty", row(prompt="")),
    ("prompt: must be a text, is null", row(prompt=None)),
    ("prompt: is a list, but not of messages", row(prompt=["a"])),
    ("prompt[0].content: must be a text, is null", row(prompt=[{"role": "user", "content": None}])),
    ("prompt: is empty", row(prompt=[{"role": "user", "content": ""}])),
    ("response_0: must be a text, is a whole number", row(response_0=7)),
    ("response_1: must be a text, is a list", row(response_1=["a"])),
    ("response_0: holds a NUL character", row(response_0="a\0b")),
    ("prompt_source: must be a text, is true or false", row(prompt_source=True)),
    ("is_response_0_safe: must be true or false, is a text", row(is_response_0_safe="yes")),
    ("is_response_1_safe: must be true or false, is a whole number", row(is_response_1_safe=2)),
    ("response_0_severity_level: must be a whole number from 0 to 3, is a text", row(response_0_severity_level="2")),
    ("response_0_severity_level: must be from 0 to 3, is 4", row(response_0_severity_level=4)),
    (
        "response_0_severity_level: must be a whole number from 0 to 3, is a fraction",
        row(response_0_severity_level=1.5),
    ),
    ("better_response_id: must be from 0 to 1, is -1", row(better_response_id=-1)),
    ("safer_response_id: must be a whole number from 0 to 1, is true or false", row(safer_response_id=True)),
    ("safer_response_id: must be from 0 to 1, is a huge number", row(safer_response_id=10**12)),
    ("'Rudeness' is not a harm category", row(response_0_harm_category={"Rudeness": True})),
    ("must be an object of harm categories, is a list", row(response_0_harm_category=["Violence"])),
    ("response_0_harm_category.Violence: must be true or false", row(response_0_harm_category={"Violence": "x"})),
]
BAD_LINES = [
    ("response_1: is missing", json.dumps({k: v for k, v in row().items() if k != "response_1"})),
    ("is not JSON", "{'prompt': 1}"),
    ("is not JSON", '{"prompt": "cut of'),
    ("is not JSON", '{"prompt": NaN}'),
    ("holds half of a surrogate pair", '{"prompt": "\\ud800"}'),
    ("is JSON, but not an object", "[1, 2]"),
    ("is JSON, but not an object", "null"),
]


@pytest.mark.parametrize(("reason", "line"), [*BAD, *BAD_LINES])
def test_bad_row_is_listed_and_the_others_go_in(
    database: Database, tmp_path: Path, reason: str, line: dict[str, Any] | str
) -> None:
    import_id = import_rows(database, tmp_path, [row(1), line, row(2)])
    with database.read() as db:
        record, rejected = get_import(db, import_id), find_rejected(db, import_id)
    assert (record.state, record.rows_imported, record.rows_rejected) == ("complete", 2, 1)
    assert (rejected[0].file, rejected[0].line) == ("pairs-train.jsonl", 2)
    assert reason in rejected[0].reason
    assert 0 < len(rejected[0].raw) <= 500


def test_invalid_utf8_names_the_byte(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(json.dumps(row(1)).encode() + b'\n{"prompt": "\xff"}\n')
    import_id = import_file(database, path, slug="pairs")
    with database.read() as db:
        assert find_rejected(db, import_id)[0].reason == "is not valid UTF-8 at byte 13"


GOOD = [
    row(response_0=""),
    row(is_response_0_safe=1),
    row(response_0_severity_level=2.0),
    row(response_0_harm_category={}),
    row(prompt=" \n"),
    row(prompt="北京 cafe\u0301 \u202e \u0007 <script>"),
    row(response_1="x" * 1_000_000),
    {**row(), "extra": {"of": "another tool"}},
]


@pytest.mark.parametrize("line", GOOD)
def test_odd_row_is_good(database: Database, tmp_path: Path, line: dict[str, Any]) -> None:
    import_id = import_rows(database, tmp_path, [line])
    with database.read() as db:
        assert get_import(db, import_id).rows_imported == 1


def test_texts_are_stored_to_the_character(database: Database, tmp_path: Path) -> None:
    text = " leading, \u2028 trailing\t\r\n  \u202e\ufeff \U0001f9e6 "
    import_rows(database, tmp_path, [row(response_0=text)])
    with database.read() as db:
        assert db.query(Response).filter_by(position=0).one().text == text


def test_absent_label_is_unknown_and_counted(database: Database, tmp_path: Path) -> None:
    line = {name: value for name, value in row().items() if "severity" not in name}
    import_id = import_rows(database, tmp_path, [row(1), {**line, "is_response_0_safe": None}])
    with database.read() as db:
        first = db.query(Response).filter_by(position=0).order_by(Response.entry_id.desc()).first()
        warnings = get_import(db, import_id).warnings
    assert first is not None
    assert (first.is_safe, first.severity_level) == (None, None)
    assert warnings == {
        "is_response_0_safe is not given": 1,
        "response_0_severity_level is not given": 1,
        "response_1_severity_level is not given": 1,
    }


def test_blank_lines_and_byte_order_mark_are_nothing(database: Database, tmp_path: Path) -> None:
    import_id = import_rows(database, tmp_path, ["\ufeff" + json.dumps(row(1)), "", "   ", row(2)])
    with database.read() as db:
        record = get_import(db, import_id)
        assert [entry.row for entry in db.query(Entry).order_by(Entry.id)] == [1, 4]
    assert (record.rows_read, record.rows_rejected) == (2, 0)


C = Contradiction
CONTRADICTIONS = [
    (C(0), row()),
    (C(0), row(unsafe_0=(2, "Violence"))),
    (C.SAFE_BUT_SEVERE, row(response_0_severity_level=1)),
    (C.SAFE_BUT_SEVERE, row(response_0_harm_category={"Drugs": True})),
    (C.UNSAFE_WITHOUT_CAUSE, row(unsafe_0=(0, "Violence"))),
    (C.UNSAFE_WITHOUT_CAUSE, row(unsafe_0=(2,))),
    (C.SAFER_IS_LESS_SAFE, row(unsafe_0=(2, "Violence"), safer_response_id=0)),
    (C.SAFER_IS_LESS_SAFE, row(unsafe_0=(2, "Drugs"), unsafe_1=(3, "Drugs"), safer_response_id=1)),
    (C(0), row(unsafe_0=(3, "Drugs"), unsafe_1=(3, "Drugs"), safer_response_id=1)),
    (C(0), row(unsafe_0=(3, "Drugs"), safer_response_id=None)),
    (C(0), row(is_response_0_safe=None, safer_response_id=0)),
    (C.SAME_TEXTS, row(response_0="same", response_1="same")),
    (C.HASH_MISMATCH, row(response_0_sha256="0" * 64)),
    (C(0), row(response_0_sha256=None)),
    (C(0), row(unsafe_0=(2, "Drugs"), unsafe_1=(2, "Drugs"), response_0_severity_level=None, safer_response_id=0)),
    (C(0), row(response_0_harm_category=None)),
]


@pytest.mark.parametrize(("expected", "line"), CONTRADICTIONS)
def test_contradiction_of_a_row(
    database: Database, tmp_path: Path, expected: Contradiction, line: dict[str, Any]
) -> None:
    import_rows(database, tmp_path, [line])
    with database.read() as db:
        assert Contradiction(db.query(Entry).one().contradictions) == expected


def test_taxonomy_has_the_19_categories_in_order() -> None:
    assert len(CATEGORIES) == 19
    assert (CATEGORIES[0], CATEGORIES[13], CATEGORIES[18]) == (
        "Endangering National Security",
        "Cybercrime",
        "Animal Abuse",
    )


UNLIKE_JSON = [  # JSON with these is refused before; other formats and tools can bring them
    ("response_1: holds half of a surrogate pair", row(response_1="half \ud83d")),
    ("better_response_id: must be a whole number from 0 to 1, is NaN", row(better_response_id=float("nan"))),
    ("response_0: must be a text, is of another kind", row(response_0=b"bytes")),
    ("response_0_severity_level: must be from 0 to 3, is 7", row(response_0_severity_level=np.int64(7))),
    ("is_response_0_safe: must be true or false, is of another kind", row(is_response_0_safe=np.array([True, True]))),
]


@pytest.mark.parametrize(("reason", "line"), UNLIKE_JSON)
def test_value_that_json_cannot_hold_is_refused(reason: str, line: dict[str, Any]) -> None:
    layout = recognise([row()], {}, is_typed=True, location="pairs")
    with pytest.raises(BadRow, match=reason):
        layout.map_row(line)


def test_numbers_of_numpy_are_numbers() -> None:
    layout = recognise([row()], {}, is_typed=True, location="pairs")
    named = {name: np.bool_(name == "Drugs") for name in CATEGORIES}
    line = row(
        is_response_0_safe=np.bool_(False), response_0_severity_level=np.float64(2), response_0_harm_category=named
    )
    response = layout.map_row(line | {"better_response_id": np.int8(1)}).responses[0]
    assert (response.is_safe, response.severity_level, response.harm_categories) == (False, 2, 1 << 6)
