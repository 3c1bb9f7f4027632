"""What a list of entries shows: rows, facets with their links, chips and the sentence, for HTML and JSON alike."""

from dataclasses import dataclass
from typing import NamedTuple

from app.browsing.searching.highlighting import Piece

SHOWN_AT_ONCE = 8  # values of a facet that has many


class FacetValue(NamedTuple):  # a page makes sixty, and a frozen dataclass takes four times as long
    value: str
    label: str
    hint: str
    count: int  # type: ignore[assignment]  # nobody counts the members of this tuple
    share: int  # percent of the facet's largest count, for the bar
    selected: bool
    excluded: bool
    query: str  # the list's query string with this value chosen or, when it is, no longer
    exclude_query: str  # with it excluded or, when it is, no longer


@dataclass(frozen=True)
class LinkedChoice:
    value: str
    label: str
    query: str
    selected: bool


@dataclass(frozen=True)
class FacetGroup:
    name: str
    title: str
    values: tuple[FacetValue, ...]
    matches: tuple[LinkedChoice, ...] = ()  # whether any or all of the chosen values must hold

    @property
    def is_open(self) -> bool:
        """Something chosen stands among the values that are folded away."""
        return any(value.selected or value.excluded for value in self.values[SHOWN_AT_ONCE:])


@dataclass(frozen=True)
class Chip:
    """An active filter, and the query string without it."""

    title: str
    label: str
    query: str


class ResponseBeginning(NamedTuple):
    position: int
    pieces: list[Piece]
    source: str | None
    is_safe: bool | None
    severity_level: int | None
    categories: tuple[str, ...]


class EntryRow(NamedTuple):
    id: int
    split: str
    subset: str | None
    row: int
    prompt: list[Piece]
    prompt_source: str | None
    responses: tuple[ResponseBeginning, ...]
    better_response_id: int | None
    safer_response_id: int | None
    notes: tuple[str, ...]  # contradictions, helpful but unsafe
    status: str
    flagged: bool
    withdrawn: bool

    @property
    def has_unsafe(self) -> bool:
        """Also true while it is unknown, as it is of a prompt alone."""
        for response in self.responses:
            if response.is_safe is not True:
                return True
        return not self.responses


@dataclass(frozen=True)
class Suggestion:
    label: str
    query: str
    count: int  # of entries that it shows


@dataclass(frozen=True)
class Suggestions:
    searches: tuple[Suggestion, ...]
    fewer: tuple[Suggestion, ...]  # filters


@dataclass(frozen=True)
class EntryPage:
    total: int
    of: int
    sentence: str
    first_place: int  # 1-based place of the first entry shown; 0 when there is none
    entries: tuple[EntryRow, ...]
    facets: tuple[FacetGroup, ...]
    chips: tuple[Chip, ...]
    sorts: tuple[LinkedChoice, ...]
    sort: str
    seed: int  # of the random order
    q: str
    query: str  # what decides the list, without the place in it
    min_length: int | None
    max_length: int | None
    limit: int
    hidden: tuple[tuple[str, str], ...]  # the same without q, for the search form
    next: str | None  # query strings
    previous: str | None
    first: str | None
    last: str | None
    number: int  # of this page, 1-based; between two when `after` was given
    pages: int
    missing_entry: int | None  # was asked for, but is not in the list
    is_behind: bool  # an import changes, or has changed, what is not counted yet
    next_after: str | None
    suggestions: Suggestions | None = None  # for a list that is empty, when asked for

    @property
    def whole_sentence(self) -> str:
        return say_all(self.total, self.of, self.sentence)

    @property
    def last_place(self) -> int:
        return self.first_place + len(self.entries) - 1 if self.entries else 0


@dataclass(frozen=True)
class Neighbours:
    """Where an entry stands in a list of entries."""

    total: int
    place: int | None  # 1-based; None when the entry is not in the list
    previous: int | None
    next: int | None
    first: int | None  # of the list
    last: int | None
    query: str
    sentence: str
    onward: int | None = None  # next in the reviewer's queue, which leaves out what they opted out of
    passed_over: tuple[int, ...] = ()  # for that; the first thousand of them


def alone(query: str) -> Neighbours:
    """Of an entry that is shown in no list."""
    return Neighbours(0, None, None, None, None, None, query, "")


def say_all(total: int, of: int, sentence: str) -> str:
    return f"{total:,} of {of:,} entries {sentence}" if sentence else f"All {of:,} entries"
