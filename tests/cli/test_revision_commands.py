"""The terminal: what a revision would do, what can be said by hand, and taking a dataset away."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.db import Database
from app.locks import file_lock
from app.operations.verification import verify_backup
from app.settings import Settings
from tests.factories import import_rows, row, rows, write_jsonl

Run = Callable[..., subprocess.CompletedProcess[str]]


def agree(client: TestClient, *entry_ids: int) -> None:
    for entry_id in entry_ids:
        form = {"revision": "0", "action": "agree_rest"}
        client.post(f"/entries/{entry_id}/review", data=form, follow_redirects=False)


def test_dry_run_prints_what_would_change(run: Run, alice: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))
    agree(alice, 1)
    newer = write_jsonl(tmp_path / "train.jsonl", [row(0, better_response_id=0), row(1), row(2), row(9), row(8)])
    done = run("import", newer, "--as", "pairs", "--dry-run")
    assert done.stderr == f"{newer}: PKU-SafeRLHF pairs, 19 categories, 1 split\n"
    assert done.stdout.splitlines() == [
        "Would import PKU-SafeRLHF pairs, 19 categories, 1 split as pairs:",
        "          5 rows read",
        "          2 imported",
        "          3 already there",
        "          1 of them with another label than before: better_response_id 1",
        "          1 entries withdrawn, which the source no longer has",
        "          1 reviews outdated, which judged a label that changed",
        "          0 rejected",
        "Nothing was changed. The whole list: /imports/2; the same without --dry-run does it.",
    ]
    shown = json.loads(run("datasets", "show", "pairs", "--json").stdout)
    assert (shown["entries"], shown["withdrawn"], shown["reviews"]) == (4, 0, 1)
    assert [(one["is_dry_run"], one["state"]) for one in shown["imports"]] == [(True, "complete"), (False, "complete")]


def test_history_of_a_dataset_names_command_and_files(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(3))
    run("import", path, "--as", "pairs")
    write_jsonl(path, rows(2))
    run("import", path, "--as", "pairs")
    said = run("datasets", "show", "pairs").stdout
    assert "pairs (pairs), 2 entries, 0 reviews" in said
    assert "1 more are withdrawn: a later revision no longer has them" in said
    assert f"saferlhf-review import {path} --as pairs" in said
    assert "0 imported, 2 there, 0 rejected, 0 with other labels, 1 withdrawn" in said


def test_strict_import_says_which_row_and_fails(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", [row(0), "{", row(2)])
    done = run("import", path, "--strict")
    assert done.returncode == 1
    assert "train.jsonl:2: is not JSON" in done.stderr
    assert "Nothing was imported, as --strict asks." in done.stderr
    assert run("datasets").stdout == ""


def test_columns_are_told_by_hand(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", [{"ask": "Which pot?", "one": "Clay.", "two": "Tin.", "mood": "calm"}])
    unknown = run("import", path)
    assert unknown.returncode == 1
    assert "these columns are of no known schema: ask, mood, one, two" in unknown.stderr
    told = run("import", path, "--map", "prompt=ask,chosen=one", "--map", "rejected=two", "--json")
    assert json.loads(told.stdout)["rows_imported"] == 1


def test_format_is_told_where_the_name_does_not(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "rows.txt", rows(2))
    assert run("import", path).returncode == 1
    assert json.loads(run("import", path, "--format", "jsonl", "--json").stdout)["rows_imported"] == 2


def test_nothing_to_import_is_a_usage_error(run: Run) -> None:
    assert run("import").returncode == 2


def test_deleted_dataset_is_gone_and_backed_up(
    run: Run, alice: TestClient, database: Database, settings: Settings, tmp_path: Path
) -> None:
    import_rows(database, tmp_path, rows(700))
    import_rows(database, tmp_path, [row(0, prompt="May tomatoes share a pot?")], slug="other")
    agree(alice, 1, 2, 701)
    done = run("datasets", "delete", "pairs", "--confirm", "pairs", "--json")
    report = json.loads(done.stdout)
    assert (report["entries"], report["reviews"]) == (700, 2)
    assert verify_backup(Path(report["backup"])).reviews == 3
    assert alice.get("/datasets/pairs").status_code == alice.get("/entries/1").status_code == 404
    assert "1 of 1 entries" in alice.get("/datasets/other/entries?q=tomatoes").text
    assert run("check").returncode == 0


@pytest.mark.parametrize("arguments", [[], ["--confirm", "pair"]])
def test_dataset_is_not_deleted_without_its_name(
    run: Run, database: Database, tmp_path: Path, arguments: list[str]
) -> None:
    import_rows(database, tmp_path, rows(2))
    done = run("datasets", "delete", "pairs", *arguments)
    assert done.returncode in (1, 2)
    assert "--confirm" in done.stderr or "nothing was deleted" in done.stderr
    assert "2 entries" in run("datasets").stdout


def test_dataset_is_not_deleted_while_an_import_runs(run: Run, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(2))
    with file_lock(database.path.with_name("import.turn")):
        done = run("datasets", "delete", "pairs", "--confirm", "pairs")
    assert done.returncode == 1
    assert "An import is running" in done.stderr


def answer(settings: Settings, typed: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs the command at a terminal at which somebody types."""
    ours, theirs = os.openpty()
    os.write(ours, f"{typed}\n".encode())
    try:
        return subprocess.run(
            [sys.executable, "-m", "app", *map(str, arguments)],
            env={**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)},
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize(("typed", "entries"), [("n", 4), ("y", 3)])
def test_person_is_asked_before_entries_are_withdrawn(
    settings: Settings, run: Run, database: Database, tmp_path: Path, typed: str, entries: int
) -> None:
    import_rows(database, tmp_path, rows(4))
    shorter = write_jsonl(tmp_path / "train.jsonl", rows(3))
    done = answer(settings, typed, "import", shorter, "--as", "pairs")
    assert "1 entries withdrawn, which the source no longer has" in done.stdout
    assert "Do it?" in done.stderr
    assert json.loads(run("datasets", "show", "pairs", "--json").stdout)["entries"] == entries


def test_person_is_not_asked_when_nothing_changes(settings: Settings, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(4))
    done = answer(settings, "", "import", write_jsonl(tmp_path / "train.jsonl", rows(5)), "--as", "pairs")
    assert (done.returncode, "Do it?" in done.stderr) == (0, False)


def test_person_types_the_name_of_what_is_deleted(settings: Settings, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, rows(2))
    done = answer(settings, "pairs", "datasets", "delete", "pairs")
    assert "This deletes pairs: 2 entries and 0 reviews of them." in done.stderr
    assert "Deleted pairs: 2 entries, 0 reviews." in done.stdout
