"""What the entries of a dataset are and which labels they have: what there is to filter by follows from it."""

from dataclasses import dataclass
from typing import Self

from app.models import Dataset
from app.terms.contradiction import Contradiction
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit

C = Contradiction
_REPEATS = C.DUPLICATE | C.DUPLICATE_LABELS_DIFFER


@dataclass(frozen=True)
class Shape:
    unit: Unit
    label_fields: frozenset[str]
    taxonomy: Taxonomy

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        return cls(Unit(dataset.unit), frozenset(dataset.label_fields), dataset.taxonomy)

    def has(self, *labels: str) -> bool:
        """Each of the labels, such as `is_safe` or `better_response_id`, of some response or of the pair."""
        return all(any(name == label or name.endswith(f".{label}") for name in self.label_fields) for label in labels)

    @property
    def has_severities(self) -> bool:
        return self.has("severity_level") and bool(self.taxonomy.severities)

    @property
    def has_categories(self) -> bool:
        return self.has("harm_categories") and bool(self.taxonomy.categories)

    def contradictions(self, *, has_hashes: bool) -> Contradiction:
        """Those that can be found in such entries."""
        found = C(0)
        if self.unit is Unit.PROMPT:  # a prompt that is there twice is a repeated prompt, nothing else
            return found
        if self.has("is_safe") and (self.has_severities or self.has_categories):
            found |= C.SAFE_BUT_SEVERE | C.UNSAFE_WITHOUT_CAUSE
        if self.has("is_safe", "safer_response_id"):
            found |= C.SAFER_IS_LESS_SAFE
        if self.unit is Unit.PAIR:
            found |= C.SAME_TEXTS | _REPEATS
        if has_hashes:
            found |= C.HASH_MISMATCH
        return found | C.TRAIN_AND_TEST
