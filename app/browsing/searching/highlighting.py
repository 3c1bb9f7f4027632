"""Marks the hits of a search in a text, and cuts a text down to where most of what is sought stands together.

A hit here is what the full-text index takes for one: words are compared folded, as words.py has it from the engine.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise
from typing import NamedTuple

from app.browsing.searching.search import Search, Term
from app.browsing.searching.words import BETWEEN_WORDS, end_of_word, fold, is_inside_word, stands_alone

_LOOKED_AT = 200  # hits of each of several terms, among which the best place for a snippet is sought
_LEAD = 30  # characters before the first hit of a snippet
_SEEN = 75  # characters that a phone shows of it


class Piece(NamedTuple):  # a page makes thousands, and a dataclass takes three times as long
    text: str
    hit: bool = False


_BEFORE = (Piece("… "),)


class Hit(NamedTuple):
    start: int
    end: int
    term: int


class _Sought(NamedTuple):
    """A term as it is found in a folded text. Where words end stands in no pattern: it would take 3 ms to compile."""

    rarest: str  # a word that must be there, by which most texts are passed over at once
    pattern: re.Pattern[str]
    begins_word: bool  # not so what is a word by itself
    ends_word: bool
    prefix: bool

    def find(self, folded: str) -> Iterator[tuple[int, int]]:
        place = 0
        while match := self.pattern.search(folded, place):
            start, end = match.span()
            place = start + 1
            if self.begins_word and start and is_inside_word(folded, start - 1):
                continue
            if self.ends_word:
                rest = end_of_word(folded, end)
                if rest > end and not self.prefix:
                    continue
                end = rest
            yield start, end
            place = end


@dataclass(frozen=True)
class Marker:
    """Cuts texts of one field (prompt or response) into pieces that are hits and pieces that are not."""

    sought: tuple[_Sought, ...]

    def hits(self, text: str) -> Iterator[Iterator[Hit]]:
        """Of each term that is there at all."""
        folded = fold(text)
        for number, term in enumerate(self.sought):
            if term.rarest in folded.text:
                yield (Hit(*folded.span(*found), number) for found in term.find(folded.text))

    def mark(self, text: str) -> list[Piece]:
        if not self.sought:
            return [Piece(text)] if text else []
        hits = chain.from_iterable(self.hits(text))
        return _pieces(text, hits if len(self.sought) == 1 else sorted(hits), 0, len(text))

    def first_hits(self, text: str, length: int) -> list[Hit]:
        """As many as matter for a snippet: of one term those that stand together with the first."""
        if len(self.sought) > 1:
            return sorted(chain.from_iterable(islice(hits, _LOOKED_AT) for hits in self.hits(text)))
        found: list[Hit] = []
        for hit in chain.from_iterable(self.hits(text)):
            if found and hit.start > max(length, found[0].start + length):
                break
            found.append(hit)
        return found


_NO_MARKER = Marker(())


def marker(search: Search | None, field: str) -> Marker:
    terms = [term for term in search.wanted if term.field in (None, field)] if search else []
    return Marker(tuple(map(_sought, terms))) if terms else _NO_MARKER


def _sought(term: Term) -> _Sought:
    words = [fold(word).text for word in term.words]
    pattern = re.escape(words[0])
    for before, word in pairwise(words):
        touching = stands_alone(before) or stands_alone(word)
        pattern += BETWEEN_WORDS + ("*" if touching else "+") + re.escape(word)
    begins, ends = not stands_alone(words[0]), not stands_alone(words[-1])
    return _Sought(max(words, key=len), re.compile(pattern), begins, ends, term.prefix)


def snippet(text: str, marker: Marker, length: int) -> list[Piece]:
    """About `length` characters: the beginning, or the first place that has more of the terms."""
    hits = marker.first_hits(text, length) if marker.sought else []
    start = _best_start(hits, length) if hits else 0
    if start:
        start = text.find(" ", start, start + _LEAD) + 1 or start
    stop = start + length
    if stop < len(text):
        stop = start + len(text[start:stop].rstrip())
        return [*_BEFORE[: start > 0], *_pieces(text, hits, start, stop), Piece(" …")]
    return [*_BEFORE[: start > 0], *_pieces(text, hits, start, len(text))]


def _best_start(hits: Sequence[Hit], length: int) -> int:
    """0 when the beginning holds as many different terms as any other place, and its first hit is seen."""
    best, most = 0, 0
    if hits[0].end <= _SEEN:
        most = len({hit.term for hit in hits if hit.end <= length})
    stop, inside = 0, Counter[int]()
    for place, first in enumerate(hits):
        while stop < len(hits) and (stop <= place or hits[stop].end <= first.start + length - _LEAD):
            inside[hits[stop].term] += 1
            stop += 1
        if len(inside) > most:
            best, most = max(first.start - _LEAD, 0), len(inside)
        inside[first.term] -= 1
        if not inside[first.term]:
            del inside[first.term]
    return best


def _pieces(text: str, hits: Iterable[Hit], start: int, stop: int) -> list[Piece]:
    """The text from `start` to `stop`; terms that overlap make one hit."""
    pieces, done = [], start
    for hit in hits:
        begin, end = max(hit.start, done), min(hit.end, stop)
        if begin >= end:
            continue
        if begin > done:
            pieces.append(Piece(text[done:begin]))
        elif hit.start < done and pieces:
            begin -= len(pieces.pop().text)
        pieces.append(Piece(text[begin:end], hit=True))
        done = end
    if done < stop:
        pieces.append(Piece(text[done:stop]))
    return pieces
