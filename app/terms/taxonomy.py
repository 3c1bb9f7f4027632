"""A dataset's own words for harm: its categories in order, and its severity levels."""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self


@dataclass(frozen=True)
class HarmCategory:
    code: str  # as in URLs and exports: white-collar-crime
    name: str  # as people read it: White-Collar Crime
    definition: str
    key: str = ""  # as in the dataset's rows, where that is not the name: controversial_topics,politics

    @property
    def name_in_rows(self) -> str:
        return self.key or self.name


@dataclass(frozen=True)
class SeverityLevel:
    level: int
    name: str
    definition: str
    impact: str = ""
    response: str = ""  # what it takes to put such harm right


@dataclass(frozen=True)
class Taxonomy:
    categories: tuple[HarmCategory, ...]
    severities: tuple[SeverityLevel, ...]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(
            tuple(HarmCategory(**category) for category in data["categories"]),
            tuple(SeverityLevel(**severity) for severity in data["severities"]),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def __hash__(self) -> int:
        """Worked out once: what is remembered of a taxonomy is looked up by it."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.categories, self.severities))

    @cached_property
    def bits(self) -> dict[str, int]:
        """Category code to its bit in a mask; the first category is bit 0."""
        return {category.code: 1 << i for i, category in enumerate(self.categories)}

    @cached_property
    def bits_by_name(self) -> dict[str, int]:
        """The name that the dataset's own rows use to its bit."""
        return {category.name_in_rows: 1 << i for i, category in enumerate(self.categories)}

    def mask(self, codes: list[str]) -> int:
        return sum(self.bits[code] for code in set(codes))

    def in_mask(self, mask: int) -> list[HarmCategory]:
        return [category for i, category in enumerate(self.categories) if mask >> i & 1]

    def names(self, mask: int) -> tuple[str, ...]:
        """Of its categories; remembered, since a dataset has few masks and a list asks a hundred times."""
        if mask not in self._names:
            self._names[mask] = tuple(category.name for category in self.in_mask(mask))
        return self._names[mask]

    @cached_property
    def _names(self) -> dict[int, tuple[str, ...]]:
        return {}

    def codes(self, mask: int) -> list[str]:
        return [category.code for category in self.in_mask(mask)]
