"""Marks the hits of a search in a text, and cuts a text down to where most of what is sought stands together.

A hit here is what the full-text index takes for one: words are compared folded, as words.py has it from the engine.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from app.browsing.search import Search, Term
from app.browsing.words import BETWEEN_WORDS, IN_WORD, fold
from app.text import CJK

_LOOKED_AT = 1000  # hits of a term, among which the best place for a snippet is sought
_LEAD = 3  # a snippet begins so that its first hit stands after a third of it
_ALONE = re.compile(f"[{CJK}]")


class Piece(NamedTuple):  # a page makes thousands, and a dataclass takes three times as long
    text: str
    hit: bool = False


class Hit(NamedTuple):
    start: int
    end: int
    term: int


class _Sought(NamedTuple):
    """A term as it is found in a folded text."""

    rarest: str  # a word that must be there, by which most texts are passed over at once
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Marker:
    """Cuts texts of one field (prompt or response) into pieces that are hits and pieces that are not."""

    sought: tuple[_Sought, ...]

    def hits(self, text: str, most: int | None = None) -> list[Hit]:
        """Of each term, by their places."""
        if not self.sought:
            return []
        folded = fold(text)
        found = [
            Hit(*folded.span(match), number)
            for number, (rarest, pattern) in enumerate(self.sought)
            if rarest in folded.text
            for match in islice(pattern.finditer(folded.text), most)
        ]
        return found if len(self.sought) == 1 else sorted(found)

    def mark(self, text: str) -> list[Piece]:
        return _pieces(text, self.hits(text), 0, len(text))


_NO_MARKER = Marker(())


def marker(search: Search | None, field: str) -> Marker:
    terms = [term for term in search.wanted if term.field in (None, field)] if search else []
    return Marker(tuple(map(_sought, terms))) if terms else _NO_MARKER


def _sought(term: Term) -> _Sought:
    words = [fold(word).text for word in term.words]
    first, *others = words
    # The look behind the first word stands after it: what begins with plain letters is found several times as fast.
    pattern = re.escape(first) + ("" if _ALONE.match(first) else f"(?<!{IN_WORD}{re.escape(first)})")
    for before, word in zip(words, others, strict=False):
        touching = _ALONE.match(before) or _ALONE.match(word)
        pattern += BETWEEN_WORDS + ("*" if touching else "+") + re.escape(word)
    if not _ALONE.match(words[-1]):
        pattern += f"{IN_WORD}*" if term.prefix else f"(?!{IN_WORD})"
    return _Sought(max(words, key=len), re.compile(pattern))


def snippet(text: str, marker: Marker, length: int) -> list[Piece]:
    """About `length` characters: the beginning, or the first place that has more of the terms."""
    hits = marker.hits(text, _LOOKED_AT)
    start = _best_start(hits, length)
    if start:
        start = text.rfind(" ", max(start - length, 0), start) + 1 or start
    stop = min(start + length, len(text))
    pieces = _pieces(text, hits, start, stop)
    if start:
        pieces.insert(0, Piece("… "))
    if stop < len(text):
        pieces.append(Piece(" …"))
    return pieces


def _best_start(hits: Sequence[Hit], length: int) -> int:
    """0 when the beginning holds as many different terms as any other place."""
    best, most = 0, len({hit.term for hit in hits if hit.end <= length})
    room, stop = length - length // _LEAD, 0
    within: dict[int, int] = {}
    for first in hits:  # a window that begins with this hit
        while stop < len(hits) and hits[stop].end <= first.start + room:
            within[hits[stop].term] = within.get(hits[stop].term, 0) + 1
            stop += 1
        if len(within) > most:
            best, most = max(first.start - length // _LEAD, 0), len(within)
        if within.get(first.term):
            within[first.term] -= 1
            if not within[first.term]:
                del within[first.term]
    return best


def _pieces(text: str, hits: Sequence[Hit], start: int, stop: int) -> list[Piece]:
    """The text from `start` to `stop`; what several terms hit is one hit."""
    pieces, done = [], start
    for hit in hits:
        begin, end = max(hit.start, done), min(hit.end, stop)
        if begin >= end:
            continue
        if begin > done:
            pieces.append(Piece(text[done:begin]))
        pieces.append(Piece(text[begin:end], hit=True))
        done = end
    if done < stop:
        pieces.append(Piece(text[done:stop]))
    return pieces
