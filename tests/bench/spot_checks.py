"""Two large review sessions, one over and one under way: their pages, and the next item of the queue."""

import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from app.db import open_database
from app.models import (
    Dataset,
    Entry,
    Participant,
    Response,
    Review,
    Reviewer,
    ReviewSession,
    SamplingPlan,
    SessionEntry,
    Verdict,
)
from app.models.base import now
from app.models.event import record_event
from app.sessions.queue import hand_out, put_off
from tests.bench.connections import Connection, measure
from tests.bench.processes import serving
from tests.bench.scenarios import SLUG, expect, getting, sign_in
from tests.bench.table import Line

ENTRIES, OVERLAP, PEOPLE = 25_000, 2, 12
PAGE_MS, NEXT_MS = 50, 4
SEVERITY, SAFE = "response_0.severity_level", "response_0.is_safe"
_WRONG, _UNSURE = 0.06, 0.03


def measure_spot_checks(data_dir: Path) -> list[Line]:
    over, open_one = _make_sessions(data_dir)
    return [*_measure_pages(data_dir, over), _measure_next(data_dir, open_one)]


def _measure_pages(data_dir: Path, session: int) -> Iterator[Line]:
    base = f"/sessions/{session}"
    pages = {
        "a session's page": base,
        "a session's statistics": f"{base}/agreement",
        "statistics of a label": f"{base}/agreement/{SEVERITY}",
        "entries behind a figure": f"{base}/agreement/{SEVERITY}/entries?contested=yes",
        "a session's report": f"{base}/report",
        "a dataset's statistics": f"/datasets/{SLUG}/agreement",
        "a reviewer's calibration": "/reviewers/1/calibration",
        "overview": "/",
    }
    with serving("app", "serve", "--port", 0, data_dir=data_dir) as server:
        connection = Connection(server.port)
        sign_in(connection, "Lead")
        for what, path in pages.items():
            started = time.perf_counter()
            expect(connection.get(path))
            first = time.perf_counter() - started
            found = measure([connection], [getting(path)] * 20, server.cpu)
            note = f"{ENTRIES * OVERLAP:,} reviews; the first time after a change {first:.2f} s"
            yield Line(f"{what}, p50", found.p50, "ms", budget=PAGE_MS, note=note)
        connection.close()


def _measure_next(data_dir: Path, session_id: int) -> Line:
    """In the transaction that hands out, each time with what was handed out before put off."""
    database, each = open_database(data_dir / "review.db"), []
    with database.write() as db:
        session = db.get_one(ReviewSession, session_id)
        reviewer = db.scalars(select(Participant.reviewer_id).filter_by(session_id=session_id)).first() or 0
        for _ in range(40):
            started = time.perf_counter()
            item = hand_out(db, session, reviewer)
            each.append(1000 * (time.perf_counter() - started))
            if item is not None:
                put_off(db, item.id, reviewer, "")
    database.close()
    note = f"of {ENTRIES:,} items; slowest {max(each):.1f} ms"
    return Line("the queue's next item, p50", median(each), "ms", budget=NEXT_MS, note=note)


def _make_sessions(data_dir: Path) -> tuple[int, int]:
    database, random = open_database(data_dir / "review.db"), Random(7)
    with database.write() as db:
        dataset = db.scalars(select(Dataset).filter_by(slug=SLUG)).one()
        people = [_person(db, f"Rater {number}") for number in range(1, PEOPLE + 1)]
        labels = _labels(db, dataset)
        chosen = random.sample(sorted(labels), min(ENTRIES, len(labels)))
        sessions = [_session(db, dataset, chosen, people, state) for state in ("closed", "open")]
        _review(db, sessions[0], chosen, labels, people, random)
        record_event(db, "session.closed", {"session": sessions[0]}, dataset_id=dataset.id)
    database.close()
    return sessions[0], sessions[1]


def _person(db: Session, name: str) -> int:
    made = Reviewer(name=name, name_key=name.casefold())
    db.add(made)
    db.flush()
    return made.id


def _labels(db: Session, dataset: Dataset) -> dict[int, tuple[Any, Any]]:
    """Of each entry severity and safety of its first response."""
    rows = (
        select(Entry.id, Response.severity_level, Response.is_safe)
        .join(Response, Response.entry_id == Entry.id)
        .where(Entry.dataset_id == dataset.id, Response.position == 0, Response.is_safe.is_not(None))
    )
    return {entry: (severity, is_safe) for entry, severity, is_safe in db.execute(rows)}


def _session(db: Session, dataset: Dataset, entries: list[int], people: list[int], state: str) -> int:
    size = db.scalar(select(func.count()).select_from(Entry).filter_by(dataset_id=dataset.id)) or 0
    plan = SamplingPlan(
        dataset_id=dataset.id,
        title="Bench",
        design={"kind": "simple"},
        query="",
        seed=1,
        population=size,
        strata=[{"name": "all", "size": size, "sampled": len(entries)}],
        data_version=dataset.data_version,
    )
    db.add(plan)
    db.flush()
    made = ReviewSession(
        dataset_id=dataset.id, plan_id=plan.id, name=f"Bench, {state}", state=state, label_fields=dataset.label_fields,
        is_blind=False, shuffles=False, overlap=OVERLAP,
    )  # fmt: skip
    db.add(made)
    db.flush()
    done = OVERLAP if state == "closed" else 0
    share = len(entries) / size
    rows = [
        {"session_id": made.id, "entry_id": entry, "position": place, "stratum": "all", "wanted": OVERLAP,
         "done": done, "inclusion_probability": share}
        for place, entry in enumerate(entries)
    ]  # fmt: skip
    db.execute(insert(SessionEntry), rows)
    db.execute(insert(Participant), [{"session_id": made.id, "reviewer_id": person} for person in people])
    return made.id


def _review(
    db: Session,
    session: int,
    entries: list[int],
    labels: dict[int, tuple[Any, Any]],
    people: list[int],
    random: Random,
) -> None:
    """Two verdicts a review: on severity and safety of the first response."""
    own = select(SessionEntry.entry_id, SessionEntry.id).filter_by(session_id=session)
    items = dict(db.execute(own).all())
    review_id, moment = db.scalar(select(func.max(Review.id))) or 0, now()
    reviews, verdicts = [], []
    for entry in entries:
        for person in random.sample(people, OVERLAP):
            review_id += 1
            reviews.append(
                {"id": review_id, "reviewer_id": person, "entry_id": entry, "item_id": items[entry],
                 "state": "submitted", "revision": 1, "created_at": moment, "updated_at": moment,
                 "active_seconds": random.randint(10, 90)}
            )  # fmt: skip
            verdicts += _verdicts(review_id, labels[entry], random)
    db.execute(insert(Review), reviews)
    db.execute(insert(Verdict), verdicts)


def _verdicts(review_id: int, labels: tuple[Any, Any], random: Random) -> Iterator[dict[str, Any]]:
    severity, is_safe = labels
    others = ((SEVERITY, str(severity), str((severity or 0) % 3 + 1)), (SAFE, _written(is_safe), _written(not is_safe)))
    for name, stored, other in others:
        luck = random.random()
        kind = "disagree" if luck < _WRONG else "unsure" if luck < _WRONG + _UNSURE else "agree"
        corrected = other if kind == "disagree" else None
        yield {"review_id": review_id, "label_field": name, "stored_value": stored, "verdict": kind,
               "corrected_value": corrected}  # fmt: skip


def _written(value: bool) -> str:
    return "true" if value else "false"
