"""What changed from one version of a text to another, word by word."""

import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import groupby
from typing import NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_WORDS = 4_000  # of a passage that is compared word by word: the time grows with their square


class Change(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Passage(NamedTuple):
    change: Change
    text: str


Differing = Callable[[str, str], Iterator[Passage]]


def find_changes(before: str, after: str) -> list[Passage]:
    """In the order of the newer text. Lines first, and words only within lines that differ."""
    found = _compared(before.splitlines(keepends=True), after.splitlines(keepends=True), _within_lines)
    return [
        Passage(change, "".join(passage.text for passage in group))
        for change, group in groupby(found, key=lambda passage: passage.change)
    ]


def _within_lines(before: str, after: str) -> Iterator[Passage]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    yield from _compared(old, new, _replaced) if len(old) + len(new) <= _MOST_WORDS else _replaced(before, after)


def _replaced(before: str, after: str) -> Iterator[Passage]:
    if before:
        yield Passage(Change.REMOVED, before)
    if after:
        yield Passage(Change.ADDED, after)


def _compared(old: list[str], new: list[str], differing: Differing) -> Iterator[Passage]:
    for kind, i, j, m, n in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            yield Passage(Change.SAME, "".join(new[m:n]))
        else:
            yield from differing("".join(old[i:j]), "".join(new[m:n]))
