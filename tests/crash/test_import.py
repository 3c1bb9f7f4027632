"""kill -9 of an import at random moments: the next start says so, and the same command completes it to the row."""

import json
import shutil
import time
from pathlib import Path
from random import Random

import pytest

from tests.bench.processes import serving, start
from tests.crash.conftest import IMPORTED, REVIEWED, ROWS, SLUG, assert_counts_are_right, assert_sound, read, run_import

LONGEST = 1.2  # seconds; about what the import itself takes


def killed_import(source: Path, data_dir: Path, random: Random) -> float:
    """Kills an import somewhere between asking for it and what would be its end; returns after how long."""
    for left in data_dir.glob("import-*.lock"):
        left.unlink()
    process = start("app", "import", source, "--as", SLUG, "--json", data_dir=data_dir)
    while not list(data_dir.glob("import-*.lock")) and process.poll() is None:
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
        # Which entries are copies of each other is found out at the end.
        assert_counts_are_right(server, data_dir, but="contradiction")


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


def test_killed_revision_is_completed(revision: Path, under_review: Path, revised: Path) -> None:
    check_killed_revision(revision, under_review, revised, seed=3)


@pytest.mark.crash
@pytest.mark.parametrize("seed", range(100))
def test_import_killed_at_a_random_moment(corpus: Path, data_dir: Path, undisturbed: Path, seed: int) -> None:
    moment = killed_import(corpus, data_dir, Random(seed))
    left = states(data_dir)
    print(f"seed {seed}: killed after {moment:.3f} s, {left}, {count_entries(data_dir):,} rows")
    assert left in ([], ["queued"], ["running"], ["complete"])
    if left == ["running"] and seed % 5 == 0:
        assert_says_interrupted(data_dir)
    assert_completes(corpus, data_dir, undisturbed)
    over = [state.replace("running", "interrupted").replace("queued", "interrupted") for state in left]
    assert states(data_dir) == [*over, "complete"]


@pytest.mark.crash
@pytest.mark.parametrize("seed", range(50))
def test_revision_killed_at_random_moments(revision: Path, under_review: Path, revised: Path, seed: int) -> None:
    check_killed_revision(revision, under_review, revised, seed)


def check_killed_revision(revision: Path, under_review: Path, revised: Path, seed: int) -> None:
    """Two kills, then the same command once more: as if nothing had happened, reviews included."""
    random = Random(seed)
    for _ in range(2):
        killed_import(revision, under_review, random)
    run_import(revision, under_review)
    for table, statement in (IMPORTED | REVIEWED).items():
        assert read(under_review, statement) == read(revised, statement), f"{table} is not what it should be"
    assert_sound(under_review)
