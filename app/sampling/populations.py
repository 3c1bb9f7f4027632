"""The entries that a sample is drawn from, and the strata that they fall into."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from pyroaring import BitMap
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.browsing.charting.crossing import SEVERAL, get_facet
from app.browsing.engine.dataset_index import DatasetIndex
from app.browsing.engine.index import BrowseIndexes
from app.browsing.facets import Facet
from app.browsing.queries import Pairs
from app.browsing.queries import select as select_entries
from app.browsing.query_strings import parse_filters
from app.browsing.sentences import describe
from app.errors import InvalidInput
from app.importing.chunks import chunks
from app.models import Dataset, Entry
from app.sampling.drawing import Unit

MOST_STRATA = 200
ALL = "all"  # the one stratum of a sample that has none
_KEYS = select(Entry.id, Entry.content_key, Entry.occurrence)


@dataclass(frozen=True)
class Stratum:
    name: str
    ids: BitMap

    @property
    def size(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Population:
    query: str  # as the list of entries writes it
    sentence: str
    strata: tuple[Stratum, ...]

    @property
    def size(self) -> int:
        return sum(stratum.size for stratum in self.strata)


def find_population(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, query: Pairs, strata: Sequence[str]
) -> Population:
    """Raises InvalidInput for a query or a facet that cannot be read, and for too many strata."""
    with indexes.using(db, dataset, query=query) as index:
        filters = parse_filters(query, index.facets)
        ids = select_entries(db, index, filters).ids
        found = _cross(index, ids, strata) if strata else (Stratum(ALL, BitMap(ids)),)
        return Population(filters.query_string(page=False), describe(filters, index.facets), found)


@dataclass(frozen=True)
class Division:
    """Something that entries can be divided by: a facet, or with its value whether they have it."""

    name: str
    title: str
    group: str = ""  # of the values of a facet of which an entry may have several


def find_divisions(
    db: Session, indexes: BrowseIndexes, dataset: Dataset, *, with_values: bool = True
) -> list[Division]:
    """Without values there is no word in them that tells what labels or models there are."""
    with indexes.using(db, dataset) as index:
        facets = [facet for facet in index.facets if facet.values]
    whole = [Division(facet.name, _title(facet)) for facet in facets]
    return whole + [
        Division(f"{facet.name}:{value.value}", value.label, facet.title)
        for facet in facets
        if with_values and facet.name in SEVERAL
        for value in facet.values
    ]


def _title(facet: Facet) -> str:
    return f"{facet.title}: any or none" if facet.name in SEVERAL else facet.title


def find_units(db: Session, population: Population) -> list[Unit]:
    units = []
    for stratum in population.strata:
        for chunk in chunks(stratum.ids):
            rows = db.execute(_KEYS.where(Entry.id.in_(chunk)))
            units += [Unit(entry_id, key, occurrence, stratum.name) for entry_id, key, occurrence in rows]
    return units


def _cross(index: DatasetIndex, ids: BitMap, divisions: Sequence[str]) -> tuple[Stratum, ...]:
    """Every combination that there is; entries without a value are a stratum too, for none may be lost."""
    axes = [_parts(index, ids, division) for division in divisions]
    found = []
    for parts in product(*axes):
        within = BitMap.intersection(*(bitmap for _, bitmap in parts))
        if within:
            found.append(Stratum(" × ".join(label for label, _ in parts), within))
        if len(found) > MOST_STRATA:
            raise InvalidInput(f"These facets make more than {MOST_STRATA} strata. Cross fewer.", "strata")
    return tuple(found)


def _parts(index: DatasetIndex, ids: BitMap, division: str) -> list[tuple[str, BitMap]]:
    """Strata do not overlap: of what an entry may have several of, it has one, or any at all, or not."""
    name, _, value = division.partition(":")
    facet = get_facet(index.facets, name, "strata")
    if value:
        return _halves(facet, ids, ids & index.with_withdrawn(facet.name, value), _label(facet, value))
    if facet.name in SEVERAL:
        having = BitMap.union(*(index.with_withdrawn(facet.name, one.value) for one in facet.values))
        return _halves(facet, ids, ids & having, "any")
    parts = [
        (f"{facet.title}: {value.label}", ids & index.with_withdrawn(facet.name, value.value)) for value in facet.values
    ]
    rest = ids - BitMap.union(*(bitmap for _, bitmap in parts))
    return [part for part in [*parts, (f"{facet.title}: unknown", rest)] if part[1]]


def _label(facet: Facet, value: str) -> str:
    found = facet.by_value.get(value)
    if found is None:
        valid = [one.value for one in facet.values]
        raise InvalidInput(f"{value[:60]!r} is no value of {facet.name}; it has {', '.join(valid)}.", "strata", valid)
    return found.label


def _halves(facet: Facet, ids: BitMap, having: BitMap, label: str) -> list[tuple[str, BitMap]]:
    others = "none" if label == "any" else f"not {label}"
    halves = [(f"{facet.title}: {label}", having), (f"{facet.title}: {others}", ids - having)]
    return [half for half in halves if half[1]]
