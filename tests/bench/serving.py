"""The pages, the JSON and a saved review over HTTP, beside a page that does nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random

from tests.bench.connections import Connection, Task, Timings, measure
from tests.bench.limits import Limit, Limits
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
from tests.bench.weights import measure_weight

FEW, MANY = 8, 32
SERVE = ("app", "serve", "--port", 0)


def measure_start(data_dir: Path, limits: Limits) -> Line:
    """From the command to the first page, a browse page."""
    started = time.perf_counter()
    with serving(*SERVE, data_dir=data_dir) as server, connected(server, 1) as (connection,):
        expect(connection.get(LISTS))
        seconds = time.perf_counter() - started
    return Line("start to first page", seconds, "s", budget=limits.start_s, aim=limits.start_aim_s)


@contextmanager
def connected(server: Server, count: int) -> Iterator[list[Connection]]:
    connections = [Connection(server.port) for _ in range(count)]
    try:
        yield connections
    finally:
        for connection in connections:
            connection.close()


def measure_pages(data_dir: Path, rounds: int, limits: Limits) -> list[Line]:
    page = data_dir / "page.html"
    with serving(*SERVE, data_dir=data_dir) as server, connected(server, FEW) as connections:
        for number, connection in enumerate(connections):
            sign_in(connection, f"Reviewer {number}")
        first = _first_words(server, connections[0], limits)
        ids = entry_ids(connections[0])
        weights = list(measure_weight(server, connections[0], f"/entries/{ids[len(ids) // 2]}"))
        found = _in_turns(server, connections, _works(connections[0], rounds))
        memory = Line("server memory, mapped files not counted", server.anonymous_mb(), "MB", budget=limits.memory_mb)
        page.write_bytes(expect(connections[0].get(LISTS, compressed=False)).body)
    with serving("tests.bench.hello", page, data_dir=data_dir) as server, connected(server, FEW) as connections:
        floors = _in_turns(server, connections, {"hello": lambda: [getting("/")] * (60 * rounds)})["hello"]
    lines = [line for kind, timings in found.items() for line in _lines(kind, timings, floors, limits.works[kind])]
    size = f"of {page.stat().st_size / 1000:.0f} kB, compressed on the way like ours"
    hello = Line("hello-world page, 1 connection, p50", floors[1].p50, "ms", note=size)
    return [*lines, *weights, first, memory, hello]


def measure_throughput(data_dir: Path, rounds: int, limits: Limits) -> list[Line]:
    """Browse pages a second, by connections and workers. Who asks takes processor time too, on the same machine."""
    lines = []
    for workers in (1, 2):
        with (
            serving(*SERVE, "--workers", workers, data_dir=data_dir) as server,
            connected(server, MANY) as connections,
        ):
            pages = [getting(f"{LISTS}?{query}") for query in list_queries(connections[0])]
            measure(connections, pages * 2 * workers, server.cpu)  # every worker has seen every list
            for count in (1, FEW, MANY):
                found = measure(connections[:count], pages * (4 * rounds), server.cpu)
                name = f"browse pages, {workers} worker{'s' * (workers > 1)}, {count} connection{'s' * (count > 1)}"
                is_asked = (workers, count) == (2, FEW)
                lines.append(
                    Line(
                        name,
                        found.per_second,
                        "a second",
                        budget=limits.pages_per_second if is_asked else None,
                        at_least=True,
                        note=f"p50 {found.p50:.1f}, p95 {found.p95:.1f} ms; {server.anonymous_mb():.0f} MB a worker",
                    )
                )
    return lines


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
        found[kind] = {count: measure(connections[:count], tasks(), server.cpu) for count in (1, FEW)}
    return found


def _first_words(server: Server, connection: Connection, limits: Limits) -> Line:
    """Words of about half the corpus that nobody searched for before."""
    expect(connection.get(LISTS + "?q=zebra"))  # what a process does at its first search only
    tasks = [getting(f"{LISTS}?q={word}") for word in COMMON_WORDS]
    found = measure([connection], tasks, server.cpu)
    note = f"slowest {max(found.each):.1f} ms"
    return Line("first search for a common word, p50", found.p50, "ms", budget=limits.first_search_ms, note=note)


def _lines(kind: str, timings: dict[int, Timings], floors: dict[int, Timings], limit: Limit) -> Iterator[Line]:
    one, few = timings[1], timings[FEW]
    yield Line(f"{kind}, 1 connection, p50", one.p50, "ms", floors[1].p50, limit.p50)
    yield Line(f"{kind}, 1 connection, p95", one.p95, "ms", floors[1].p95, limit.p95, limit.p95_aim)
    yield Line(f"{kind}, processor time", one.cpu, "ms", floors[1].cpu, limit.cpu, limit.cpu_aim)
    rate = f"{few.per_second:,.0f} a second"
    yield Line(f"{kind}, {FEW} connections, p50", few.p50, "ms", floors[FEW].p50, note=rate)
    yield Line(f"{kind}, {FEW} connections, p95", few.p95, "ms", floors[FEW].p95)
