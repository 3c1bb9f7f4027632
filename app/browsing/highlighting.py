"""Marks the hits of a search in a text, and cuts a text down to what surrounds the first one."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from app.browsing.search import Search, Term
from app.text import search_text


class Piece(NamedTuple):  # a page makes thousands, and a dataclass takes three times as long
    text: str
    hit: bool = False


@dataclass(frozen=True)
class Marker:
    """Cuts texts of one field (prompt or response) into pieces that are hits and pieces that are not."""

    pattern: re.Pattern[str] | None

    def mark(self, text: str) -> list[Piece]:
        if self.pattern is None:
            return [Piece(text)] if text else []
        pieces, done = [], 0
        for match in self.pattern.finditer(fold(text)):
            if match.start() > done:
                pieces.append(Piece(text[done : match.start()]))
            pieces.append(Piece(text[match.start() : match.end()], hit=True))
            done = match.end()
        if done < len(text):
            pieces.append(Piece(text[done:]))
        return pieces

    def first_hit(self, text: str) -> int | None:
        match = self.pattern.search(fold(text)) if self.pattern else None
        return match.start() if match else None


def marker(search: Search | None, field: str) -> Marker:
    terms = [t for t in search.wanted if t.words and t.field in (None, field)] if search else []
    if not terms:
        return Marker(None)
    return Marker(re.compile("|".join(_pattern(term) for term in terms), re.IGNORECASE))


def _pattern(term: Term) -> str:
    apart = r"[\W_]*" if any(map(_stands_alone, term.words)) else r"[\W_]+"
    words = apart.join(re.escape(fold(word)) for word in term.words)
    start = "" if _stands_alone(term.words[0]) else r"(?<![^\W_])"
    end = "" if _stands_alone(term.words[-1]) else r"(?![^\W_])"
    return start + words + (r"[^\W_]*" if term.prefix else end)


def _stands_alone(word: str) -> bool:
    """A character that is a word by itself, such as a Chinese one, needs no edge of a word around it."""
    return search_text(word) != word


def fold(text: str) -> str:
    """Without case and accents, as the tokenizer compares, and of the same length, so that positions hold."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def snippet(text: str, marker: Marker, length: int) -> list[Piece]:
    """About `length` characters: the beginning, or what surrounds the first hit when that lies further on."""
    offset = marker.first_hit(text)
    if offset is None or offset + 40 <= length:
        return _cut(marker.mark(text[: length + 1]), length)
    before = max(offset - length // 3, 0)
    start = text.rfind(" ", 0, before) + 1 or before
    return [Piece("… "), *_cut(marker.mark(text[start : start + length + 1]), length)]


def _cut(pieces: list[Piece], length: int) -> list[Piece]:
    """Drops the one character too many that tells whether the text goes on."""
    if sum(len(piece.text) for piece in pieces) <= length:
        return pieces
    last = pieces[-1]
    return [*pieces[:-1], Piece(last.text[:-1].rstrip(), last.hit), Piece(" …")]
