"""A sample as rows, and a session of it made and worked through by its pages."""

import re
from urllib.parse import urlsplit

from httpx2 import Response
from starlette.testclient import TestClient

from app.db import Database
from app.models import Dataset, Entry, Reviewer, SampledEntry, SamplingPlan
from app.models.label_field import fields_of


def draw(database: Database, entries: int = 3) -> int:
    """The first entries of the first dataset, all with the same probability."""
    with database.write() as db:
        dataset = db.query(Dataset).order_by(Dataset.id).first()
        there = [entry.id for entry in db.query(Entry).filter_by(dataset_id=dataset.id).order_by(Entry.id)]
        plan = SamplingPlan(
            dataset_id=dataset.id,
            title="A few plants",
            design={"kind": "simple"},
            query="",
            seed=1,
            population=len(there),
            strata=[{"name": "all", "size": len(there), "sampled": entries}],
            data_version=dataset.data_version,
        )
        db.add(plan)
        db.flush()
        for place, entry_id in enumerate(there[:entries]):
            share = entries / len(there)
            db.add(
                SampledEntry(
                    plan_id=plan.id, place=place, entry_id=entry_id, stratum="all", inclusion_probability=share
                )
            )
        return plan.id


def conditions(database: Database, plan: int, *names: str, **changes: object) -> dict[str, object]:
    """A filled-in form that makes a session of these reviewers."""
    with database.read() as db:
        dataset = db.get_one(Dataset, db.get_one(SamplingPlan, plan).dataset_id)
        people = [
            reviewer.id for reviewer in db.query(Reviewer) if reviewer.name_key in {name.casefold() for name in names}
        ]
        fields = [field.name for field in fields_of(dataset)]
    form = {"plan": plan, "name": "Spring check", "conditions": "open", "label_fields": fields, "reviewers": people}
    return {**form, "overlap": 2, **changes}


def open_session(client: TestClient, database: Database, plan: int, *names: str, **changes: object) -> int:
    answer = client.post("/sessions", data=conditions(database, plan, *names, **changes), follow_redirects=False)
    assert answer.status_code == 303, answer.text[-2000:]
    session = int(answer.headers["location"].rpartition("/")[2])
    client.post(f"/sessions/{session}/state", data={"step": "open"})
    return session


def take(client: TestClient, session: int) -> str:
    """The address that the queue hands out."""
    return client.post(f"/sessions/{session}/next", follow_redirects=False).headers["location"]


def agree(client: TestClient, address: str, **said: str) -> Response:
    """With all of an item's labels of which `said` says nothing else; on to what is next."""
    page = client.get(address).text
    form = {name: _value(page, name) for name in ("revision", "key", "stage")}
    place = urlsplit(address)
    send = f"{place.path}/review?{place.query}"
    return client.post(send, data={**form, **said, "action": "rest"}, follow_redirects=False)


def _value(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def work_through(client: TestClient, session: int) -> list[str]:
    """Until nothing is handed out; the addresses of what was."""
    address, seen = take(client, session), []
    while address.startswith("/entries/"):
        seen.append(address.partition("&")[0])
        answer = agree(client, address)
        assert answer.status_code == 303, answer.text[-2000:]
        address = answer.headers["location"]
    return seen
