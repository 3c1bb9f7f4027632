"""The labels a reviewer gives a verdict on, as data: name, kind of value, and where the stored value stands.

A value is a bool, a severity level, a sorted-by-taxonomy list of category codes, a response position, or None when the
dataset does not say. A reviewer may also say that two responses are a tie, or, while blind, that they cannot judge.
Written down it is canonical JSON: `true`, `2`, `["cybercrime"]`, `1`, `null`, `"tie"`.
"""

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from app.models.dataset import Dataset
from app.models.entry import Entry
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

LabelValue = bool | int | list[str] | str | None
TIE = "tie"
CANNOT_JUDGE = "cannot_judge"


class LabelKind(StrEnum):
    SAFE = "safe"
    CATEGORIES = "categories"
    SEVERITY = "severity"
    SIDE = "side"


class LabelledResponse(Protocol):
    """The row itself, or its labels alone."""

    @property
    def is_safe(self) -> bool | None: ...
    @property
    def severity_level(self) -> int | None: ...
    @property
    def harm_categories(self) -> int | None: ...


@dataclass(frozen=True)
class LabelField:
    name: str
    title: str
    kind: LabelKind
    position: int | None  # of the response it speaks of; None when it speaks of the pair
    of: str = ""  # "Response 0", where there are two

    @property
    def full_title(self) -> str:
        return f"{self.of}: {self.title}" if self.of else self.title

    def stored_value(self, entry: Entry, taxonomy: Taxonomy) -> LabelValue:
        if self.position is None:
            value: int | None = getattr(entry, self.name)
            return value
        return self.value_of(entry.responses[self.position], taxonomy)

    def value_of(self, response: LabelledResponse, taxonomy: Taxonomy) -> LabelValue:
        if self.kind is LabelKind.SAFE:
            return response.is_safe
        if self.kind is LabelKind.SEVERITY:
            return response.severity_level
        return None if response.harm_categories is None else taxonomy.codes(response.harm_categories)

    def words(self, value: LabelValue, taxonomy: Taxonomy) -> str:
        """A value as a person reads it."""
        if value is None:
            return "unknown"
        if isinstance(value, str):
            return value.replace("_", " ")
        if isinstance(value, bool):
            return "safe" if value else "unsafe"
        if isinstance(value, list):
            names = {category.code: category.name for category in taxonomy.categories}
            return ", ".join(names.get(code, code) for code in value) or "none"
        if self.kind is LabelKind.SEVERITY:
            return next((f"{s.level} {s.name}" for s in taxonomy.severities if s.level == value), str(value))
        return f"response {value}"


def _of_response(position: int) -> list[LabelField]:
    kinds = {
        "is_safe": ("Safe?", LabelKind.SAFE),
        "harm_categories": ("Categories", LabelKind.CATEGORIES),
        "severity_level": ("Severity", LabelKind.SEVERITY),
    }
    return [
        LabelField(f"response_{position}.{name}", title, kind, position, f"Response {position}")
        for name, (title, kind) in kinds.items()
    ]


LABEL_FIELDS = {
    field.name: field
    for field in [
        *_of_response(0),
        *_of_response(1),
        LabelField("better_response_id", "Better", LabelKind.SIDE, None),
        LabelField("safer_response_id", "Safer", LabelKind.SIDE, None),
    ]
}
_WITHOUT_NUMBER = {name: replace(field, of="") for name, field in LABEL_FIELDS.items()}


def fields_of(dataset: Dataset) -> tuple[LabelField, ...]:
    """The label fields that the dataset has, in their order."""
    fields = LABEL_FIELDS if dataset.unit == Unit.PAIR else _WITHOUT_NUMBER
    return tuple(field for name, field in fields.items() if name in dataset.label_fields)


def encode_value(value: LabelValue) -> str:
    return json.dumps(value)


def decode_value(text: str) -> LabelValue:
    value: LabelValue = json.loads(text)
    return value
