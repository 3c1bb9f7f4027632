"""A server that is told to end waits for its answers; one that never ends by itself must hear of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def closing_on_signals() -> Iterator[threading.Event]:
    """The event is set by the first signal to end, before the server's own handler sees to the rest."""
    closing = threading.Event()
    if threading.current_thread() is not threading.main_thread():  # a server inside a test
        yield closing
        return
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def close(number: int, frame: FrameType | None) -> None:
        closing.set()
        handler = handlers[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in handlers:
        signal.signal(number, close)
    try:
        yield closing
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
