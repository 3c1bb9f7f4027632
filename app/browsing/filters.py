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
MATCHES = {"any": "any of these", "all": "all of these"}
_LARGEST_ID = 2**32 - 1  # a bitmap holds no larger number
_LONGEST = 10**12
# Parameters that are given once; the last only where entries have harm categories.
SINGLE = ("q", "sort", "min_length", "max_length", "after", "limit", "category_match")


@dataclass(frozen=True)
class Filters:
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    q: str = ""
    sort: str = "position"
    after: int | None = None  # id of the entry before the first one shown
    limit: int = DEFAULT_LIMIT
    min_length: int | None = None  # characters of prompt and responses
    max_length: int | None = None
    all_categories: bool = False  # every chosen category must hold, not any of them

    @cached_property
    def search(self) -> Search | None:
        return parse_search(self.q) if self.q else None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for the same set of entries in the same order."""
        return (tuple(self.chosen.items()), self.q, self.sort, self.min_length, self.max_length, self.all_categories)

    def narrows(self, facet: str) -> bool:
        """Its chosen values must hold together, so that each one more leaves fewer entries."""
        return facet == "category" and self.all_categories

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
        if self.all_categories:
            pairs.append(("category_match", "all"))
        for name, length in (("min_length", self.min_length), ("max_length", self.max_length)):
            if length is not None:
                pairs.append((name, str(length)))
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
    single_names = SINGLE if "category" in by_name else SINGLE[:-1]
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in by_name and name not in single_names:
            raise _unknown("parameter", name, [*by_name, *single_names], name)
        if value and value not in given.setdefault(name, []):
            given[name].append(value)
    for name in single_names:
        if len(given.get(name, [])) > 1:
            raise InvalidInput(f"{name} can be given once only.", name)
    chosen = {facet.name: _chosen(facet, given.get(facet.name, [])) for facet in facets}
    single = {name: given[name][0] for name in single_names if given.get(name)}
    least, most = (_number(single, name, None, 0, _LONGEST) for name in ("min_length", "max_length"))
    if least is not None and most is not None and least > most:
        raise InvalidInput("min_length must not be larger than max_length.", "min_length")
    return Filters(
        chosen={name: values for name, values in chosen.items() if values},
        q=single.get("q", "").strip(),
        sort=_one_of(single, "sort", sorts_of(facets)),
        after=_number(single, "after", None, 0, _LARGEST_ID),
        limit=_number(single, "limit", DEFAULT_LIMIT, 1, MOST_ENTRIES) or DEFAULT_LIMIT,
        min_length=least,
        max_length=most,
        all_categories=_one_of(single, "category_match", MATCHES) == "all",
    )


def sorts_of(facets: Iterable[Facet]) -> dict[str, str]:
    """What a list can be sorted by, and how that is said."""
    has_severities = any(facet.name == "severity" for facet in facets)
    return {name: label for name, label in SORTS.items() if name != "severity" or has_severities}


def _chosen(facet: Facet, given: Sequence[str]) -> tuple[str, ...]:
    for value in given:
        if value not in facet.by_value:
            raise _unknown(f"value of {facet.name}", value, list(facet.by_value), facet.name)
    return tuple(value.value for value in facet.values if value.value in given)


def _one_of(given: Mapping[str, str], name: str, valid: Mapping[str, str]) -> str:
    """The first of the valid ones is the default."""
    value = given.get(name, next(iter(valid)))
    if value not in valid:
        raise _unknown(f"value of {name}", value, list(valid), name)
    return value


def _number(given: Mapping[str, str], name: str, default: int | None, least: int, most: int) -> int | None:
    if name not in given:
        return default
    text = given[name]
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not least <= int(text) <= most:
        upper = "" if most == _LONGEST else f" to {most}"
        what = "what a `next` link gave" if name == "after" else f"a whole number from {least}{upper}"
        raise InvalidInput(f"{name} must be {what}.", name)
    return int(text)


def _unknown(what: str, given: str, valid: Sequence[str], field_name: str) -> InvalidInput:
    shown = given[:60]
    nearest = get_close_matches(shown, valid, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return InvalidInput(f"{shown!r} is no {what}.{hint} Valid are: {', '.join(valid) or 'none'}.", field_name)


def describe(filters: Filters, facets: Sequence[Facet]) -> str:
    """The words after "214 of 83,400 entries"; empty when nothing is filtered."""
    parts = [
        facet.say(filters.chosen[facet.name], all_of=filters.narrows(facet.name))
        for facet in facets
        if facet.name in filters.chosen
    ]
    if lengths := say_lengths(filters.min_length, filters.max_length):
        parts.append(f"of {lengths}")
    search = filters.search
    if search is not None:
        parts += _search_phrases(search)
    return ", ".join(parts)


def say_lengths(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"{least:,} to {most:,} characters"
    if least is not None:
        return f"at least {least:,} characters"
    return f"at most {most:,} characters" if most is not None else ""


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
