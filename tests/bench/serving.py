"""The pages, the JSON and a saved review over HTTP, beside a page that does nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from tests.bench.connections import Connection, Task, Timings, measure
from tests.bench.processes import Server, serving, start
from tests.bench.scenarios import (
    COMMON_WORDS,
    LISTS,
    LISTS_JSON,
    entry_ids,
    expect,
    getting,
    list_queries,
    pair_tasks,
    save_tasks,
    sign_in,
)
from tests.bench.table import Line

MANY = 8
SERVE = ("app", "serve", "--port", 0)


@dataclass(frozen=True)
class Limits:
    """Milliseconds: what the issue allows, and where a later version wants to be."""

    p50: float | None = None
    p50_aim: float | None = None
    p95_aim: float | None = None
    cpu_aim: float | None = None


LIMITS = {
    "browse page": Limits(15, 8, 15, 6),
    "browse as JSON": Limits(cpu_aim=3),
    "pair page": Limits(6, cpu_aim=2.5),
    "saved review": Limits(12, cpu_aim=4),
    "saved review and the next pair": Limits(p95_aim=100),
}


def measure_start(data_dir: Path) -> Line:
    """From the command to the first page, a browse page."""
    started = time.perf_counter()
    with serving(*SERVE, data_dir=data_dir) as server, connected(server, 1) as (connection,):
        expect(connection.get(LISTS))
        return Line("start to first page", time.perf_counter() - started, "s", aim=1.0)


@contextmanager
def connected(server: Server, count: int) -> Iterator[list[Connection]]:
    connections = [Connection(server.port) for _ in range(count)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def measure_pages(data_dir: Path, rounds: int) -> list[Line]:
    page = data_dir / "page.html"
    with serving(*SERVE, data_dir=data_dir) as server, connected(server, MANY) as connections:
        for number, connection in enumerate(connections):
            sign_in(connection, f"Reviewer {number}")
        first = _first_words(server, connections[0])
        found = _in_turns(server, connections, _works(connections[0], rounds))
        memory = Line("server memory, mapped files not counted", server.anonymous_mb(), "MB", aim=130)
        page.write_bytes(expect(connections[0].get(LISTS, compressed=False)).body)
    with serving("tests.bench.hello", page, data_dir=data_dir) as server, connected(server, MANY) as connections:
        floors = _in_turns(server, connections, {"hello": lambda: [getting("/")] * (60 * rounds)})["hello"]
    lines = [line for kind, timings in found.items() for line in _lines(kind, timings, floors)]
    size = f"of {page.stat().st_size / 1000:.0f} kB, compressed on the way like ours"
    return [*lines, first, memory, Line("hello-world page, 1 connection, p50", floors[1].p50, "ms", note=size)]


def measure_during_import(corpus: Path, data_dir: Path) -> Line:
    """How long a reviewer's save takes while another dataset is being imported."""
    with serving(*SERVE, data_dir=data_dir) as server, connected(server, 1) as connections:
        sign_in(connections[0], "Patient")
        random, ids = Random(2), entry_ids(connections[0])
        saves = save_tasks(random, random.sample(ids, min(len(ids), 5000)), then_next=False)
        other = start("app", "import", corpus, "--as", "other", "--json", data_dir=data_dir)
        each: list[float] = []
        while other.poll() is None and saves:
            each += measure(connections, [saves.pop()], server.cpu).each
        other.communicate()
    each = sorted(each)
    note = f"of {len(each)}; p95 {each[int(0.95 * len(each))]:.0f} ms"
    return Line("saved review while an import runs, slowest", each[-1], "ms", budget=250, note=note)


def _works(connection: Connection, rounds: int) -> dict[str, Callable[[], Sequence[Task]]]:
    """What is measured, by name; each call gives fresh tasks, as an entry is reviewed once by a person."""
    random, ids, queries = Random(1), entry_ids(connection), list_queries(connection)
    pages = [f"{LISTS}?{query}" for query in queries]
    in_json = [f"{LISTS_JSON}?{query}" for query in queries]
    unreviewed = iter(random.sample(ids, len(ids)))

    def to_review() -> list[int]:
        return list(islice(unreviewed, 40 * rounds))

    return {
        "browse page": lambda: [getting(path) for path in pages * rounds],
        "browse as JSON": lambda: [getting(path) for path in in_json * rounds],
        "pair page": lambda: pair_tasks(random, ids, 40 * rounds),
        "saved review": lambda: save_tasks(random, to_review(), then_next=False),
        "saved review and the next pair": lambda: save_tasks(random, to_review(), then_next=True),
    }


def _in_turns(
    server: Server, connections: Sequence[Connection], works: dict[str, Callable[[], Sequence[Task]]]
) -> dict[str, dict[int, Timings]]:
    """Each work first unmeasured, then on one connection, then on many."""
    found = {}
    for kind, tasks in works.items():
        measure(connections[:1], tasks()[:40], server.cpu)
        found[kind] = {count: measure(connections[:count], tasks(), server.cpu) for count in (1, MANY)}
    return found


def _first_words(server: Server, connection: Connection) -> Line:
    """Words of about half the corpus that nobody searched for before."""
    expect(connection.get(LISTS))
    tasks = [getting(f"{LISTS}?q={word}") for word in COMMON_WORDS]
    found = measure([connection], tasks, server.cpu)
    return Line("first search for a common word, p50", found.p50, "ms", note=f"slowest {max(found.each):.1f} ms")


def _lines(kind: str, timings: dict[int, Timings], floors: dict[int, Timings]) -> Iterator[Line]:
    one, many, limits = timings[1], timings[MANY], LIMITS[kind]
    yield Line(f"{kind}, 1 connection, p50", one.p50, "ms", floors[1].p50, limits.p50, limits.p50_aim)
    yield Line(f"{kind}, 1 connection, p95", one.p95, "ms", floors[1].p95, aim=limits.p95_aim)
    yield Line(f"{kind}, processor time", one.cpu, "ms", floors[1].cpu, aim=limits.cpu_aim)
    rate = f"{many.per_second:,.0f} a second"
    yield Line(f"{kind}, {MANY} connections, p50", many.p50, "ms", floors[MANY].p50, note=rate)
    yield Line(f"{kind}, {MANY} connections, p95", many.p95, "ms", floors[MANY].p95)
