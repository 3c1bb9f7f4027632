"""File locks between our processes. The kernel lets go of them when a process dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from app.errors import Busy


@contextmanager
def file_lock(path: Path, *, shared: bool = False, wait: bool = False, busy: str = "") -> Iterator[None]:
    """Holds the lock for the length of the block; raises Busy with the sentence `busy` when it is taken."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(busy) from None
        yield
    finally:
        os.close(handle)


def open_turn(database_path: Path) -> int:
    """The descriptor to wait with for one's turn to write; closing it passes the turn on.

    SQLite lets waiting writers sleep and try again, so that one who writes again and again, such as an import, keeps
    the others out for seconds. The kernel's lock wakes them in order.
    """
    path = database_path.with_name(database_path.name + ".turn")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def wait_for_turn(turn: int) -> None:
    fcntl.flock(turn, fcntl.LOCK_EX)


def in_use(database_path: Path, *, exclusive: bool = False) -> AbstractContextManager[None]:
    """Servers and imports share it; what replaces the database's file needs it alone."""
    return file_lock(
        database_path.with_name(database_path.name + ".in-use"),
        shared=not exclusive,
        busy=f"{database_path} is in use by a running server or import. Stop it first, then try again.",
    )
