"""The labels a reviewer gives a verdict on, as data: name, kind of value, and where the stored value stands.

A value is a bool, a severity level, a sorted-by-taxonomy list of category codes, a response position, or None when the
dataset does not say. Written down it is canonical JSON: `true`, `2`, `["cybercrime"]`, `1`, `null`.
"""

import json
from dataclasses import dataclass
from enum import StrEnum

from app.models.entry import Entry
from app.models.taxonomy import Taxonomy

LabelValue = bool | int | list[str] | None


class LabelKind(StrEnum):
    SAFE = "safe"
    CATEGORIES = "categories"
    SEVERITY = "severity"
    SIDE = "side"


@dataclass(frozen=True)
class LabelField:
    name: str
    title: str
    kind: LabelKind
    position: int | None  # of the response it speaks of; None when it speaks of the pair

    def stored_value(self, entry: Entry, taxonomy: Taxonomy) -> LabelValue:
        if self.position is None:
            value: int | None = getattr(entry, self.name)
            return value
        response = entry.responses[self.position]
        if self.kind is LabelKind.SAFE:
            return response.is_safe
        if self.kind is LabelKind.SEVERITY:
            return response.severity_level
        return None if response.harm_categories is None else taxonomy.codes(response.harm_categories)


def _of_response(position: int) -> list[LabelField]:
    kinds = {
        "is_safe": ("Safe?", LabelKind.SAFE),
        "harm_categories": ("Categories", LabelKind.CATEGORIES),
        "severity_level": ("Severity", LabelKind.SEVERITY),
    }
    return [LabelField(f"response_{position}.{name}", title, kind, position) for name, (title, kind) in kinds.items()]


LABEL_FIELDS = {
    field.name: field
    for field in [
        *_of_response(0),
        *_of_response(1),
        LabelField("better_response_id", "Better", LabelKind.SIDE, None),
        LabelField("safer_response_id", "Safer", LabelKind.SIDE, None),
    ]
}


def encode_value(value: LabelValue) -> str:
    return json.dumps(value)


def decode_value(text: str) -> LabelValue:
    value: LabelValue = json.loads(text)
    return value
