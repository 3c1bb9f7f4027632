"""A bridge to app.importing.schemas for callers that still expect PKU-SafeRLHF pairs; goes with the last of them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from app.importing.schemas import BadRow, Layout, MappedRow
from app.importing.schemas.known import PKU_PAIRS
from app.models import Taxonomy

__all__ = ["BadRow", "MappedRow", "label_fields_of", "map_row"]


def label_fields_of(columns: set[str]) -> list[str]:
    return [field for field, column in PKU_PAIRS.label_columns.items() if column in columns]


def map_row(row: Mapping[str, Any], taxonomy: Taxonomy) -> MappedRow:
    return _layout(taxonomy).map_row(row)


@cache
def _layout(taxonomy: Taxonomy) -> Layout:
    columns = {name: name for name in PKU_PAIRS.columns}
    fields = tuple(PKU_PAIRS.label_columns)
    return Layout(PKU_PAIRS.name, PKU_PAIRS.title, PKU_PAIRS.unit, taxonomy, fields, columns, is_typed=True)
