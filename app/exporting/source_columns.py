"""A stored entry back to the row it came from: name for name and type for type, for every schema there is."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, NamedTuple

from app.exporting.kinds import Column, Kind, ObjectOf, Plain
from app.importing.schemas.known import BEAVERTAILS_ANSWERS, PREFERENCES, SCHEMAS, Schema
from app.models import Dataset
from app.terms.exported import ADDED, GIVEN
from app.terms.taxonomy import Taxonomy


class StoredResponse(NamedTuple):
    text: str
    source: str | None
    is_safe: bool | None
    severity_level: int | None
    harm_categories: int | None
    sha256: str | None


class StoredEntry(NamedTuple):
    id: int
    split: str
    subset: str | None
    content_key: bytes
    prompt: str
    prompt_source: str | None
    better_response_id: int | None
    safer_response_id: int | None
    extra: str | None
    responses: tuple[StoredResponse, ...]


@dataclass(frozen=True)
class Present:
    """Which columns beside texts and labels the source has."""

    prompt_source: bool
    source: bool
    sha256: bool


@dataclass(frozen=True)
class SourceColumn(Column):
    value: Callable[[StoredEntry], Any]


def source_columns(dataset: Dataset, present: Present, renamed: Mapping[str, str]) -> tuple[SourceColumn, ...]:
    """`renamed`: our name to the source's, as --map said it."""
    schema = SCHEMAS[dataset.schema]
    if schema is BEAVERTAILS_ANSWERS:
        renamed = {"harm_category": "category", **renamed}
    prompt = SourceColumn("prompt", Plain.TEXT, attrgetter("prompt"))
    sources = [SourceColumn("prompt_source", Plain.TEXT, attrgetter("prompt_source"))] if present.prompt_source else []
    if schema is PREFERENCES:
        made = [prompt, *_CHOSEN_AND_REJECTED, *sources]
    else:
        made = _of_labelled(schema, dataset, present, prompt, sources)
    return tuple(SourceColumn(renamed.get(column.name, column.name), column.kind, column.value) for column in made)


_CHOSEN_AND_REJECTED = (
    SourceColumn("chosen", Plain.TEXT, lambda entry: entry.responses[entry.better_response_id or 0].text),
    SourceColumn("rejected", Plain.TEXT, lambda entry: entry.responses[1 - (entry.better_response_id or 0)].text),
)


def _of_labelled(
    schema: Schema, dataset: Dataset, present: Present, prompt: SourceColumn, sources: list[SourceColumn]
) -> list[SourceColumn]:
    """In the order of the published files: attribute by attribute, not response by response."""
    labels = {column for field, column in schema.label_columns.items() if field in dataset.label_fields}

    def of_responses(attribute: str, kind: Kind, *, is_there: bool = False) -> Iterator[SourceColumn]:
        for position, names in enumerate(schema.responses):
            name = getattr(names, attribute)
            if is_there or name in labels:
                yield SourceColumn(name, kind, _of_response(position, attribute, dataset.taxonomy))

    preferences = [name for name, _ in schema.preferences if name in labels]
    return [
        prompt,
        *of_responses("text", Plain.TEXT, is_there=True),
        *sources,
        *of_responses("source", Plain.TEXT, is_there=present.source),
        *of_responses("is_safe", Plain.BOOLEAN),
        *of_responses("harm_categories", ObjectOf(dict.fromkeys(dataset.taxonomy.bits_by_name, Plain.BOOLEAN))),
        *of_responses("severity_level", Plain.INTEGER),
        *(SourceColumn(name, Plain.INTEGER, attrgetter(name)) for name in preferences),
        *of_responses("sha256", Plain.TEXT, is_there=present.sha256),
    ]


def _of_response(position: int, attribute: str, taxonomy: Taxonomy) -> Callable[[StoredEntry], Any]:
    if attribute == "harm_categories":
        # A dataset has few different sets of categories, and thousands of rows share each of them.
        as_object = lru_cache(maxsize=4096)(partial(_categories, taxonomy.bits_by_name))
        return lambda entry: as_object(entry.responses[position].harm_categories)
    place = StoredResponse._fields.index(attribute)
    return lambda entry: entry.responses[position][place]


def _categories(bits: Mapping[str, int], mask: int | None) -> dict[str, bool] | None:
    return None if mask is None else {name: bool(mask & bit) for name, bit in bits.items()}


def names_of_others(columns: Sequence[Column], found: Iterable[str]) -> dict[str, str]:
    """The source's further columns, each to the name it is exported under."""
    taken = {*ADDED, *(column.name for column in columns)}
    return {name: f"{GIVEN}{name}" if name in taken else name for name in found}
