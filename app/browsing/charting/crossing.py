"""Two facets crossed: how many entries of a list have a value of the one and a value of the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.selection import Selection
from app.browsing.facets import Facet, Value
from app.errors import InvalidInput

MOST_VALUES = 40  # of a facet: those that most entries have
# Of these an entry may have several values.
SEVERAL = {
    "category": "categories",
    "relation": "relations",
    "contradiction": "contradictions",
    "verdict": "verdicts",
    "reviewer": "reviewers",
    "source": "source models",
    "flag": "kinds of flags",
}


@dataclass(frozen=True)
class Axis:
    facet: Facet
    values: tuple[Value, ...]
    totals: tuple[int, ...]  # entries with each value
    without: int  # entries with none of the facet's values
    left_out: int  # how many values that entries have are not here
    overlaps: bool  # some entries have several of the values


@dataclass(frozen=True)
class Cross:
    rows: Axis
    columns: Axis
    total: int
    counts: tuple[tuple[int, ...], ...]  # a tuple for each row


def get_facet(facets: Iterable[Facet], name: str, parameter: str) -> Facet:
    by_name = {facet.name: facet for facet in facets if facet.values}
    if name not in by_name:
        message = f"{name[:60]!r} is no facet of this dataset. Valid are: {', '.join(by_name)}."
        raise InvalidInput(message, parameter, tuple(by_name))
    return by_name[name]


def cross(selection: Selection, rows: Facet, columns: Facet) -> Cross:
    across, along = axis(selection.index, selection.ids, rows), axis(selection.index, selection.ids, columns)
    bitmaps = [selection.index.with_withdrawn(columns.name, value.value) for value in along.values]
    counts = []
    for value in across.values:
        ids = selection.ids & selection.index.with_withdrawn(rows.name, value.value)
        counts.append(tuple(ids.intersection_cardinality(bitmap) for bitmap in bitmaps))
    return Cross(across, along, len(selection.ids), tuple(counts))


def axis(index: DatasetIndex, ids: BitMap, facet: Facet) -> Axis:
    """What of the facet the entries have."""
    bitmaps = {value: index.with_withdrawn(facet.name, value.value) for value in facet.values}
    totals = {value: ids.intersection_cardinality(bitmap) for value, bitmap in bitmaps.items()}
    shown = _most_common([value for value in facet.values if totals[value] or not value.is_rare], totals)
    several = facet.name in SEVERAL
    having = ids.intersection_cardinality(BitMap.union(*bitmaps.values())) if several else sum(totals.values())
    return Axis(
        facet,
        tuple(shown),
        tuple(totals[value] for value in shown),
        without=len(ids) - having,
        left_out=sum(1 for value, total in totals.items() if total and value not in shown),
        overlaps=sum(totals.values()) > having,
    )


def _most_common(values: Sequence[Value], totals: Mapping[Value, int]) -> list[Value]:
    """As many as people can look at, in their own order."""
    kept = set(sorted(values, key=totals.__getitem__, reverse=True)[:MOST_VALUES])
    return [value for value in values if value in kept]
