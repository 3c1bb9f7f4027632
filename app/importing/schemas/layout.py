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
from app.terms.taxonomy import Taxonomy
from app.terms.unit import Unit


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

    def differs_from(self, unit: Unit, taxonomy: Taxonomy, schema: str) -> str | None:
        """Says why these rows cannot belong to a dataset with such rows; None when they can.

        They may lack a scale that the dataset has: its entries then keep what they say.
        """
        scales = zip(_scales(self.taxonomy), _scales(taxonomy), strict=True)
        if (self.schema, self.unit) == (schema, unit) and all(ours in ([], theirs) for ours, theirs in scales):
            return None
        theirs = SCHEMAS[schema].title
        return f"These are {self.title}{_with(self.taxonomy)}; the dataset holds {theirs}{_with(taxonomy)}."


def _labels(taxonomy: Taxonomy, label_fields: tuple[str, ...]) -> str:
    has_safety = any(name.startswith("response_") for name in label_fields)
    return f"{len(taxonomy.categories) or 'no'} categories" if has_safety else "no safety labels"


def _with(taxonomy: Taxonomy) -> str:
    """What tells apart two sources that are called the same."""
    scales = [f"{len(taxonomy.categories)} categories"] if taxonomy.categories else []
    scales += ["severity levels"] if taxonomy.severities else []
    return f" with {' and '.join(scales)}" if scales else ""


def _scales(taxonomy: Taxonomy) -> tuple[list[Any], list[Any]]:
    return list(taxonomy.bits), [severity.level for severity in taxonomy.severities]
