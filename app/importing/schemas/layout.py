"""What a source has: which schema, which of its columns under which names, and so which labels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.importing.schemas.cells import CellParser
from app.importing.schemas.known import PREFERENCES, SCHEMAS
from app.importing.schemas.labelled import LabelledMapper
from app.importing.schemas.preferences import PreferenceMapper
from app.importing.schemas.rows import MappedRow
from app.models import Taxonomy, Unit

_ANSWERS = {Unit.PAIR: "pairs", Unit.SINGLE: "single answers", Unit.PROMPT: "prompts"}


@dataclass(frozen=True)
class Layout:
    schema: str
    title: str
    unit: Unit
    taxonomy: Taxonomy
    label_fields: tuple[str, ...]
    columns: dict[str, str]  # our name -> the source's, of every column that is read
    is_typed: bool  # False: cells are texts

    def sentence(self, splits: int) -> str:
        """PKU-SafeRLHF pairs, 19 categories, 2 splits."""
        labels = [] if self.unit is Unit.PROMPT else [_labels(self.taxonomy, self.label_fields)]
        return ", ".join([self.title, *labels, f"{splits} split{'s'[: splits != 1]}"])

    def map_row(self, row: Mapping[str, Any]) -> MappedRow:
        """Raises BadRow."""
        return self._mapper(row if self.is_typed else self._parse_cells(row))

    @cached_property
    def _mapper(self) -> Callable[[Mapping[str, Any]], MappedRow]:
        if self.schema == PREFERENCES.name:
            return PreferenceMapper(self.columns)
        return LabelledMapper(SCHEMAS[self.schema], self.columns, self.taxonomy)

    @cached_property
    def _parse_cells(self) -> CellParser:
        return CellParser(self.columns)

    def differs_from(self, unit: Unit | str, taxonomy: Taxonomy) -> str | None:
        """Says why these rows cannot belong to a dataset with this unit and taxonomy; None when they can."""
        if self.unit == unit and _scale(self.taxonomy) == _scale(taxonomy):
            return None
        ours = self.title if self.unit is Unit.PROMPT else f"{self.title} with {_size(self.taxonomy)}"
        theirs = _ANSWERS[Unit(unit)] + ("" if unit == Unit.PROMPT else f" with {_size(taxonomy)}")
        return f"These are {ours}; the dataset holds {theirs}."


def _labels(taxonomy: Taxonomy, label_fields: tuple[str, ...]) -> str:
    if not any(name.startswith("response_") for name in label_fields):
        return "no safety labels"
    return _size(taxonomy)


def _size(taxonomy: Taxonomy) -> str:
    return f"{len(taxonomy.categories) or 'no'} categories"


def _scale(taxonomy: Taxonomy) -> tuple[list[str], list[int]]:
    return list(taxonomy.bits), [severity.level for severity in taxonomy.severities]
