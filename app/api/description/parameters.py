"""The parameters of lists and statistics, with every value that the datasets here know."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.activity.filters import MOST, USUAL
from app.activity.kinds import GROUPS, PATTERN
from app.api.agreement import CONDITIONS, INTERVALS
from app.api.own_parameters import TEXTS
from app.browsing.facets import Facet, Value
from app.browsing.filters import DEFAULT_LIMIT, DEFAULT_SEED, NOT
from app.browsing.query_strings import MATCHES, MOST_ENTRIES, SORTS

Parameter = dict[str, Any]
_LARGEST = 2**32 - 1
_ONE_FACET = (
    "With `rows` and `columns`, each of which names a facet, the answer has `crossed`: both against each other."
)


def merged(datasets: Iterable[Sequence[Facet]]) -> list[Facet]:
    """Every facet that some dataset has, with the values of all of them."""
    found: dict[str, Facet] = {}
    for facet in (facet for facets in datasets for facet in facets):
        values: dict[str, Value] = {**facet.by_value, **(found[facet.name].by_value if facet.name in found else {})}
        first = found.get(facet.name, facet)
        found[facet.name] = Facet(first.name, first.title, first.phrase, tuple(values.values()))
    return list(found.values())


def filters(facets: Sequence[Facet]) -> list[Parameter]:
    """What narrows a list."""
    has_categories = any(facet.name == "category" for facet in facets)
    return [
        _query("q", _Q, {"type": "string"}, 'garden "quiet morning" -kettle'),
        *(_facet(facet, facet.name, "{}: any of these values.") for facet in facets),
        *([_CATEGORY_MATCH] if has_categories else []),
        *(_facet(facet, NOT + facet.name, "{}: none of these values.") for facet in facets),
        _query("min_length", "At least so many characters in prompt and responses together.", _whole(0, 10**12)),
        _query("max_length", "At most so many characters. Not less than `min_length`.", _whole(0, 10**12)),
    ]


_Q = (
    'Full text over prompts and responses. Words are ANDed; `"a phrase"`, `-without`, `prompt:word`, `response:word`, '
    "`begin*`. Whatever is typed is a search; nothing is an error."
)


def places() -> list[Parameter]:
    """What orders a list and cuts it into pages."""
    return [
        _query("sort", "The order of the list.", _one_of(SORTS), "random", words=list(SORTS.values())),
        _query(
            "seed",
            "Of `sort=random`, and only there: the same seed, the same order.",
            _whole(0, _LARGEST, DEFAULT_SEED),
        ),
        _query("limit", "Entries on a page.", _whole(1, MOST_ENTRIES, DEFAULT_LIMIT)),
        _query("after", _AFTER, {"type": "string", "pattern": "^[0-3]?[0-9]{1,9}(-[0-9]{1,17})?$"}),
        _query("page", "Page by its number. Not with `after` or `entry`.", _whole(1, _LARGEST)),
        _query("entry", "The page that has this entry. Not with `after` or `page`.", _whole(1, _LARGEST)),
        _query("texts", "Beginnings of texts, or whole entries.", _one_of(TEXTS), "whole"),
    ]


_AFTER = (
    "What `next` of the page before said: an opaque cursor, which stays right while entries are reviewed. "
    "Not with `page` or `entry`."
)


def axes(facets: Sequence[Facet]) -> list[Parameter]:
    names = [facet.name for facet in facets if facet.values]
    schema = {"type": "string", "enum": names}
    return [_query(name, _ONE_FACET, schema) for name in ("rows", "columns")]


def replaces() -> list[Parameter]:
    """What a save is based on: one of the two."""
    revision = '^"[0-9]{1,9}"$'
    headers = (
        ("If-Match", "The `ETag` of your review as you have seen it.", revision, '"3"'),
        ("If-None-Match", "`*`: you have no review of this entry yet.", r"^\*$", "*"),
    )
    return [
        {
            "name": name,
            "in": "header",
            "description": words,
            "schema": {"type": "string", "pattern": pattern},
            "example": example,
        }
        for name, words, pattern, example in headers
    ]


def activity() -> list[Parameter]:
    """What of the record is asked for."""
    groups = ", ".join(f"`{group.name}`" for group in GROUPS)
    kinds = {"type": "array", "items": {"type": "string", "pattern": PATTERN}}
    asked = f"Any of these: {groups}, or single kinds as events have them, such as `comment.added`."
    day = {"type": "string", "format": "date"}
    return [
        {**_query("kind", asked, kinds), "style": "form", "explode": True},
        _query("person", "Who did it, by name.", {"type": "string"}),
        _query("dataset", "The slug of the dataset that it was done to.", {"type": "string"}),
        _query("entry", "The `id` of the entry that it was done to.", _whole(1, 2**63 - 1)),
        _query("from", "The first day (UTC).", day),
        _query("to", "The last day (UTC).", day),
        _query("after", "Goes on behind this `event`.", _whole(1, 2**63 - 1)),
        _query("limit", "Events on a page.", _whole(1, MOST, USUAL)),
    ]


def intervals() -> list[Parameter]:
    words = "Bootstrap intervals of the coefficients too; of many reviews that takes seconds."
    return [_query("intervals", words, _one_of(INTERVALS))]


def conditions() -> list[Parameter]:
    return [_query("conditions", "Reviews that were given open, or blind, alone.", _one_of(CONDITIONS), "blind")]


def calibration() -> list[Parameter]:
    return [
        _query("dataset", "The slug of the dataset whose reviews alone count.", {"type": "string"}),
        _query("session", "The number of the review session whose reviews alone count.", _whole(1, 2**63 - 1)),
    ]


def _query(
    name: str, description: str, schema: dict[str, Any], example: Any = None, words: Sequence[str] = ()
) -> Parameter:
    made = {"name": name, "in": "query", "description": description, "allowEmptyValue": True, "schema": schema}
    if words:
        made["x-enum-descriptions"] = list(words)
    return made if example is None else {**made, "example": example}


def _facet(facet: Facet, name: str, description: str) -> Parameter:
    """Without a value, as when nobody has reviewed anything, nothing can be asked for."""
    values = [value.value for value in facet.values]
    schema = {"items": {"type": "string", "enum": values}} if values else {"items": {"type": "string"}, "maxItems": 0}
    made = _query(name, description.format(facet.title), {"type": "array", **schema})
    words = [f"{value.label}: {value.hint}" if value.hint else value.label for value in facet.values]
    return {**made, "style": "form", "explode": True, "x-enum-descriptions": words}


def _whole(least: int, most: int, default: int | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "integer", "minimum": least, "maximum": most}
    return schema if default is None else {**schema, "default": default}


def _one_of(values: Iterable[str]) -> dict[str, Any]:
    """The first is the default."""
    names = list(values)
    return {"type": "string", "enum": names, "default": names[0]}


_CATEGORY_MATCH = _query(
    "category_match",
    "Whether an entry must have any or all of several values of `category`.",
    _one_of(MATCHES),
    words=list(MATCHES.values()),
)
