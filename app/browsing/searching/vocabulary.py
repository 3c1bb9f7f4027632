"""Words of the full-text index that are like a given one, at a cost that does not grow with the number of entries.

One step away (a letter more, less, another, or two in turn) every possible word is looked up. Further away only words
with the same beginning are compared, and of them no more than so many.
"""

import json
from difflib import get_close_matches
from string import ascii_lowercase

from pyroaring import BitMap
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from app.browsing.searching.search import Term
from app.browsing.searching.words import fold

SHORTEST, _LONGEST = 4, 30  # letters of a word that is looked for
MOST_WORDS = 4
_COMPARED, _SAME_LETTERS = 600, (3, 2)
_ALIKE = 0.7  # as difflib measures it
# Between the dataset's first and last entry: other datasets have other words.
_HOLDS = text("SELECT 1 FROM entry_search WHERE entry_search MATCH :match AND rowid BETWEEN :first AND :last LIMIT 1")
_KNOWN = text(
    "SELECT value FROM json_each(:words) WHERE EXISTS (SELECT 1 FROM temp.entry_words WHERE term = json_each.value)"
)
_FIRST = text("SELECT term FROM temp.entry_words WHERE term >= :start AND term < :stop LIMIT 1")
_NEXT = text("SELECT term FROM temp.entry_words WHERE term > :start AND term < :stop LIMIT 1")


def holds(db: Session, within: BitMap, term: Term) -> bool:
    """Whether an entry has it, or had: words of neighbouring datasets may slip in."""
    found = db.execute(_HOLDS, {"match": term.fts5, "first": within.min(), "last": within.max()})
    return found.first() is not None


def nearest_words(db: Session, within: BitMap, word: str) -> list[str]:
    """The likeliest first."""
    word = fold(word).text
    if not SHORTEST <= len(word) <= _LONGEST:
        return []
    known = db.scalars(_KNOWN, {"words": json.dumps(list(_one_step_away(word)))})
    near = [other for other in known if holds(db, within, Term((other,)))]
    near.sort(key=lambda other: (other[0] != word[0], abs(len(other) - len(word)), other))
    for letters in _SAME_LETTERS:
        if not near:
            alike = get_close_matches(word, _beginning_with(db, word[:letters]), n=2 * MOST_WORDS, cutoff=_ALIKE)
            near = [other for other in alike if holds(db, within, Term((other,)))]
    return near[:MOST_WORDS]


def _one_step_away(word: str) -> set[str]:
    letters = set(ascii_lowercase) | set(word)
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return (
        {a + b[1:] for a, b in cuts if b}
        | {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        | {a + letter + b[1:] for a, b in cuts if b for letter in letters}
        | {a + letter + b for a, b in cuts for letter in letters}
    ) - {word}


def _beginning_with(db: Session, start: str) -> list[str]:
    """Goes from word to word, so that it reads nothing of the entries that have them."""
    stop = start + "\U0010ffff"
    found = _word(db, _FIRST, start, stop)
    words: list[str] = []
    while found is not None and len(words) < _COMPARED:
        words.append(found)
        found = _word(db, _NEXT, found, stop)
    return words


def _word(db: Session, statement: TextClause, start: str, stop: str) -> str | None:
    found: str | None = db.scalar(statement, {"start": start, "stop": stop})
    return found
