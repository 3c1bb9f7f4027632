"""One entry with everything that is shown of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from app.browsing.searching.highlighting import Piece
from app.models.label_field import LabelField, LabelKind, LabelValue
from app.terms.blurring import is_severe
from app.terms.contradiction import Explanation
from app.terms.taxonomy import HarmCategory, SeverityLevel
from app.terms.unit import Unit

_MOST_COLUMNS, _LONGEST_NAME, _LONGEST_COLUMN = 50, 100, 2_000


@dataclass(frozen=True)
class ShownResponse:
    position: int
    pieces: list[Piece]
    source: str | None
    is_safe: bool | None
    severity: SeverityLevel | None
    categories: tuple[HarmCategory, ...] | None  # None when unknown
    words: int
    characters: int
    name: str  # "Response 0", "Left", "Response"
    side: str  # left or right, as it is shown
    veiled: bool  # arrives blurred
    differs: frozenset[str]  # is_safe, severity_level, harm_categories: where the other response has another label


@dataclass(frozen=True)
class StoredLabel:
    field: LabelField
    value: LabelValue

    def __hash__(self) -> int:
        """Categories are a list."""
        return hash((self.field, str(self.value)))


@dataclass(frozen=True)
class OtherEntry:
    """With the same prompt."""

    id: int
    split: str
    safe: tuple[bool | None, ...]  # of each response; empty where the dataset has no such label


@dataclass(frozen=True)
class AnnotatedLabel:
    field: LabelField
    value: LabelValue
    words: str
    differs: bool  # from the entry that is shown


@dataclass(frozen=True)
class Annotation:
    """Another entry with the same prompt and response: what somebody else said of it."""

    id: int
    split: str
    labels: tuple[AnnotatedLabel, ...]


@dataclass(frozen=True)
class Column:
    """A column of the row that means nothing here; of a long one the beginning."""

    name: str
    text: str
    left_out: int  # characters


@dataclass(frozen=True)
class Withdrawal:
    last_seen_by: int  # ids of imports
    withdrawn_by: int | None


Other = TypeVar("Other", OtherEntry, Annotation)


@dataclass(frozen=True)
class Others(Generic[Other]):
    """Other entries that share something with the one shown: the first of them, and how many there are."""

    shown: tuple[Other, ...]
    count: int
    has_more: bool = False  # than are counted


@dataclass(frozen=True)
class ShownEntry:
    id: int
    unit: Unit
    split: str
    subset: str | None
    row: int
    content_key: str
    prompt: list[Piece]
    prompt_source: str | None
    responses: tuple[ShownResponse, ...]
    better_response_id: int | None
    safer_response_id: int | None
    labels: tuple[StoredLabel, ...]
    notes: tuple[Explanation, ...]
    extra: Mapping[str, Any]  # the columns of its row that mean nothing here
    withdrawal: Withdrawal | None
    same_prompt: Others[OtherEntry]
    annotations: Others[Annotation]

    @property
    def is_veiled(self) -> bool:
        """The prompt, and whatever else its row holds, is no milder than the responses; alone it is unknown."""
        return not self.responses or any(response.veiled for response in self.responses)

    @property
    def has_unsafe(self) -> bool:
        """What a list blurs; also true while it is unknown, as it is of a prompt alone."""
        return not self.responses or any(response.is_safe is not True for response in self.responses)

    @property
    def is_severe(self) -> bool:
        """By the stored labels, as far as they are shown; of a prompt alone nothing is known."""
        return any(is_severe(r.is_safe, None if r.severity is None else r.severity.level) for r in self.responses)

    def shown(self, field: LabelField) -> int | bool | SeverityLevel | tuple[HarmCategory, ...] | None:
        """The label as the page shows it: with names and definitions."""
        if field.position is None:
            side: int | None = getattr(self, field.name)
            return side
        response = self._response(field.position)
        by_kind = {LabelKind.SAFE: response.is_safe, LabelKind.SEVERITY: response.severity}
        return by_kind.get(field.kind, response.categories)

    def differs(self, field: LabelField) -> bool:
        """The other response has another label."""
        return field.position is not None and field.name.partition(".")[2] in self._response(field.position).differs

    def _response(self, position: int) -> ShownResponse:
        return next(response for response in self.responses if response.position == position)

    @property
    def columns(self) -> list[Column]:
        return [_column(name, value) for name, value in islice(self.extra.items(), _MOST_COLUMNS)]


def _column(name: str, value: Any) -> Column:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Column(name[:_LONGEST_NAME], text[:_LONGEST_COLUMN], max(len(text) - _LONGEST_COLUMN, 0))
