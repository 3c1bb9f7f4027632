"""Searches that are like one that finds nothing, but find something."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from pyroaring import BitMap
from sqlalchemy.orm import Session

from app.browsing.engine.rows import search_ids
from app.browsing.searching.search import Search, Term, match_all, match_any
from app.browsing.searching.vocabulary import SHORTEST, holds, nearest_words

_MOST_TERMS = 8  # of a search of which each is left out in turn
_MOST_WORDS = 12  # of a phrase that is looked at word by word
_RESPELLED = 2  # words that no text holds, for which others are sought
Terms = tuple[Term, ...]


def find_rewritings(db: Session, everything: BitMap, search: Search) -> dict[str, BitMap]:
    """By what would have been typed, the entries whose texts match: some, whatever else they are filtered by."""
    lost = [term for term in search.wanted if not holds(db, everything, term)]
    rewritten = _without_lost(db, everything, search, lost) if lost else _with_less(search)
    found = {}
    for terms in rewritten:
        kept = tuple(dict.fromkeys(terms))
        if any(not term.without for term in kept) and (hits := _hits(db, everything, kept)):
            found[" ".join(term.written for term in kept)] = hits
    return found


def _hits(db: Session, everything: BitMap, terms: Terms) -> BitMap:
    wanted, unwanted = ([term for term in terms if term.without is without] for without in (False, True))
    hits = everything & search_ids(db, match_all(wanted))
    return hits - search_ids(db, match_any(unwanted)) if unwanted and hits else hits


def _without_lost(db: Session, everything: BitMap, search: Search, lost: Sequence[Term]) -> Iterator[Terms]:
    """Terms that no text holds give way: one to each thing that it may have meant, several to the nearest of each."""
    instead = {term: list(_instead_of(db, everything, term)) for term in lost[:_RESPELLED]}
    if len(lost) == 1:
        yield from (_replaced(search, {lost[0]: terms}) for terms in instead[lost[0]])
    else:
        yield _replaced(search, {term: next(iter(instead.get(term, ())), ()) for term in lost})
    yield _replaced(search, dict.fromkeys(lost, ()))


def _with_less(search: Search) -> Iterator[Terms]:
    """Each term has hits: what keeps them apart gives way."""
    terms = [term for term in search.terms if term.words]
    if len(terms) > _MOST_TERMS:
        return
    for term in terms:
        if len(terms) > 1:
            yield _replaced(search, {term: ()})
        if 1 < len(term.words) <= _MOST_WORDS and not term.without:
            yield _replaced(search, {term: _loosened(term)})
        if term.field:
            yield _replaced(search, {term: (replace(term, field=None),)})


def _replaced(search: Search, instead: dict[Term, Terms]) -> Terms:
    terms = (term for term in search.terms if term.words)
    return tuple(chain.from_iterable(instead.get(term, (term,)) for term in terms))


def _instead_of(db: Session, everything: BitMap, term: Term) -> Iterator[Terms]:
    """What may have been meant by a term that no text holds, each with hits of its own."""
    if len(term.words) > _MOST_WORDS:
        return
    others = [_loosened(term)] if len(term.words) > 1 else []
    if term.field:
        others.append((replace(term, field=None),))
    if not term.prefix and len(term.words) == 1 and len(term.words[0]) >= SHORTEST - 1:
        others.append((replace(term, prefix=True),))
    others += _respelled(db, everything, term)
    yield from (terms for terms in others if all(holds(db, everything, other) for other in terms))


def _loosened(term: Term) -> Terms:
    """The words of a phrase, wherever they stand."""
    *words, last = (replace(term, words=(word,), prefix=False) for word in term.words)
    return (*dict.fromkeys(words), replace(last, prefix=term.prefix))


def _respelled(db: Session, everything: BitMap, term: Term) -> Iterator[Terms]:
    """With the nearest word for each that no text holds."""
    alone = [Term((word,)) for word in term.words]
    lost = [word.words[0] for word in alone if not holds(db, everything, word)]
    if not 0 < len(lost) <= _RESPELLED:
        return
    near = {word: nearest_words(db, everything, word) for word in lost}
    if len(near) == 1:
        for other in near[lost[0]]:
            yield (replace(term, words=tuple(other if word == lost[0] else word for word in term.words)),)
    elif all(near.values()):
        yield (replace(term, words=tuple(near[word][0] if word in near else word for word in term.words)),)
