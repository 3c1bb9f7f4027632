"""The query string of a list of entries: read strictly, written back, and said in English."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import urlencode

from app.browsing.facets import Facet
from app.browsing.ordered import Cursor
from app.browsing.search import MAX_CHARACTERS, Search, parse_search
from app.browsing.search_sentence import say_search
from app.errors import InvalidInput

DEFAULT_LIMIT, MOST_ENTRIES = 50, 500
SORTS = {
    "position": "position",
    "relevance": "relevance",
    "length": "length, longest first",
    "severity": "severity, highest first",
    "reviewed_at": "reviewed, latest first",
    "random": "random",
}
MATCHES = {"any": "any of these", "all": "all of these"}
NOT = "not_"
DEFAULT_SEED = 1
_LARGEST_ID = 2**32 - 1  # a bitmap holds no larger number
_LARGEST_SEED = 2**32 - 1
_LONGEST = 10**12
# Parameters that are given once; the last only where entries have harm categories.
SINGLE = (
    "q", "sort", "seed", "min_length", "max_length", "after", "page", "entry", "limit", "category_match",
)  # fmt: skip
_PLACES = ("after", "page", "entry")
_CURSOR = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,17}))?", re.ASCII)

Chosen = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Filters:
    chosen: Chosen = field(default_factory=dict)
    excluded: Chosen = field(default_factory=dict)
    q: str = ""
    sort: str = "position"
    seed: int = DEFAULT_SEED  # of sort=random
    limit: int = DEFAULT_LIMIT
    min_length: int | None = None  # characters of prompt and responses
    max_length: int | None = None
    all_categories: bool = False  # every chosen category must hold, not any of them
    view: tuple[tuple[str, str], ...] = ()  # parameters of the page that are no filters: kept in its links
    # Where in the list: at most one of them.
    after: Cursor | None = None  # behind this entry
    page: int | None = None  # 1-based
    entry: int | None = None  # on the page that has this entry

    @cached_property
    def search(self) -> Search | None:
        return parse_search(self.q) if self.q else None

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Equal for the same set of entries in the same order."""
        lengths = (self.min_length, self.max_length)
        return (*map(_items, (self.chosen, self.excluded)), self.q, self.sort, self.seed, lengths, self.all_categories)

    @property
    def names(self) -> set[str]:
        """Facets that are filtered by."""
        return {*self.chosen, *self.excluded}

    def narrows(self, facet: str) -> bool:
        """Its chosen values must hold together, so that each one more leaves fewer entries."""
        return facet == "category" and self.all_categories

    def from_start(self, **changes: object) -> "Filters":
        """With changes, after which the place in the list means nothing."""
        return replace(self, **{**dict.fromkeys(_PLACES), **changes})  # type: ignore[arg-type]

    def toggled(self, name: str, value: str) -> "Filters":
        """With the value chosen or, if it is, no longer; it is not excluded then."""
        return self.from_start(chosen=_with(self.chosen, name, value), excluded=_less(self.excluded, name, value))

    def excluding(self, name: str, value: str) -> "Filters":
        """With the value excluded or, if it is, no longer; it is not chosen then."""
        return self.from_start(chosen=_less(self.chosen, name, value), excluded=_with(self.excluded, name, value))

    def query_string(self, *, page: bool = True) -> str:
        """Without `page`, from the beginning of the list."""
        pairs = self.pairs_without_search()
        if self.q:
            pairs.append(("q", self.q))
        if page:
            pairs += [(name, str(place)) for name in _PLACES if (place := getattr(self, name)) is not None]
        return urlencode(pairs)

    def toggles(self, facet: Facet) -> dict[str, tuple[str, str]]:
        """For each value the query string with it chosen and with it excluded, or no longer where it is."""
        name = facet.name
        rest = self.from_start(chosen=_without(self.chosen, name), excluded=_without(self.excluded, name))
        tail, chosen, excluded = rest.query_string(), self.chosen.get(name, ()), self.excluded.get(name, ())
        if not chosen and not excluded:  # as most are
            end = f"&{tail}" if tail else ""
            return {v: (f"{name}={quoted}{end}", f"not_{name}={quoted}{end}") for v, quoted in facet.quoted.items()}
        return {
            value: (
                _joined(facet, _toggled(chosen, value), _dropped(excluded, value), tail),
                _joined(facet, _dropped(chosen, value), _toggled(excluded, value), tail),
            )
            for value in facet.by_value
        }

    def pairs_without_search(self) -> list[tuple[str, str]]:
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        pairs += [(NOT + name, value) for name, values in self.excluded.items() for value in values]
        if self.all_categories:
            pairs.append(("category_match", "all"))
        for name, length in (("min_length", self.min_length), ("max_length", self.max_length)):
            if length is not None:
                pairs.append((name, str(length)))
        if self.sort != "position":
            pairs.append(("sort", self.sort))
        if self.sort == "random":
            pairs.append(("seed", str(self.seed)))
        if self.limit != DEFAULT_LIMIT:
            pairs.append(("limit", str(self.limit)))
        pairs += self.view
        return pairs


def _items(chosen: Chosen) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(chosen.items())


def _with(chosen: Chosen, name: str, value: str) -> Chosen:
    return _without_nothing({**chosen, name: _toggled(chosen.get(name, ()), value)})


def _less(chosen: Chosen, name: str, value: str) -> Chosen:
    return _without_nothing({**chosen, name: _dropped(chosen.get(name, ()), value)})


def _without_nothing(chosen: Chosen) -> Chosen:
    return {name: values for name, values in chosen.items() if values}


def _without(chosen: Chosen, name: str) -> Chosen:
    return {other: values for other, values in chosen.items() if other != name}


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return _dropped(values, value) if value in values else (*values, value)


def _dropped(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in values if v != value)


def _joined(facet: Facet, chosen: Iterable[str], excluded: Iterable[str], tail: str) -> str:
    parts = [f"{facet.name}={facet.quoted[value]}" for value in chosen]
    parts += [f"{NOT}{facet.name}={facet.quoted[value]}" for value in excluded]
    return "&".join([*parts, tail] if tail else parts)


def parse_filters(pairs: Iterable[tuple[str, str]], facets: Sequence[Facet]) -> Filters:
    """Raises InvalidInput that names the valid parameters or values; empty values are left out, as forms send them."""
    by_name = {facet.name: facet for facet in facets}
    given = _given(pairs, by_name)
    single = {name: values[0] for name, values in given.items() if name in SINGLE and values}
    least, most = (_number(single, name, None, 0, _LONGEST) for name in ("min_length", "max_length"))
    if least is not None and most is not None and least > most:
        raise InvalidInput("min_length must not be larger than max_length.", "min_length")
    if len(places := [name for name in _PLACES if name in single]) > 1:
        raise InvalidInput(f"{' and '.join(places)} cannot be given together.", places[1])
    sort = _one_of(single, "sort", sorts_of(facets))
    if "seed" in single and sort != "random":
        raise InvalidInput("seed is for sort=random only.", "seed")
    return Filters(
        chosen=_chosen(given, facets, ""),
        excluded=_chosen(given, facets, NOT),
        q=_typed(single),
        sort=sort,
        seed=_number(single, "seed", DEFAULT_SEED, 0, _LARGEST_SEED) or 0,
        limit=_number(single, "limit", DEFAULT_LIMIT, 1, MOST_ENTRIES) or DEFAULT_LIMIT,
        min_length=least,
        max_length=most,
        all_categories=_one_of(single, "category_match", MATCHES) == "all",
        after=_cursor(single),
        page=_number(single, "page", None, 1, _LARGEST_ID),
        entry=_number(single, "entry", None, 1, _LARGEST_ID),
    )


def _given(pairs: Iterable[tuple[str, str]], by_name: Mapping[str, Facet]) -> dict[str, list[str]]:
    single_names = SINGLE if "category" in by_name else SINGLE[:-1]
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in by_name and name not in single_names and name.removeprefix(NOT) not in by_name:
            raise _unknown("parameter", name, [*by_name, *single_names], name, f"; {NOT} before a facet excludes")
        if value and value not in given.setdefault(name, []):
            given[name].append(value)
    for name in single_names:
        if len(given.get(name, [])) > 1:
            raise InvalidInput(f"{name} can be given once only.", name)
    return given


def sorts_of(facets: Iterable[Facet]) -> dict[str, str]:
    """What a list can be sorted by, and how that is said."""
    has_severities = any(facet.name == "severity" for facet in facets)
    return {name: label for name, label in SORTS.items() if name != "severity" or has_severities}


def _chosen(given: Mapping[str, Sequence[str]], facets: Sequence[Facet], prefix: str) -> Chosen:
    """In the order of the facets and their values, however it was asked for."""
    found = {}
    for facet in facets:
        values = given.get(prefix + facet.name, ())
        for value in values:
            if value not in facet.by_value:
                name = prefix + facet.name
                raise _unknown(f"value of {name}", value, list(facet.by_value), name)
        if values:
            found[facet.name] = tuple(value.value for value in facet.values if value.value in values)
    return found


def _typed(given: Mapping[str, str]) -> str:
    """Every link of a page repeats it."""
    typed = given.get("q", "").strip()
    if len(typed) > MAX_CHARACTERS:
        raise InvalidInput(f"q must have at most {MAX_CHARACTERS:,} characters.", "q")
    return typed


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
        raise InvalidInput(f"{name} must be a whole number from {least}{upper}.", name)
    return int(text)


def _cursor(given: Mapping[str, str]) -> Cursor | None:
    if "after" not in given:
        return None
    found = _CURSOR.fullmatch(given["after"])
    if not found or int(found[1]) > _LARGEST_ID:
        raise InvalidInput("after must be what a `next` link gave.", "after")
    return Cursor(int(found[1]), int(found[2]) if found[2] else None)


def _unknown(what: str, given: str, valid: Sequence[str], field_name: str, more: str = "") -> InvalidInput:
    shown = given[:60]
    nearest = get_close_matches(shown, valid, n=1)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    message = f"{shown!r} is no {what}.{hint} Valid are: {', '.join(valid) or 'none'}{more}."
    return InvalidInput(message, field_name, valid)


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
        parts += say_search(search)
    parts += [
        "without those " + facet.say(filters.excluded[facet.name]) for facet in facets if facet.name in filters.excluded
    ]
    return ", ".join(parts)


def say_lengths(least: int | None, most: int | None) -> str:
    if least is not None and most is not None:
        return f"{least:,} to {most:,} characters"
    if least is not None:
        return f"at least {least:,} characters"
    return f"at most {most:,} characters" if most is not None else ""
