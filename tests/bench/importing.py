"""The import beside its floors, round about, so that a busy minute of the machine meets all three."""

import json
import shutil
from pathlib import Path
from statistics import median

from tests.bench.processes import run
from tests.bench.table import Line
from tests.corpus import write_corpus

ROWS = 83_400


def make_corpus(folder: Path, rows: int, seed: int) -> None:
    """Once; a folder without its README.md was not finished."""
    if not (folder / "README.md").exists():
        unfinished = folder.with_name(folder.name + ".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        write_corpus(unfinished, rows, seed)
        unfinished.rename(folder)


def measure_import(corpus: Path, data_dir: Path, rounds: int, rows: int) -> list[Line]:
    """Leaves the database of the last round in `data_dir`."""
    imports, parsing, writing = [], [], []
    for _ in range(rounds):
        shutil.rmtree(data_dir, ignore_errors=True)
        data_dir.mkdir(parents=True)
        parsing.append(_floor("json", corpus))
        imports.append(run("app", "import", corpus, "--as", "bench", "--json", data_dir=data_dir))
        assert json.loads(imports[-1].output)["rows_imported"] == rows
        writing.append(_floor("rows", data_dir / "review.db"))
    budget = 2.0 if rows >= ROWS else None  # in a small import, starting the process is most of it
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
            budget,
            1.25,
            ratio,
            f"floor: {parts}, parsing and writing",
        ),
        Line("import, processor time", median(used.cpu for used in imports), "s", cpu_floor),
        Line("import, rate", rows / median(seconds), "rows/s", rows / median(floors)),
        Line("import, peak memory", max(used.peak_mb for used in imports), "MB", budget=300),
        Line("database", _size_mb(data_dir), "MB", _size_mb(corpus), note="floor: the JSON lines"),
    ]


def _floor(kind: str, path: Path) -> dict[str, float]:
    return json.loads(run("tests.bench.floors", kind, path).output)


def _size_mb(folder: Path) -> float:
    files = [*folder.glob("review.db*"), *folder.glob("data/*/*.jsonl")]
    return sum(path.stat().st_size for path in files) / 1e6
