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
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    handle = _open(path)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, mode if wait else mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(busy) from None
        yield
    finally:
        os.close(handle)


def take_lock(path: Path) -> int:
    """The descriptor that holds a lock which nobody else has; closing it, and every copy of it, lets go."""
    handle = _open(path)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def is_taken(path: Path) -> bool:
    """Makes no file where there is none."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two that ask do not take each other for one
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def open_turn(database_path: Path) -> int:
    """The descriptor to wait with for one's turn to write; closing it passes the turn on.

    SQLite lets waiting writers sleep and try again, so that one who writes again and again, such as an import, keeps
    the others out for seconds. The kernel's lock wakes them in order.
    """
    path = database_path.with_name(database_path.name + ".turn")
    return _open(path)


def wait_for_turn(turn: int) -> None:
    fcntl.flock(turn, fcntl.LOCK_EX)


def in_use(database_path: Path, *, exclusive: bool = False) -> AbstractContextManager[None]:
    """Servers and imports share it; what replaces the database's file needs it alone."""
    return file_lock(
        database_path.with_name(database_path.name + ".in-use"),
        shared=not exclusive,
        busy=f"{database_path} is in use by a running server or import. Stop it first, then try again.",
    )
