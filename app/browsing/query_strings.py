"""The query string of a list of entries, read strictly: whatever it says is understood or refused."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from app.browsing.engine.ordered import Cursor
from app.browsing.facets import Facet
from app.browsing.filters import DEFAULT_LIMIT, DEFAULT_SEED, NOT, PLACES, Chosen, Filters
from app.browsing.opinions import TELLING_SORT, tells_opinions
from app.browsing.searching.search import MAX_CHARACTERS
from app.errors import InvalidInput

MOST_ENTRIES = 500
SORTS = {
    "position": "position",
    "relevance": "relevance",
    "length": "length, longest first",
    "severity": "severity, highest first",
    "reviewed_at": "reviewed, latest first",
    "random": "random",
}
MATCHES = {"any": "any of these", "all": "all of these"}
_LARGEST_ID = 2**32 - 1  # a bitmap holds no larger number
_LARGEST_SEED = 2**32 - 1
_LONGEST = 10**12
# Parameters that are given once; the last only where entries have harm categories.
SINGLE = (
    "q", "sort", "seed", "min_length", "max_length", "after", "page", "entry", "limit", "category_match",
)  # fmt: skip
_CURSOR = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,17}))?", re.ASCII)


def parse_filters(pairs: Iterable[tuple[str, str]], facets: Sequence[Facet]) -> Filters:
    """Raises InvalidInput that names the valid parameters or values; empty values are left out, as forms send them."""
    by_name = {facet.name: facet for facet in facets}
    given = _given(pairs, by_name)
    single = {name: values[0] for name, values in given.items() if name in SINGLE and values}
    least, most = (_number(single, name, None, 0, _LONGEST) for name in ("min_length", "max_length"))
    if least is not None and most is not None and least > most:
        raise InvalidInput("min_length must not be larger than max_length.", "min_length")
    if len(places := [name for name in PLACES if name in single]) > 1:
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
    known = list(facets)
    has_severities = any(facet.name == "severity" for facet in known)
    left_out = {"severity": not has_severities, TELLING_SORT: not tells_opinions(known)}
    return {name: label for name, label in SORTS.items() if not left_out.get(name)}


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
