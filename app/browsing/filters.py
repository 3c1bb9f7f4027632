"""What a list of entries is filtered and sorted by, as state: changed by clicks and written back as a query string."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlencode

from app.browsing.engine.ordered import Cursor
from app.browsing.facets import Facet
from app.browsing.searching.search import Search, parse_search

DEFAULT_LIMIT = 50
DEFAULT_SEED = 1
NOT = "not_"  # before the name of a facet: its values are excluded
PLACES = ("after", "page", "entry")

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
        return replace(self, **{**dict.fromkeys(PLACES), **changes})  # type: ignore[arg-type]

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
            pairs += [(name, str(place)) for name in PLACES if (place := getattr(self, name)) is not None]
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
