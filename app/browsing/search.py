"""What people type into the search box, read into a small tree of our own first: nothing typed is a syntax error.

Words are ANDed; `"a phrase"`, `-without`, `prompt:word`, `response:word`, `begin*`. The tree is then written out for
the engine (FTS5), and the same tree marks its hits in a text (highlighting.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
