"""kill -9 of an import at random moments: the next start says so, and the same command completes it to the row."""

import json
import shutil
import time
from pathlib import Path
from random import Random

import pytest

from tests.bench.processes import serving, start
from tests.crash.conftest import IMPORTED, ROWS, SLUG, assert_sound, read, run_import

LONGEST = 0.45  # seconds; about what the import itself takes


def killed_import(corpus: Path, data_dir: Path, random: Random) -> float:
    """Kills an import somewhere between opening the database and what would be its end; returns after how long."""
    (data_dir / f"import-{SLUG}.lock").unlink(missing_ok=True)
    process = start("app", "import", corpus, "--as", SLUG, "--json", data_dir=data_dir)
    while not (data_dir / f"import-{SLUG}.lock").exists() and process.poll() is None:
        time.sleep(0.001)
    moment = random.uniform(0, LONGEST)
    time.sleep(moment)
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    return moment


def states(data_dir: Path) -> list[str]:
    return [state for (state,) in read(data_dir, "SELECT state FROM dataset_import ORDER BY id")]


def count_entries(data_dir: Path) -> int:
    return read(data_dir, "SELECT count(*) FROM entry")[0][0]


def assert_says_interrupted(data_dir: Path) -> None:
    rows = read(data_dir, "SELECT rows_read FROM dataset_import ORDER BY id DESC LIMIT 1")[0][0]
    with serving("app", "serve", "--port", 0, data_dir=data_dir) as server:
        assert f"An import into {SLUG} was interrupted after {rows:,} rows" in server.said
        assert "run the same import again to complete it" in server.said


def assert_completes(corpus: Path, data_dir: Path, undisturbed: Path) -> None:
    """The same command adds exactly what is missing; then nothing tells the database from an undisturbed one."""
    there = count_entries(data_dir)
    report = json.loads(run_import(corpus, data_dir).output)
    counts = [report[name] for name in ("rows_read", "rows_imported", "rows_present", "rows_rejected")]
    assert counts == [ROWS, ROWS - there, there, 0]
    assert "running" not in states(data_dir)
    assert states(data_dir)[-1] == "complete"
    for table, statement in IMPORTED.items():
        assert read(data_dir, statement) == read(undisturbed, statement), f"{table} is not what it should be"
    assert_sound(data_dir)


def test_import_killed_again_and_again_is_completed(corpus: Path, data_dir: Path, undisturbed: Path) -> None:
    random = Random(1)
    for _ in range(4):
        killed_import(corpus, data_dir, random)
    assert_completes(corpus, data_dir, undisturbed)


def test_next_start_tells_of_a_killed_import(corpus: Path, data_dir: Path) -> None:
    random = Random(2)
    killed_import(corpus, data_dir, random)
    while states(data_dir) != ["running"]:  # too early, or too late
        shutil.rmtree(data_dir)
        data_dir.mkdir()
        killed_import(corpus, data_dir, random)
    assert_says_interrupted(data_dir)
    assert states(data_dir) == ["interrupted"]


def test_killed_reimport_adds_nothing(corpus: Path, imported: Path, undisturbed: Path) -> None:
    check_killed_reimport(corpus, imported, undisturbed, seed=3)


@pytest.mark.crash
@pytest.mark.parametrize("seed", range(20))
def test_import_killed_at_a_random_moment(corpus: Path, data_dir: Path, undisturbed: Path, seed: int) -> None:
    moment = killed_import(corpus, data_dir, Random(seed))
    left = states(data_dir)
    print(f"seed {seed}: killed after {moment:.3f} s, {left}, {count_entries(data_dir):,} rows")
    assert left in ([], ["running"], ["complete"])
    if left == ["running"]:
        assert_says_interrupted(data_dir)
    assert_completes(corpus, data_dir, undisturbed)
    assert states(data_dir) == [state.replace("running", "interrupted") for state in left] + ["complete"]


@pytest.mark.crash
@pytest.mark.parametrize("seed", range(10))
def test_reimport_killed_at_random_moments(corpus: Path, imported: Path, undisturbed: Path, seed: int) -> None:
    check_killed_reimport(corpus, imported, undisturbed, seed)


def check_killed_reimport(corpus: Path, imported: Path, undisturbed: Path, seed: int) -> None:
    random = Random(seed)
    for _ in range(2):
        killed_import(corpus, imported, random)
        assert count_entries(imported) == ROWS
    assert_completes(corpus, imported, undisturbed)
