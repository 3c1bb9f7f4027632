"""A session whose reviewers have judged, made of rows: as reviewing leaves them, without its pages."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.comparing.queries import get_entry
from app.db import Database
from app.models import Participant, Review, Reviewer, ReviewSession, SessionEntry, SessionState, Verdict
from app.models.event import record_event
from app.names import name_key
from app.reviewing.applying import labels_of
from tests.factories import import_rows, row

SEVERITY, SAFE, CATEGORIES = "response_0.severity_level", "response_0.is_safe", "response_0.harm_categories"
Said = Mapping[str, str]  # label field -> corrected value, "agree" or "unsure"


class Plants:
    """A session about cactuses. Entry 1 is unsafe with severity 2; all others are safe."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, **about: Any) -> int:
        """The session, with entries 1 to 3 as its items 1 to 3."""
        with self.database.write() as db:
            fields = ["response_0.is_safe", CATEGORIES, SEVERITY, "better_response_id"]
            wanted = {"name": "Cactuses", "state": SessionState.OPEN, "label_fields": fields, "is_blind": True}
            session = ReviewSession(dataset_id=1, shuffles=False, overlap=2, **{**wanted, **about})
            db.add(session)
            db.flush()
            for entry_id in (1, 2, 3):
                item = SessionEntry(session_id=session.id, entry_id=entry_id, position=entry_id, wanted=2)
                db.add(item)
            return session.id

    def reviewer(self, name: str) -> int:
        with self.database.write() as db:
            found = db.query(Reviewer).filter_by(name_key=name_key(name)).one_or_none()
            if found is None:
                found = Reviewer(name=name, name_key=name_key(name))
                db.add(found)
                db.flush()
            return found.id

    def join(self, session_id: int, name: str) -> None:
        reviewer_id = self.reviewer(name)
        with self.database.write() as db:
            if db.get(Participant, (session_id, reviewer_id)) is None:
                db.add(Participant(session_id=session_id, reviewer_id=reviewer_id))

    def judge(self, session_id: int, entry_id: int, name: str, said: Said | None = None, reason: str = "") -> None:
        """Agrees with every label of which `said` does not say otherwise."""
        self.join(session_id, name)
        reviewer_id = self.reviewer(name)
        with self.database.write() as db:
            session = db.get_one(ReviewSession, session_id)
            item = db.query(SessionEntry).filter_by(session_id=session_id, entry_id=entry_id, kind="sample").one()
            stored = labels_of(get_entry(db, entry_id))
            review = Review(reviewer_id=reviewer_id, entry_id=entry_id, item_id=item.id, state="submitted", revision=1)
            db.add(review)
            db.flush()
            for field in session.label_fields:
                what = (said or {}).get(field, "agree")
                kind = what if what in ("agree", "unsure") else "disagree"
                corrected = what if kind == "disagree" else None
                verdict = {"stored_value": stored[field], "verdict": kind, "corrected_value": corrected}
                first = corrected or stored[field]
                db.add(Verdict(review_id=review.id, label_field=field, first_value=first, reason=reason, **verdict))
            item.done += 1
            record_event(db, "session.reviewed", {}, reviewer_id=reviewer_id, dataset_id=1, entry_id=entry_id)


@pytest.fixture
def plants(database: Database, tmp_path: Any) -> Plants:
    import_rows(database, tmp_path, [row(0, unsafe_0=(2, "Cybercrime")), row(1), row(2)], slug="plants")
    return Plants(database)


@pytest.fixture
def disputed(plants: Plants) -> Callable[..., int]:
    """A session in which ann and ben contradict each other on entry 1's severity."""

    def made(**about: Any) -> int:
        session_id = plants.begin(**about)
        plants.judge(session_id, 1, "ann", {SEVERITY: "3"}, reason="A deep thorn.")
        plants.judge(session_id, 1, "ben")
        return session_id

    return made
