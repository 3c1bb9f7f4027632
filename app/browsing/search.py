"""What people type into the search box, read into a small tree of our own first: nothing typed is a syntax error.

Words are ANDed; `"a phrase"`, `-without`, `prompt:word`, `response:word`, `begin*`. The tree is then written out for
the engine (FTS5), and the same tree marks its hits in a text.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.text import search_text

MAX_TERMS = 40
_TERM = re.compile(r'(-?)(?:(prompt|response):)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_COLUMNS = {"prompt": "{prompt}", "response": "{response_0 response_1}"}


@dataclass(frozen=True)
class Term:
    words: tuple[str, ...]  # several when it is a phrase; none when nothing typed can be searched for
    field: str | None = None  # prompt, response, or anywhere
    without: bool = False
    prefix: bool = False

    @property
    def fts5(self) -> str:
        quoted = '"' + " ".join(self.words) + '"' + ("*" if self.prefix else "")
        return f"{_COLUMNS[self.field]}: {quoted}" if self.field else quoted


@dataclass(frozen=True)
class Search:
    typed: str
    terms: tuple[Term, ...]

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if not term.without]

    @property
    def unwanted(self) -> list[Term]:
        return [term for term in self.terms if term.without and term.words]

    @property
    def can_match(self) -> bool:
        """False when something was asked for that no text can hold, such as `***`."""
        return all(term.words for term in self.wanted)


def parse_search(typed: str) -> Search:
    terms = []
    for minus, field, phrase, word in _TERM.findall(typed.replace("\0", " ")):
        words = tuple(_WORD.findall(search_text(phrase or word)))
        prefix = bool(word) and word.endswith("*") and bool(words)
        terms.append(Term(words, field.lower() or None, bool(minus), prefix))
    return Search(typed.strip(), tuple(terms[:MAX_TERMS]))


def match_all(terms: Sequence[Term]) -> str:
    return " AND ".join(f"({term.fts5})" for term in terms)


def match_any(terms: Sequence[Term]) -> str:
    return " OR ".join(f"({term.fts5})" for term in terms)


@dataclass(frozen=True)
class Piece:
    text: str
    hit: bool = False


Marker = Callable[[str], list[Piece]]


def marker(search: Search | None, field: str) -> Marker:
    """Cuts a text of this field (prompt or response) into pieces that are hits and pieces that are not."""
    terms = [t for t in search.wanted if t.words and t.field in (None, field)] if search else []
    if not terms:
        return lambda text: [Piece(text)] if text else []
    pattern = re.compile("|".join(_pattern(term) for term in terms), re.IGNORECASE)
    return lambda text: _mark(text, pattern)


def _pattern(term: Term) -> str:
    apart = r"[\W_]*" if any(map(_stands_alone, term.words)) else r"[\W_]+"
    words = apart.join(re.escape(fold(word)) for word in term.words)
    start = "" if _stands_alone(term.words[0]) else r"(?<![^\W_])"
    end = "" if _stands_alone(term.words[-1]) else r"(?![^\W_])"
    return start + words + (r"[^\W_]*" if term.prefix else end)


def _stands_alone(word: str) -> bool:
    """A character that is a word by itself, such as a Chinese one, needs no edge of a word around it."""
    return search_text(word) != word


def _mark(text: str, pattern: re.Pattern[str]) -> list[Piece]:
    pieces, done = [], 0
    for match in pattern.finditer(fold(text)):
        if match.start() > done:
            pieces.append(Piece(text[done : match.start()]))
        pieces.append(Piece(text[match.start() : match.end()], hit=True))
        done = match.end()
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return pieces


def fold(text: str) -> str:
    """Without case and accents, as the tokenizer compares, and of the same length, so that positions hold."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


@lru_cache(maxsize=4096)
def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def snippet(text: str, mark: Marker, length: int) -> list[Piece]:
    """About `length` characters: the beginning, or what surrounds the first hit when that lies further on."""
    beginning = text[: length * 2]
    pieces = mark(beginning)
    if len(text) > len(beginning) and not any(piece.hit for piece in pieces):
        pieces = mark(text)
    offset = 0
    for piece in pieces:
        if piece.hit:
            break
        offset += len(piece.text)
    else:
        offset = 0
    if offset + 40 <= length:
        return _cut(mark(text[: length + 1]), length)
    start = text.rfind(" ", 0, offset - length // 3) + 1 or offset - length // 3
    return [Piece("… "), *_cut(mark(text[start : start + length + 1]), length)]


def _cut(pieces: list[Piece], length: int) -> list[Piece]:
    """Drops the one character too many that tells whether the text goes on."""
    if sum(len(piece.text) for piece in pieces) <= length:
        return pieces
    last = pieces[-1]
    return [*pieces[:-1], Piece(last.text[:-1].rstrip(), last.hit), Piece(" …")]
