"""A search said in English, with all that it leaves out."""

from collections.abc import Sequence

from app.browsing.facets import either
from app.browsing.searching.search import Search, Term

_LONGEST = 80  # characters of a term that are said
_PLACES = {"prompt": " in the prompt", "response": " in a response", None: ""}


def say_search(search: Search) -> list[str]:
    if not search.can_match:
        return [f"that mention {_quoted(search.typed)}, which holds nothing to search for"]
    said = []
    if search.wanted:
        said.append("that mention " + " and ".join(map(_say_term, search.wanted)))
    if search.unwanted:
        said.append("that do not mention " + either([_say_term(term) for term in search.unwanted]))
    if left_out := _left_out(search):
        said.append("leaving out " + " and ".join(left_out))
    return said


def _say_term(term: Term) -> str:
    return _quoted(" ".join(term.words), "…" if term.prefix else "") + _PLACES[term.field]


def _left_out(search: Search) -> Sequence[str]:
    symbols = [_quoted(term.typed) for term in search.wordless]
    if not search.left_out:
        return symbols
    return [*symbols, "the last word" if search.left_out == 1 else f"the last {search.left_out:,} words"]


def _quoted(text: str, end: str = "") -> str:
    return f"“{text}{end}”" if len(text) <= _LONGEST else f"“{text[:_LONGEST].rstrip()}…”"
