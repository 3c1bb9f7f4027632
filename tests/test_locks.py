"""Locks are let go of, and transactions finished, whatever signal comes."""

import fcntl
import os
import signal
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.db import Database
from app.locks import file_lock
from app.models import Reviewer
from app.signals import stop_by


class Stopped(Exception):
    """By a signal."""


@pytest.fixture
def stops() -> Iterator[None]:
    before = signal.getsignal(signal.SIGUSR1)
    stop_by({signal.SIGUSR1: Stopped})
    yield
    signal.signal(signal.SIGUSR1, before)


def add_reviewer_while_stopped(database: Database) -> None:
    with database.write() as db:
        os.kill(os.getpid(), signal.SIGUSR1)
        db.add(Reviewer(name="alice", name_key="alice"))


def test_signal_in_a_transaction_is_answered_at_its_end(stops: None, database: Database) -> None:
    with pytest.raises(Stopped):
        add_reviewer_while_stopped(database)
    with database.read() as db:
        assert db.query(Reviewer).count() == 1


def test_signal_outside_of_transactions_is_answered_at_once(stops: None) -> None:
    with pytest.raises(Stopped):
        os.kill(os.getpid(), signal.SIGUSR1)


def test_turn_is_passed_on_by_who_ends_while_it_comes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    really_lock = fcntl.flock

    def lock_and_be_stopped(handle: int, mode: int) -> None:
        really_lock(handle, mode)
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr(fcntl, "flock", lock_and_be_stopped)
        with pytest.raises(KeyboardInterrupt), database.write() as db:
            db.execute(text("SELECT 1"))
    with file_lock(database.path.with_name(database.path.name + ".turn"), busy="the turn was never passed on"):
        pass
