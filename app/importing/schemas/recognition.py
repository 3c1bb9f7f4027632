"""Tells from the first rows of a source which schema it has, or says what is missing for the nearest one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.errors import InvalidInput
from app.importing.schemas.cells import parse_object
from app.importing.schemas.columns import check_mapped
from app.importing.schemas.known import BEAVERTAILS_ANSWERS, PKU_PAIRS, PKU_QA, PREFERENCES, PROMPTS, Schema
from app.importing.schemas.layout import Layout
from app.importing.schemas.suggestions import explain_unknown
from app.importing.taxonomies import BEAVERTAILS, PKU_SAFERLHF
from app.terms.exported import without_added
from app.terms.taxonomy import Taxonomy

Rows = Sequence[Mapping[str, Any]]
Columns = Mapping[str, str]  # our name -> the source's
_LONG_TEXT = 40  # characters: what somebody wrote; names, numbers and codes are shorter


def recognise(rows: Rows, columns: Columns, *, is_typed: bool, location: str) -> Layout:
    """Raises InvalidInput."""
    rows = [without_added(row) for row in rows]
    found = list(dict.fromkeys(name for row in rows for name in row))
    if not found:
        raise InvalidInput(f"{location}: holds no row that can be read.", "source")
    check_mapped(columns, found)
    read = {name: name for name in found if name not in columns.values()} | dict(columns)
    if "harm_category" not in read and any(_category_names(rows, read.get("category"))):
        read["harm_category"] = read["category"]  # as BeaverTails calls it
    schema = _schema_of(rows, read, is_by_hand="prompt" in columns)
    if schema is None:
        raise InvalidInput(f"{location}: {explain_unknown(found, read)}", "source")
    its_columns = {name: read[name] for name in schema.columns if name in read}
    return Layout(
        schema=schema.name,
        title=schema.title,
        unit=schema.unit,
        taxonomy=_taxonomy_of(schema, rows, its_columns),
        label_fields=tuple(field for field, column in schema.label_columns.items() if column in its_columns),
        columns=its_columns,
        is_typed=is_typed,
    )


def _schema_of(rows: Rows, read: Columns, *, is_by_hand: bool) -> Schema | None:
    if PKU_PAIRS.is_in(read):
        return PKU_PAIRS
    if PREFERENCES.is_in(read):
        return PREFERENCES
    if PKU_QA.is_in(read):
        is_beavertails = _nearest_taxonomy(rows, [read.get("harm_category")]) is BEAVERTAILS
        return BEAVERTAILS_ANSWERS if is_beavertails else PKU_QA
    if PROMPTS.is_in(read) and (is_by_hand or not _holds_other_texts(rows, read["prompt"])):
        return PROMPTS
    return None


def _taxonomy_of(schema: Schema, rows: Rows, columns: Columns) -> Taxonomy:
    """Only what the source has labels for."""
    of_categories = [columns.get(names.harm_categories) for names in schema.responses]
    has_severity = any(names.severity_level in columns for names in schema.responses)
    return Taxonomy(
        _nearest_taxonomy(rows, of_categories).categories if any(of_categories) else (),
        PKU_SAFERLHF.severities if has_severity else (),
    )


def _nearest_taxonomy(rows: Rows, columns: Sequence[str | None]) -> Taxonomy:
    names = {name for column in columns for name in _category_names(rows, column)}
    return max(PKU_SAFERLHF, BEAVERTAILS, key=lambda taxonomy: len(names & taxonomy.bits_by_name.keys()))


def _category_names(rows: Rows, column: str | None) -> Iterator[str]:
    for row in rows:
        value = row.get(column) if column is not None else None
        value = parse_object(value) if isinstance(value, str) else value
        yield from value if isinstance(value, dict) else ()


def _holds_other_texts(rows: Rows, prompt: str) -> bool:
    """Then the prompts are not all there is, and to leave out the answers would be a guess."""
    return any(
        isinstance(value, list) or (isinstance(value, str) and len(value) > _LONG_TEXT and " " in value)
        for row in rows
        for name, value in row.items()
        if name != prompt
    )
