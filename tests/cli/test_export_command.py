"""Exports by the command: files that are whole or not there, and a pipe."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete

from app.db import Database
from app.models import Response
from app.settings import Settings
from tests.factories import import_rows, row, rows

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(autouse=True)
def pairs(database: Database, tmp_path: Path) -> None:
    import_rows(
        database, tmp_path, [row(n, unsafe_0=(n % 3 + 1, "Cybercrime")) if n % 2 else row(n) for n in range(20)]
    )


def test_entries_are_written_in_the_order_asked_for(run: Run, tmp_path: Path) -> None:
    asked = ("--what", "entries", "--format", "jsonl", "--filter", "?category=cybercrime&sort=severity&limit=2")
    done = run("export", "pairs", *asked, "--output", tmp_path / "out.jsonl")
    assert done.returncode == 0
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_bytes().splitlines()]
    levels = [line["response_0_severity_level"] for line in lines]
    assert levels == sorted(levels, reverse=True)
    assert (
        done.stderr == f"Wrote {tmp_path / 'out.jsonl'} (10 rows, {(tmp_path / 'out.jsonl').stat().st_size:,} bytes).\n"
    )


def test_parquet_opens_with_datasets(run: Run, tmp_path: Path) -> None:
    run("export", "pairs", "--what", "entries", "--format", "parquet", "-o", tmp_path / "pairs.parquet")
    program = (
        "import datasets, json, sys; found = datasets.load_dataset('parquet', data_files=sys.argv[1], split='train',"
        " cache_dir=sys.argv[2]); print(json.dumps([len(found), found[1], str(found.features['review_flagged'])]))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "pairs.parquet"), str(tmp_path / "cache")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    count, line, kind = json.loads(done.stdout.splitlines()[-1])
    assert {name: value for name, value in line.items() if not name.startswith("review_")} == row(
        1, unsafe_0=(2, "Cybercrime")
    )
    assert (count, kind) == (20, "Value('bool')")


def test_other_columns_have_one_type_each(run: Run, database: Database, tmp_path: Path) -> None:
    others = [
        {"score": 1, "mixed": 1, "tags": ["a"], "of": {"one": 1}, "big": 2**63, "none": None, "odd": {}},
        {
            "score": 0.5,
            "mixed": "one",
            "tags": [],
            "of": {"two": None},
            "big": 1,
            "none": None,
            "deep": [[[[[[[[[[1]]]]]]]]]],
        },
    ]
    import_rows(database, tmp_path, [row(n) | other for n, other in enumerate(others)], slug="others")
    run("export", "others", "--what", "entries", "--format", "parquet", "-o", tmp_path / "others.parquet")
    program = (
        "import json, sys, pyarrow.parquet as pq; table = pq.read_table(sys.argv[1]).select(json.loads(sys.argv[2]));"
        " print(json.dumps([{f.name: str(f.type) for f in table.schema}, table.to_pylist()]))"
    )
    names = ["score", "mixed", "tags", "of", "big", "none", "odd", "deep"]
    command = [sys.executable, "-c", program, str(tmp_path / "others.parquet"), json.dumps(names)]
    types, lines = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60).stdout)
    assert types == {
        "score": "double",
        "mixed": "large_string",
        "tags": "list<element: large_string>",
        "of": "struct<one: int64, two: large_string>",
        "big": "large_string",
        "none": "large_string",
        "odd": "large_string",
        "deep": "large_string",
    }
    first, second = lines
    assert first == {
        "score": 1.0, "mixed": "1", "tags": ["a"], "of": {"one": 1, "two": None}, "big": str(2**63), "none": None,
        "odd": "{}", "deep": None,
    }  # fmt: skip
    assert (second["mixed"], second["of"], second["deep"]) == (
        '"one"',
        {"one": None, "two": None},
        "[[[[[[[[[[1]]]]]]]]]]",
    )


def test_standard_output_holds_the_file_alone(run: Run) -> None:
    done = run("export", "pairs", "--what", "entries", "--format", "csv", "--output", "-")
    assert done.stdout.startswith("prompt,response_0,response_1,prompt_source,")
    assert done.stderr.startswith("Wrote (20 rows, ")


def test_reader_that_has_enough_ends_it_quietly(settings: Settings, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(400), slug="many")
    command = f"'{sys.executable}' -m app export many --what entries --format jsonl -o - | head -c 1"
    environment = {**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)}
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(command, shell=True, cwd=root, env=environment, capture_output=True, text=True, timeout=60)  # noqa: S602
    assert (done.stdout, done.stderr) == ("{", "")


@pytest.mark.parametrize(
    ("query", "said"), [("colour=red", "'colour' is no parameter"), ("sort=colour", "value of sort")]
)
def test_filter_that_cannot_be_read_names_its_parameter(run: Run, tmp_path: Path, query: str, said: str) -> None:
    failed = run("export", "pairs", "--what", "entries", "--format", "csv", "--filter", query, "-o", tmp_path / "x.csv")
    assert failed.returncode == 1
    assert said in failed.stderr
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_file_stays_as_it_was_when_its_export_fails(run: Run, database: Database, tmp_path: Path, form: str) -> None:
    with database.write() as db:
        db.execute(delete(Response).where(Response.entry_id == 20))  # which no import leaves behind
    (tmp_path / "out").write_text("as it was")
    assert run("export", "pairs", "--what", "entries", "--format", form, "-o", tmp_path / "out").returncode == 1
    assert (tmp_path / "out").read_text() == "as it was"
    assert [path.name for path in tmp_path.glob("out*")] == ["out"]
