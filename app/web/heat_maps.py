"""A table of stored against right values, to be drawn: each cell with its share of the row, and where it leads."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.agreement.outcomes import Outcomes
from app.models.label_field import LabelField, LabelKind, decode_value, encode_value
from app.terms.taxonomy import Taxonomy

_SHADES = 5
MOST_CHANGES = 20


@dataclass(frozen=True)
class Cell:
    count: int
    share: float  # of its row
    shade: int  # 0 to 5
    is_same: bool
    query: str


@dataclass(frozen=True)
class HeatMap:
    columns: tuple[str, ...]  # right values, in words
    rows: tuple[tuple[str, int, tuple[Cell, ...]], ...]  # stored value, entries, cells


@dataclass(frozen=True)
class Change:
    """Of sets of categories, which are too many for a table."""

    stored: str
    right: str
    count: int
    is_same: bool
    query: str


def heat_map(field: LabelField, possible: list[Any], outcomes: Outcomes, taxonomy: Taxonomy) -> HeatMap | None:
    """None of sets of categories, and where nothing is judged."""
    if field.kind is LabelKind.CATEGORIES or not outcomes.cells:
        return None
    texts = [encode_value(value) for value in possible]
    stored = [*texts, *sorted({row for row, _ in outcomes.cells} - set(texts))]
    right = [*texts, *sorted({column for _, column in outcomes.cells} - set(texts))]
    rows = []
    for row in stored:
        counts = [outcomes.count(row, column) for column in right]
        if total := sum(counts):
            cells = tuple(_cell(row, column, count, total) for column, count in zip(right, counts, strict=True))
            rows.append((field.words(decode_value(row), taxonomy), total, cells))
    return HeatMap(tuple(field.words(decode_value(column), taxonomy) for column in right), tuple(rows))


def _cell(stored: str, right: str, count: int, total: int) -> Cell:
    share = count / total
    shade = min(_SHADES, int(share * _SHADES) + 1) if count else 0
    return Cell(count, share, shade, stored == right, urlencode({"stored": stored, "right": right}))


def changes(field: LabelField, outcomes: Outcomes, taxonomy: Taxonomy) -> list[Change]:
    """The most frequent, with what stayed the same as one."""
    different = [
        Change(
            field.words(decode_value(stored), taxonomy),
            field.words(decode_value(right), taxonomy),
            len(entries),
            is_same=False,
            query=urlencode({"stored": stored, "right": right}),
        )
        for (stored, right), entries in outcomes.cells.items()
        if stored != right
    ]
    return sorted(different, key=lambda change: (-change.count, change.stored, change.right))[:MOST_CHANGES]
