"""What was found out once and may be asked for again, of which the least lately used is forgotten."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lru(OrderedDict[object, Value], Generic[Value]):
    """For several threads: what two of them make at once is made twice."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self._lock = Lock()

    def remember(self, key: object, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self:
                self.move_to_end(key)
                return self[key]
        value = make()
        with self._lock:
            self[key] = value
            if len(self) > self.most:
                self.popitem(last=False)
        return value
