"""The least that an import can cost here, each part in a process of its own.

python -m tests.bench.floors json DIR        parse every line of the corpus
python -m tests.bench.floors rows DATABASE   write the rows of a finished import once more
"""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from app.db import SQLITE, open_database
from app.importing.batches import BATCH_ROWS
from app.importing.search_index import prepare_index
from app.operations.migrations import migrate
from app.text import search_text

Rows = list[tuple[Any, ...]]
_SEARCH = "INSERT INTO entry_search(rowid, prompt, response_0, response_1) VALUES (?, ?, ?, ?)"


def parse_lines(folder: Path) -> dict[str, float]:
    started, used = time.perf_counter(), time.process_time()
    for path in sorted(folder.glob("data/*/*.jsonl")):
        with path.open("rb") as lines:
            for line in lines:
                orjson.loads(line)
    return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - used}


def write_rows(finished: Path) -> dict[str, float]:
    """Times BEGIN, three raw executemany of prepared rows, and COMMIT, in batches of the import's size.

    The tables, indexes, full-text index, pragmas and index settings are the application's own. Not in it: reading,
    checking and hashing the rows, looking for entries that are there already, and starting a process.
    """
    folder = Path(tempfile.mkdtemp(prefix="saferlhf-bench-floor-"))
    database = open_database(folder / "review.db")
    try:
        migrate(database, folder)
        with database.write() as db:
            prepare_index(db)
        with closing(SQLITE.connect(finished)) as source, database.writer.connect() as target:
            connection = target.connection.driver_connection
            for table in ("dataset", "dataset_import"):  # entries refer to them
                rows = source.execute(f"SELECT * FROM {table}").fetchall()
                connection.executemany(_insert(table, rows), rows)
            return _timed(connection, _batches(source))
    finally:
        database.close()
        shutil.rmtree(folder)


def _batches(source: Any) -> Iterator[tuple[Rows, Rows, Rows]]:
    last = 0
    by_id = "SELECT * FROM entry WHERE id > ? ORDER BY id LIMIT ?"
    while entries := source.execute(by_id, (last, BATCH_ROWS)).fetchall():
        first, last = last, entries[-1][0]
        between = "entry_id > ? AND entry_id <= ?"
        responses = source.execute(f"SELECT * FROM response WHERE {between} ORDER BY 1, 2", (first, last)).fetchall()
        prompts = source.execute("SELECT id, prompt FROM entry WHERE id > ? AND id <= ?", (first, last))
        texts = {entry_id: [search_text(prompt)] for entry_id, prompt in prompts}
        for entry_id, _, text, *_ in responses:
            texts[entry_id].append(search_text(text))
        yield entries, responses, [(entry_id, *columns) for entry_id, columns in texts.items()]


def _timed(connection: Any, batches: Iterator[tuple[Rows, Rows, Rows]]) -> dict[str, float]:
    seconds = cpu = longest = 0.0
    for entries, responses, texts in batches:
        started, used = time.perf_counter(), time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_insert("entry", entries), entries)
        connection.executemany(_insert("response", responses), responses)
        connection.executemany(_SEARCH, texts)
        connection.execute("COMMIT")
        took = time.perf_counter() - started
        seconds, cpu, longest = seconds + took, cpu + time.process_time() - used, max(longest, took)
    return {"seconds": seconds, "cpu": cpu, "longest": longest}


def _insert(table: str, rows: Rows) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"


if __name__ == "__main__":
    work = {"json": parse_lines, "rows": write_rows}[sys.argv[1]]
    print(json.dumps(work(Path(sys.argv[2]))))
