"""Texts as the full-text index sees them: the engine itself is asked which characters make words and how it folds them.

Its tables are of Unicode 6.1, Python's are newer: with those, an entry would be found in which no word can be marked.
"""

import re
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from app.db import SQLITE
from app.text import CJK

_BLOCK = 256  # characters the engine is asked about at a time
# In a folded text nothing but ASCII stands between words.
_BETWEEN = r"\x00-/:-`{-\x7f"
BETWEEN_WORDS = f"[{_BETWEEN}]"
_IN_WORD = f"[^{_BETWEEN}{CJK}]"
_WORD = re.compile(f"[{CJK}]|{_IN_WORD}+")
_REST_OF_WORD = re.compile(f"{_IN_WORD}*")
_ALONE = re.compile(f"[{CJK}]")
_FOLDED = re.compile(r"[A-Z\x80-\U0010ffff]+")


class _Engine:
    def __init__(self) -> None:
        self._lock = Lock()
        self._db = SQLITE.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._db.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='unicode61 remove_diacritics 2')")
        self._db.execute("CREATE VIRTUAL TABLE words USING fts5vocab(texts, instance)")

    def fold(self, codes: range) -> dict[int, str]:
        """A space for what stands between words, nothing for an accent on its own."""
        texts = [(code + 1, f"q{chr(code)}q") for code in codes if not 0xD800 <= code < 0xE000]
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", texts)
            found = self._db.execute("SELECT doc - 1, term FROM words WHERE offset = 0").fetchall()
            self._db.execute("ROLLBACK")
        return {**dict.fromkeys(codes, " "), **{code: " " if word == "q" else word[1:-1] for code, word in found}}


class _Folding(dict[int, str]):
    """For `str.translate`; learns block by block."""

    def __init__(self) -> None:
        super().__init__()
        self._engine = _Engine()

    def __missing__(self, code: int) -> str:
        start = code - code % _BLOCK
        self.update(self._engine.fold(range(start, start + _BLOCK)))
        return self[code]


_FOLDING = _Folding()


class Folded(NamedTuple):
    text: str
    places: Sequence[int]  # where each folded character, and the end, is in the text as it was

    def span(self, start: int, end: int) -> tuple[int, int]:
        return self.places[start], self.places[end]


def fold(text: str) -> Folded:
    folded = text.lower() if text.isascii() else _FOLDED.sub(_fold_run, text)
    if len(folded) == len(text):
        return Folded(folded, range(len(text) + 1))
    return Folded(folded, [*(place for place, character in enumerate(text) if _is_kept(character)), len(text)])


def _fold_run(run: re.Match[str]) -> str:
    return run[0].translate(_FOLDING)


def _is_kept(character: str) -> bool:
    return character.isascii() or _FOLDING[ord(character)] != ""


def words_of(text: str) -> tuple[str, ...]:
    """As they stand in the text."""
    folded = fold(text)
    return tuple(text[slice(*folded.span(*match.span()))] for match in _WORD.finditer(folded.text))


def is_inside_word(folded: str, place: int) -> bool:
    """Whether a word goes on there; Chinese, Japanese and Korean characters are words of their own."""
    return end_of_word(folded, place) > place


def end_of_word(folded: str, place: int) -> int:
    match = _REST_OF_WORD.match(folded, place)
    return match.end() if match else place


def stands_alone(folded: str) -> bool:
    return _ALONE.match(folded) is not None
