"""What people type into the search box, read into a small tree of our own first: nothing typed is a syntax error.

Words are ANDed; `"a phrase"`, `-without`, `prompt:word`, `response:word`, `begin*`. The tree is then written out for
the engine (FTS5), and the same tree marks its hits in a text (highlighting.py).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as column
from functools import lru_cache

from app.browsing.searching.words import words_of

MAX_CHARACTERS, MAX_TERMS, MAX_WORDS = 10_000, 40, 200
_QUOTES = '"“”„'  # phones and word processors type the curved ones
_TERM = re.compile(
    rf"(-?)(?:(prompt|response):(-?))?(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]?(\*?)|(\S+))", re.IGNORECASE
)
_COLUMNS = {"prompt": "{prompt}", "response": "{response_0 response_1}"}


@dataclass(frozen=True)
class Term:
    words: tuple[str, ...]  # several when it is a phrase; none when nothing typed can be searched for
    field: str | None = None  # prompt, response, or anywhere
    without: bool = False
    prefix: bool = False
    typed: str = column(default="", compare=False)

    @property
    def fts5(self) -> str:
        quoted = '"' + " ".join(self.words) + '"' + ("*" if self.prefix else "")
        return f"{_COLUMNS[self.field]}: {quoted}" if self.field else quoted

    @property
    def written(self) -> str:
        """As it could have been typed."""
        words = " ".join(self.words)
        quoted = f'"{words}"' if len(self.words) > 1 else words
        return f"{'-' * self.without}{self.field + ':' if self.field else ''}{quoted}{'*' * self.prefix}"


@dataclass(frozen=True)
class Search:
    typed: str
    terms: tuple[Term, ...]
    left_out: int = 0  # words beyond the most that are searched for

    @property
    def wanted(self) -> list[Term]:
        return [term for term in self.terms if not term.without and term.words]

    @property
    def unwanted(self) -> list[Term]:
        return [term for term in self.terms if term.without and term.words]

    @property
    def wordless(self) -> list[Term]:
        """Such as `***`, which no text can hold."""
        return [term for term in self.terms if not term.words]

    @property
    def can_match(self) -> bool:
        """False when nothing typed can be searched for."""
        return any(term.words for term in self.terms)


@lru_cache(maxsize=64)
def parse_search(typed: str) -> Search:
    terms, left_out = _first_of(dict.fromkeys(map(_term, _TERM.findall(typed.replace("\0", " ")))))
    return Search(typed.strip(), tuple(terms), left_out)


def _term(parts: tuple[str, ...]) -> Term:
    minus, where, minus_inside, phrase, star, word = parts
    words = words_of(phrase or word)
    prefix = bool(words) and bool(star or word.endswith("*"))
    without = bool(minus or minus_inside)
    return Term(words, where.lower() or None, without, prefix, typed=phrase or word)


def _first_of(terms: Iterable[Term]) -> tuple[list[Term], int]:
    """As many as are searched for, and how many words that leaves out."""
    kept: list[Term] = []
    room, left_out = MAX_WORDS, 0
    for term in terms:
        fitting = term.words[:room] if len(kept) < MAX_TERMS else ()
        left_out += len(term.words) - len(fitting)
        room -= len(fitting)
        if fitting or (not term.words and len(kept) < MAX_TERMS):
            kept.append(replace(term, words=fitting))
    return kept, left_out


def match_all(terms: Sequence[Term]) -> str:
    return " AND ".join(f"({term.fts5})" for term in terms)


def match_any(terms: Sequence[Term]) -> str:
    return " OR ".join(f"({term.fts5})" for term in terms)
