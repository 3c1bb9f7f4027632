"""A team in the test's database, and its people signed in, without the pages that bring them there."""

from datetime import timedelta

from starlette.testclient import TestClient

from app.accounts.logins import Way, begin_login
from app.db import Database
from app.main import create_app
from app.models import Reviewer
from app.models.event import record_event
from app.names import name_key
from app.settings import Settings

CAST = {"vera": "viewer", "alice": "reviewer", "bob": "reviewer", "carol": "lead", "dana": "admin"}


def add_account(database: Database, name: str, role: str, **about: object) -> int:
    """Its id; a reviewer of this name becomes the account."""
    with database.write() as db:
        reviewer = db.query(Reviewer).filter_by(name_key=name_key(name)).one_or_none()
        if reviewer is None:
            reviewer = Reviewer(name=name, name_key=name_key(name))
            db.add(reviewer)
        reviewer.is_account, reviewer.role = True, role
        for field, value in about.items():
            setattr(reviewer, field, value)
        db.flush()
        record_event(db, "account.added", {"name": name, "role": role}, reviewer_id=reviewer.id)
        return reviewer.id


def sign_in(client: TestClient, database: Database, reviewer_id: int) -> TestClient:
    """The client is from now on the browser in which this account is signed in."""
    with database.write() as db:
        way = Way("password", "127.0.0.1", "tests")
        client.cookies.set("session", begin_login(db, reviewer_id, way, timedelta(days=7)))
    client.headers["Sec-Fetch-Site"] = "same-origin"  # as browsers say
    return client


def open_client(settings: Settings) -> TestClient:
    """Not signed in; use it in a `with` block."""
    return TestClient(create_app(settings), base_url="http://127.0.0.1", follow_redirects=False)
