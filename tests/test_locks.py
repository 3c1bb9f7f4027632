"""Locks are let go of, whatever ends the one who holds them."""

import fcntl

import pytest
from sqlalchemy import text

from app.db import Database
from app.locks import file_lock


def test_turn_is_passed_on_when_a_signal_comes_with_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when an import waits to write while somebody cancels it."""
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
