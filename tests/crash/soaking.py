"""Many people on few entries, on a real server with two workers, and what must be true of the database afterwards."""

import json
import time
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from tests.bench.connections import Connection
from tests.bench.processes import Server
from tests.bench.scenarios import expect
from tests.crash.conftest import assert_sound, read
from tests.crash.tabs import Person, Tab, Told

Row = dict[str, Any]


@dataclass(frozen=True)
class Soak:
    people: int
    entries: int
    seconds: float
    kills: int = 0
    seed: int = 1


def soak(data_dir: Path, asked: Soak) -> None:
    """Every third reviews blind, every fifth has two tabs."""
    people = [Person(f"Person {n}", is_blind=n % 3 == 0) for n in range(asked.people)]
    entries, seed = range(1, asked.entries + 1), asked.seed
    tabs = [Tab(person, Random(f"{seed} {person.name}"), entries) for person in people]
    tabs += [Tab(person, Random(f"{seed} {person.name} again"), entries) for person in people[::5]]
    saved = _run(data_dir, asked, tabs)
    done = sum((tab.done for tab in tabs), Counter[str]())
    print(f"{saved} saved: {', '.join(f'{count} {what}' for what, count in sorted(done.items()))}")
    wrong = [trouble for tab in tabs for trouble in tab.wrong]
    assert not wrong, "\n".join(wrong[:20])
    assert saved, "nobody was told that anything is saved"
    with_two_tabs = {person.name for person in people[::5]}
    for person in people:
        check_person(data_dir, person, has_two_tabs=person.name in with_two_tabs)
    check_revisions(data_dir)
    assert_sound(data_dir)


def _run(data_dir: Path, asked: Soak, tabs: list[Tab]) -> int:
    """Between the kills each server lives for an equal part of the time."""
    life = asked.seconds / (asked.kills + 1)
    for number in range(asked.kills + 1):
        server, is_last = Server("app", "serve", "--port", 0, "--workers", 2, data_dir=data_dir), number == asked.kills
        with closing(Connection(server.port)) as connection:
            expect(connection.get("/entries/1"))  # whoever comes first waits until the workers are there
        threads = [tab.work(server.port, time.monotonic() + life + (0 if is_last else 60)) for tab in tabs]
        if not is_last:
            time.sleep(life)
            server.kill()
        for thread in threads:
            thread.join()
        if is_last:
            server.stop()
            cut_off = [tab.cut_off for tab in tabs if tab.cut_off]
            assert not cut_off, f"{len(cut_off)} were cut off by a server that nobody killed: {cut_off[0]}"
        for trouble in ("database is locked", "Traceback"):
            assert trouble not in server.said, server.said
    return sum(len(person.told) for person in {tab.person.name: tab.person for tab in tabs}.values())


def check_person(data_dir: Path, person: Person, *, has_two_tabs: bool) -> None:
    decisions = {row["id"]: row for row in rows(data_dir, "decision", person)}
    events = {row["id"]: row for row in rows(data_dir, "event", person)}
    for told in person.told:
        check_told(told, decisions[told.decision], events[told.decision])
    keys = Counter(row["key"] for row in decisions.values() if row["key"])
    assert set(keys.values()) <= {1}, f"{person.name}: one form became two decisions"
    undone = sum(row["undone_at"] is not None for row in decisions.values())
    assert undone >= person.undone, f"{person.name}: {undone} undone, and {person.undone} were said to be"
    said = Counter(row["body"] for row in rows(data_dir, "comment", person) if not row["of_review"])
    assert {said[body] for body in person.said} <= {1}, f"{person.name}: a comment is lost, or there twice"
    assert set(person.said) <= set(said)
    reviews = {row["entry_id"]: row for row in rows(data_dir, "review", person)}
    for entry_id in person.revealed:
        assert reviews[entry_id]["blind"], f"{person.name}: revealed entry {entry_id} is no blind review"
        assert reviews[entry_id]["first_answers"]
    if not has_two_tabs:
        drafts = {row["entry_id"]: row["sequence"] for row in rows(data_dir, "draft", person)}
        wrong = {entry: sequence for entry, sequence in person.drafts.items() if drafts.get(entry) != sequence}
        assert not wrong, f"{person.name}: drafts {wrong} were kept or saved, and there are {drafts}"


def check_told(told: Told, decision: Row, event: Row) -> None:
    """What was answered with "saved" is in the log, exactly."""
    assert (decision["entry_id"], decision["key"]) == (told.entry_id, told.key)
    assert event["entry_id"] == told.entry_id
    after, form = json.loads(event["data"])["after"], dict(told.form)
    if told.what == "skip":
        assert (event["kind"], after["reason"]) == ("review.skipped", form["skip_reason"])
        return
    assert after["comment"] == form["comment"]
    assert after["flag"] == form.get("flag", "")
    assert after["revision"] >= told.revision == int(form["revision"]) + 1
    sent = {name.removeprefix("verdict."): verdict for name, verdict in told.form if name.startswith("verdict.")}
    given = {verdict["label_field"]: verdict["verdict"] for verdict in after["verdicts"]}
    assert given == sent if form["action"] == "save" else len(given) == 8


def check_revisions(data_dir: Path) -> None:
    """No update is lost: each revision of a review is there once, and was made of the one before."""
    logs: dict[int, list[Row]] = defaultdict(list)
    for review_id, data in read(data_dir, "SELECT review_id, data FROM event WHERE review_id IS NOT NULL ORDER BY id"):
        logs[review_id].append(json.loads(data))
    for review_id, log in logs.items():
        assert [each["after"]["revision"] for each in log] == list(range(1, len(log) + 1)), f"review {review_id}"
        for earlier, later in pairwise(log):
            assert later["before"] == earlier["after"], f"review {review_id}"
    assert len(logs) == read(data_dir, "SELECT count(*) FROM review")[0][0]


def rows(data_dir: Path, table: str, person: Person) -> list[Row]:
    names = [name for _, name, *_ in read(data_dir, f"PRAGMA table_info({table})")]
    mine = f"SELECT * FROM {table} WHERE reviewer_id = (SELECT id FROM reviewer WHERE name = '{person.name}')"
    return [dict(zip(names, row, strict=True)) for row in read(data_dir, mine)]
