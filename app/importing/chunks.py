"""How many rows one small transaction takes, so that a reviewer who saves meanwhile does not wait for it."""

from collections.abc import Iterable, Iterator
from itertools import islice

CHUNK = 500


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    left = iter(ids)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
