"""Who a comment speaks to: `@` and a reviewer's name, in upper or lower case; of several names that fit the longest."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from app.names import name_key


class Piece(NamedTuple):
    text: str
    mentions: str | None = None  # the key of a reviewer's name


class Mentions:
    """In texts that people write who know these names."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pattern = _pattern(tuple(sorted(names, key=len, reverse=True)))

    def split(self, text: str) -> tuple[Piece, ...]:
        pieces, end = [], 0
        for found in self._pattern.finditer(text):
            pieces += [Piece(text[end : found.start()]), Piece(found[0], name_key(found[1]))]
            end = found.end()
        return tuple(piece for piece in (*pieces, Piece(text[end:])) if piece.text)

    def are_in(self, text: str, name: str) -> bool:
        return any(piece.mentions == name_key(name) for piece in self.split(text))


@lru_cache(maxsize=8)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """Matches nothing while there is nobody; an address such as a@b.org speaks to no b."""
    anybody = "|".join(map(re.escape, names)) or r"(?!)"
    return re.compile(rf"(?<!\w)@({anybody})(?!\w)", re.IGNORECASE)
