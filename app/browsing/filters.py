"""The query string of a list of entries: read strictly, written back, and said in English."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from urllib.parse import quote_plus, urlencode

from app.browsing.facets import Facet, either
from app.browsing.search import Search, parse_search
from app.errors import InvalidInput

DEFAULT_LIMIT, MOST_ENTRIES = 50, 500
SORTS = {"position": "position", "length": "length, longest first", "severity": "severity, highest first"}
_LARGEST_ID = 2**32 - 1  # a bitmap holds no larger number
_SINGLE = ("q", "sort", "after", "limit")


@dataclass(frozen=True)
class Filters:
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    q: str = ""
    sort: str = "position"
    after: int | None = None  # id of the entry before the first one shown
    limit: int = DEFAULT_LIMIT

    @cached_property
    def search(self) -> Search | None:
        return parse_search(self.q) if self.q else None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for the same set of entries in the same order."""
        return (tuple(self.chosen.items()), self.q, self.sort)

    def toggled(self, name: str, value: str) -> "Filters":
        chosen = {**self.chosen, name: _toggled(self.chosen.get(name, ()), value)}
        return replace(self, chosen={k: v for k, v in chosen.items() if v}, after=None)

    def query_string(self, *, page: bool = True) -> str:
        """Without `page`, from the beginning of the list."""
        pairs = self.pairs_without_search()
        if self.q:
            pairs.append(("q", self.q))
        if page and self.after is not None:
            pairs.append(("after", str(self.after)))
        return urlencode(pairs)

    def toggles(self, facet: Facet) -> dict[str, str]:
        """For each value of the facet the query string with it added, or taken away where it is chosen."""
        rest = replace(self, chosen={name: v for name, v in self.chosen.items() if name != facet.name}, after=None)
        tail, chosen = rest.query_string(), self.chosen.get(facet.name, ())
        return {value: _joined(facet.name, _toggled(chosen, value), tail) for value in facet.by_value}

    def pairs_without_search(self) -> list[tuple[str, str]]:
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        if self.sort != "position":
            pairs.append(("sort", self.sort))
        if self.limit != DEFAULT_LIMIT:
            pairs.append(("limit", str(self.limit)))
        return pairs


_quoted = lru_cache(maxsize=4096)(quote_plus)


def _toggled(chosen: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)


def _joined(name: str, values: tuple[str, ...], tail: str) -> str:
    parts = [f"{name}={_quoted(value)}" for value in values]
    return "&".join([*parts, tail] if tail else parts)


def parse_filters(pairs: Iterable[tuple[str, str]], facets: Sequence[Facet]) -> Filters:
    """Raises InvalidInput that names the valid parameters or values; empty values are left out, as forms send them."""
    by_name = {facet.name: facet for facet in facets}
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in by_name and name not in _SINGLE:
            raise _unknown("parameter", name, [*by_name, *_SINGLE], name)
        if value and value not in given.setdefault(name, []):
            given[name].append(value)
    for name in _SINGLE:
        if len(given.get(name, [])) > 1:
            raise InvalidInput(f"{name} can be given once only.", name)
    chosen = {}
    for facet in facets:
        for value in given.get(facet.name, []):
            if value not in facet.by_value:
                raise _unknown(f"value of {facet.name}", value, list(facet.by_value), facet.name)
        chosen[facet.name] = tuple(v.value for v in facet.values if v.value in given.get(facet.name, []))
    single = {name: given[name][0] for name in _SINGLE if given.get(name)}
    if single.get("sort", "position") not in SORTS:
        raise _unknown("value of sort", single["sort"], list(SORTS), "sort")
    return Filters(
        chosen={name: values for name, values in chosen.items() if values},
        q=single.get("q", "").strip(),
        sort=single.get("sort", "position"),
        after=_number(single, "after", None, 0, _LARGEST_ID),
        limit=_number(single, "limit", DEFAULT_LIMIT, 1, MOST_ENTRIES) or DEFAULT_LIMIT,
    )


def _number(given: Mapping[str, str], name: str, default: int | None, least: int, most: int) -> int | None:
    if name not in given:
        return default
    text = given[name]
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not least <= int(text) <= most:
        what = "what a `next` link gave" if name == "after" else f"a whole number from {least} to {most}"
        raise InvalidInput(f"{name} must be {what}.", name)
    return int(text)


def _unknown(what: str, given: str, valid: Sequence[str], field_name: str) -> InvalidInput:
    shown = given[:60]
    nearest = get_close_matches(shown, valid, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return InvalidInput(f"{shown!r} is no {what}.{hint} Valid are: {', '.join(valid) or 'none'}.", field_name)


def describe(filters: Filters, facets: Sequence[Facet]) -> str:
    """The words after "214 of 83,400 entries"; empty when nothing is filtered."""
    parts = [facet.say(filters.chosen[facet.name]) for facet in facets if facet.name in filters.chosen]
    search = filters.search
    if search is not None:
        parts += _search_phrases(search)
    return ", ".join(parts)


def _search_phrases(search: Search) -> list[str]:
    wanted = [_quote(term.words, term.prefix) + _where(term.field) for term in search.wanted if term.words]
    unwanted = [_quote(term.words, term.prefix) + _where(term.field) for term in search.unwanted]
    phrases = []
    if not search.can_match:
        phrases.append(f"that mention “{search.typed[:60]}”, which holds nothing to search for")
    elif wanted:
        phrases.append("that mention " + " and ".join(wanted))
    if unwanted:
        phrases.append("that do not mention " + either(unwanted))
    return phrases


def _quote(words: Sequence[str], prefix: bool) -> str:
    return "“" + " ".join(words) + ("…" if prefix else "") + "”"


def _where(field_name: str | None) -> str:
    return {"prompt": " in the prompt", "response": " in a response", None: ""}[field_name]
