"""The queue's promises, whatever people do in whatever order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from app.models import (
    Dataset,
    Entry,
    Participant,
    Reservation,
    Review,
    Reviewer,
    ReviewSession,
    ReviewState,
    SessionEntry,
    SessionState,
)
from app.sessions import queue
from tests.factories import import_rows, rows

PEOPLE, ITEMS = 4, 5
WHO = st.integers(0, PEOPLE - 1)


class Queue(RuleBasedStateMachine):
    """People take, submit, take back, put off, go away and leave; time passes."""

    database = None
    clock = None

    def __init__(self):
        super().__init__()
        with self.database.write() as db:
            self.people = [db.query(Reviewer).order_by(Reviewer.id).offset(n).first().id for n in range(PEOPLE)]
            session = ReviewSession(
                dataset_id=db.query(Dataset).one().id, name="Check", state=SessionState.OPEN, label_fields=[],
                is_blind=False, shuffles=False, overlap=2,
            )  # fmt: skip
            db.add(session)
            db.flush()
            self.session = session.id
            db.add_all(Participant(session_id=session.id, reviewer_id=person) for person in self.people)
            for position, entry in enumerate(db.query(Entry).order_by(Entry.id).limit(ITEMS)):
                wanted = 1 + position % 3
                db.add(SessionEntry(session_id=session.id, entry_id=entry.id, position=position, wanted=wanted))
        self.left, self.submitted = set(), set()

    def take(self, who):
        with self.database.write() as db:
            session = db.get_one(ReviewSession, self.session)
            item = queue.hand_out(db, session, self.people[who])
            return None if item is None else item.id

    def submit(self, who, item):
        with self.database.write() as db:
            there = db.get_one(SessionEntry, item)
            review = Review(
                reviewer_id=self.people[who], entry_id=there.entry_id, item_id=item, state=ReviewState.SUBMITTED,
                revision=1,
            )  # fmt: skip
            db.add(review)
            there.done += 1
            db.query(Reservation).filter_by(item_id=item, reviewer_id=self.people[who]).delete()
        self.submitted.add((who, item))

    @rule(who=WHO)
    def review_one(self, who):
        if who in self.left:
            return
        item = self.take(who)
        if item is not None:
            assert (who, item) not in self.submitted, "handed out twice to one person"
            self.submit(who, item)

    @rule(who=WHO)
    def look_away(self, who):
        if who not in self.left:
            self.take(who)

    @rule(who=WHO)
    def put_off(self, who):
        if who not in self.left and (item := self.take(who)) is not None:
            with self.database.write() as db:
                queue.put_off(db, item, self.people[who], "later")

    @precondition(lambda self: self.submitted)
    @rule(data=st.data())
    def take_back(self, data):
        who, item = data.draw(st.sampled_from(sorted(self.submitted)))
        with self.database.write() as db:
            db.query(Review).filter_by(reviewer_id=self.people[who], item_id=item).delete()
            db.get_one(SessionEntry, item).done -= 1
        self.submitted.discard((who, item))

    @precondition(lambda self: not self.left)
    @rule(who=WHO)
    def leave(self, who):
        with self.database.write() as db:
            db.get_one(Participant, (self.session, self.people[who])).left_at = self.clock.now
            db.query(Reservation).filter_by(session_id=self.session, reviewer_id=self.people[who]).delete()
        self.left.add(who)

    @rule(minutes=st.integers(1, 45))
    def time_passes(self, minutes):
        self.clock.now += timedelta(minutes=minutes)

    @invariant()
    def nobody_is_too_many(self):
        with self.database.read() as db:
            for item in db.query(SessionEntry).filter_by(session_id=self.session):
                live = db.query(Reservation).filter(
                    Reservation.item_id == item.id, Reservation.until > self.clock.now, Reservation.skipped_at.is_(None)
                )
                assert item.done + live.count() <= item.wanted

    def teardown(self):
        """Who is still here finishes everything, once what was left lying is free again."""
        self.clock.now += timedelta(hours=1)
        present = [who for who in range(PEOPLE) if who not in self.left]
        for who in present:
            while (item := self.take(who)) is not None:
                assert (who, item) not in self.submitted, "handed out twice to one person"
                self.submit(who, item)
        with self.database.read() as db:
            items = db.query(SessionEntry).filter_by(session_id=self.session).all()
        assert all(item.done == item.wanted for item in items)


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = queue.now()

    monkeypatch.setattr(queue, "now", lambda: Clock.now)
    return Clock


def test_queue_holds_whatever_people_do(client, database, tmp_path, clock):
    import_rows(database, tmp_path, rows(ITEMS), slug="plants")
    with database.write() as db:
        db.add_all(Reviewer(name=f"P{number}", name_key=f"p{number}") for number in range(PEOPLE))
    machine = type("Machine", (Queue,), {"database": database, "clock": clock})
    often = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=often)
