"""One entry with everything that is shown of it."""

from dataclasses import dataclass

from app.browsing.highlighting import Piece
from app.models.contradiction import Explanation
from app.models.label_field import LabelField, LabelValue
from app.models.taxonomy import HarmCategory, SeverityLevel


@dataclass(frozen=True)
class PairResponse:
    position: int
    pieces: list[Piece]
    source: str | None
    is_safe: bool | None
    severity: SeverityLevel | None
    categories: tuple[HarmCategory, ...] | None  # None when unknown
    words: int
    characters: int
    differs: frozenset[str]  # is_safe, severity_level, harm_categories: where the other response has another label


@dataclass(frozen=True)
class StoredLabel:
    field: LabelField
    value: LabelValue


@dataclass(frozen=True)
class SamePrompt:
    id: int
    split: str
    safe: tuple[bool | None, ...]


@dataclass(frozen=True)
class Pair:
    id: int
    dataset_id: int
    split: str
    subset: str | None
    row: int
    content_key: str
    prompt: list[Piece]
    prompt_source: str | None
    responses: tuple[PairResponse, PairResponse]
    better_response_id: int | None
    safer_response_id: int | None
    labels: tuple[StoredLabel, ...]
    notes: tuple[Explanation, ...]
    same_prompt: tuple[SamePrompt, ...]
    same_prompt_count: int

    @property
    def has_unsafe(self) -> bool:
        """Also true while it is unknown."""
        return any(response.is_safe is not True for response in self.responses)
