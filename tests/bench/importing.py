"""The imports beside their floors, round about, so that a busy minute of the machine meets all of them."""

import json
import shutil
from pathlib import Path
from statistics import median

import pyarrow.json
from pyarrow import parquet

from tests.bench.processes import Usage, run
from tests.bench.table import Line
from tests.corpus import write_corpus

ROWS = 83_400
MOST_MB, MOST_LARGE_MB = 300, 600
# Times the floor: 0.8 of its rate for lines of JSON, half of it for Parquet.
JSON_LINES, PARQUET = 1.25, 2.0


def make_corpus(folder: Path, rows: int, seed: int) -> None:
    """Once; a folder without its README.md was not finished."""
    if not (folder / "README.md").exists():
        unfinished = folder.with_name(folder.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        write_corpus(unfinished, rows, seed)
        unfinished.rename(folder)


def make_parquet(corpus: Path) -> Path:
    """The same rows as a folder of Parquet files, once."""
    folder = corpus.with_name(corpus.name + "-parquet")
    if not (folder / "README.md").exists():
        for path in corpus.glob("data/*/*.jsonl"):
            target = folder / path.relative_to(corpus).with_suffix(".parquet")
            target.parent.mkdir(parents=True, exist_ok=True)
            parquet.write_table(pyarrow.json.read_json(path), target)
        card = (corpus / "README.md").read_text().replace(".jsonl", ".parquet")
        (folder / "README.md").write_text(card)
    return folder


def measure_import(corpus: Path, data_dir: Path, rounds: int, rows: int) -> list[Line]:
    """Leaves the database of the last round in `data_dir`."""
    imports, others, parsing, writing = [], [], [], []
    for _ in range(rounds):
        others.append(_import(make_parquet(corpus), data_dir, rows))
        parsing.append(_floor("json", corpus))
        imports.append(_import(corpus, data_dir, rows))
        writing.append(_floor("rows", data_dir / "review.db"))
    is_large = rows >= ROWS  # in a small import, starting the process is most of it
    seconds = [used.seconds for used in imports]
    floors = [one["seconds"] + other["seconds"] for one, other in zip(parsing, writing, strict=True)]
    cpu_floor = median(one["cpu"] + other["cpu"] for one, other in zip(parsing, writing, strict=True))
    ratio = median(ours / floor for ours, floor in zip(seconds, floors, strict=True))
    parts = " + ".join(f"{median(each['seconds'] for each in part):.2f} s" for part in (parsing, writing))
    return [
        Line(
            "import, time",
            median(seconds),
            "s",
            median(floors),
            JSON_LINES if is_large else None,
            None,
            ratio,
            f"floor: {parts}, parsing and writing",
        ),
        Line("import, processor time", median(used.cpu for used in imports), "s", cpu_floor),
        Line("import, rate", rows / median(seconds), "rows/s", rows / median(floors)),
        Line("import, peak memory, its two processes", max(used.peak_mb for used in imports), "MB", budget=MOST_MB),
        _line_of_parquet(others, floors, is_large=is_large),
        Line("import of Parquet, peak memory", max(used.peak_mb for used in others), "MB", budget=MOST_MB),
        Line("database", _size_mb(data_dir), "MB", _size_mb(corpus), note="floor: the JSON lines"),
    ]


def measure_large_import(corpus: Path, data_dir: Path, rows: int) -> list[Line]:
    """Once, beside the rate of a hundredth of it on the same machine."""
    small = corpus.with_name(f"saferlhf-bench-{ROWS}-1")
    make_corpus(small, ROWS, 1)
    usual = ROWS / _import(small, data_dir, ROWS).seconds
    used = _import(corpus, data_dir, rows)
    return [
        Line("import, rate", rows / used.seconds, "rows/s", usual, 0.75 * usual, note="within 25 %", at_least=True),
        Line("import, peak memory, its two processes", used.peak_mb, "MB", budget=MOST_LARGE_MB),
        Line("database", _size_mb(data_dir), "MB", _size_mb(corpus), note="floor: the JSON lines"),
    ]


def _import(source: Path, data_dir: Path, rows: int) -> Usage:
    shutil.rmtree(data_dir, ignore_errors=True)
    data_dir.mkdir(parents=True)
    used = run("app", "import", source, "--as", "bench", "--json", data_dir=data_dir)
    assert json.loads(used.output)["rows_imported"] == rows
    return used


def _line_of_parquet(imports: list[Usage], floors: list[float], *, is_large: bool) -> Line:
    ratio = median(ours.seconds / floor for ours, floor in zip(imports, floors, strict=True))
    seconds = median(ours.seconds for ours in imports)
    budget = PARQUET if is_large else None
    return Line("import of Parquet, time", seconds, "s", median(floors), budget, None, ratio, "the floor is the same")


def _floor(kind: str, path: Path) -> dict[str, float]:
    return json.loads(run("tests.bench.floors", kind, path).output)


def _size_mb(folder: Path) -> float:
    files = [*folder.glob("review.db*"), *folder.glob("data/*/*.jsonl")]
    return sum(path.stat().st_size for path in files) / 1e6
