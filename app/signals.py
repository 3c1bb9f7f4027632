"""Signals that ask a process to stop, answered between its transactions and never inside one.

A signal's exception may break in after any instruction. Inside SQLAlchemy it would leave the connection, and with it
the turn to write, in nobody's hands, and whoever then writes how it ended would wait for ever.
"""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType


class _Stop:
    depth = 0
    asked: type[BaseException] | None = None


_stop = _Stop()


def stop_by(exceptions: Mapping[signal.Signals, type[BaseException]]) -> None:
    """From now on each of these signals raises its exception, at the next moment at which that does no harm."""

    def ask(number: int, _frame: FrameType | None) -> None:
        _stop.asked = exceptions[signal.Signals(number)]
        _raise_what_is_asked()

    for number in exceptions:
        signal.signal(number, ask)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that come inside the block are answered at its end."""
    if threading.current_thread() is not threading.main_thread():  # where Python answers no signals
        yield
        return
    _stop.depth += 1
    try:
        yield
    finally:
        _stop.depth -= 1
    _raise_what_is_asked()


def _raise_what_is_asked() -> None:
    if _stop.asked is not None and not _stop.depth:
        exception, _stop.asked = _stop.asked, None
        raise exception
