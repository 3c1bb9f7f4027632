"""make bench: one run, one table; exits 1 when a budget is missed."""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.importing import ROWS, make_corpus, measure_import
from tests.bench.processes import SCRATCH, run
from tests.bench.serving import measure_during_import, measure_pages, measure_start
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


def measure_all(rows: int, rounds: int) -> list[Line]:
    corpus = SCRATCH / f"saferlhf-bench-{rows}-{SEED}"
    say(f"Corpus: {corpus}")
    make_corpus(corpus, rows, SEED)
    data_dir = Path(tempfile.mkdtemp(prefix="saferlhf-bench-data-"))
    try:
        run("app", "--help", data_dir=data_dir)  # compiles what has not run here before
        say(f"Import and its floors, {rounds} times over ...")
        loops = [loop_ms() for _ in range(9)]
        lines = measure_import(corpus, data_dir, rounds, rows)
        loops += [loop_ms() for _ in range(9)]
        say("Pages, JSON and reviews ...")
        lines += [measure_start(data_dir), *measure_pages(data_dir, rounds)]
        say("Reviews while an import runs ...")
        lines.append(measure_during_import(corpus, data_dir))
        return [*lines, speed_of_machine(loops + [loop_ms() for _ in range(9)])]
    finally:
        shutil.rmtree(data_dir)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the budgets on this machine.")
    parser.add_argument("--rows", type=int, default=ROWS, help=f"entries of the corpus (default {ROWS:,})")
    parser.add_argument("--quick", action="store_true", help="one round instead of three")
    options = parser.parse_args()
    lines = measure_all(options.rows, 1 if options.quick else 3)
    print_table(lines)
    missed = [line.what for line in lines if line.is_over]
    if missed:
        say(f"Over budget: {'; '.join(missed)}.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
