"""What was found out once and may be asked for again, of which the least lately used is forgotten."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Lru(OrderedDict[object, Value], Generic[Value]):
    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def remember(self, key: object, make: Callable[[], Value]) -> Value:
        if key not in self:
            self[key] = make()
            if len(self) > self.most:
                self.popitem(last=False)
        self.move_to_end(key)
        return self[key]
