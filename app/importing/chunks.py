"""How many rows one statement names, or one small transaction writes while a reviewer who saves waits for it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

CHUNK = 500


def chunks(of: Iterable[T]) -> Iterator[list[T]]:
    left = iter(of)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
