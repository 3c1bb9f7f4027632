"""make bench: one run, one table; exits 1 when a budget is missed."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.importing import ROWS, make_corpus, measure_import, measure_large_import
from tests.bench.keys import measure_keys
from tests.bench.limits import LARGE, limits_of
from tests.bench.processes import SCRATCH, run
from tests.bench.serving import measure_during_import, measure_pages, measure_start, measure_throughput
from tests.bench.spot_checks import measure_spot_checks
from tests.bench.table import Line, print_table

SEED = 1


def say(line: str) -> None:
    sys.stderr.write(line + "\n")


def loop_ms() -> float:
    """A fixed piece of Python: tells how fast the machine happens to be, so that two runs can be compared."""
    started = time.perf_counter()
    sum(number * number for number in range(300_000))
    return 1000 * (time.perf_counter() - started)


def speed_of_machine(loops: list[float]) -> Line:
    note = f"from {min(loops):.1f} to {max(loops):.1f} ms during this run"
    return Line("this machine: a fixed loop of Python, p50", median(loops), "ms", note=note)


def measure_all(rows: int, rounds: int, kept: Path | None) -> list[Line]:
    """Into a data folder of its own that is removed, or into one that is kept and, when it is there, used again."""
    corpus, limits = SCRATCH / f"saferlhf-bench-{rows}-{SEED}", limits_of(rows)
    is_there = kept is not None and (kept / "review.db").exists()
    data_dir = kept or Path(tempfile.mkdtemp(prefix="saferlhf-bench-data-"))
    loops = [loop_ms() for _ in range(9)]
    try:
        run("app", "--help", data_dir=data_dir)  # compiles what has not run here before
        lines = [] if is_there else _measure_imports(corpus, data_dir, rounds, rows)
        loops += [loop_ms() for _ in range(9)]
        say("Pages, JSON and reviews ...")
        lines += [measure_start(data_dir, limits), *measure_pages(data_dir, rounds, limits)]
        say("Key presses in Chromium ...")
        lines += measure_keys(data_dir, limits)
        say("Pages a second ...")
        lines += measure_throughput(data_dir, rounds, limits)
        if rows < LARGE:
            say("Reviews while an import runs ...")
            lines.append(measure_during_import(corpus, data_dir))
            say("Review sessions ...")
            lines += measure_spot_checks(data_dir)
        return [*lines, speed_of_machine(loops + [loop_ms() for _ in range(9)])]
    finally:
        if kept is None:
            shutil.rmtree(data_dir)


def _measure_imports(corpus: Path, data_dir: Path, rounds: int, rows: int) -> list[Line]:
    say(f"Corpus: {corpus}")
    make_corpus(corpus, rows, SEED)
    if rows >= LARGE:
        say("Import, once ...")
        return measure_large_import(corpus, data_dir, rows)
    say(f"Import and its floors, {rounds} times over ...")
    return measure_import(corpus, data_dir, rounds, rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the budgets on this machine.")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"entries of the corpus (default {ROWS:,})")
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    parser.add_argument(
        "--data", type=Path, help="keep the database in this folder; one that is there is not made anew"
    )
    options = parser.parse_args()
    lines = measure_all(options.rows, 1 if options.quick else 3, options.data)
    print_table(lines)
    missed = [line.what for line in lines if line.is_over]
    if missed:
        say(f"Over budget: {'; '.join(missed)}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
