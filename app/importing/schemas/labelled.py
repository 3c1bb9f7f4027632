"""Maps rows whose columns say what each response is: pairs, single responses, prompts alone."""

from collections.abc import Mapping
from typing import Any

from app.importing.schemas import values
from app.importing.schemas.columns import missing
from app.importing.schemas.conversations import prompt_text
from app.importing.schemas.known import ResponseColumns, Schema
from app.importing.schemas.rows import BadRow, MappedResponse, MappedRow
from app.importing.schemas.values import CategoryReader
from app.terms.content_key import content_key
from app.terms.exported import without_added
from app.terms.taxonomy import Taxonomy


class LabelledMapper:
    def __init__(self, schema: Schema, columns: Mapping[str, str], taxonomy: Taxonomy) -> None:
        read_categories = CategoryReader(taxonomy)
        self._columns = tuple(dict.fromkeys(columns.values()))
        self._known = frozenset(self._columns)
        self._required = tuple(columns[name] for name in ("prompt", *(names.text for names in schema.responses)))
        self._prompt = columns["prompt"]
        # None is a column that the source has not, and no row has a key None.
        self._prompt_source = columns.get("prompt_source")
        self._better = columns.get("better_response_id")
        self._safer = columns.get("safer_response_id")
        self._responses = [_ResponseReader(names, columns, read_categories) for names in schema.responses]

    def __call__(self, row: Mapping[Any, Any]) -> MappedRow:
        """Raises BadRow."""
        is_plain = row.keys() == self._known  # no column absent, none that means nothing here
        if not is_plain:
            refuse_missing(row, self._required, self._known)
        prompt = prompt_text(row[self._prompt], self._prompt)
        if not prompt:
            raise BadRow(f"{self._prompt}: is empty")
        responses = tuple([read(row) for read in self._responses])
        texts = [response.text for response in responses]
        get = row.get
        return MappedRow(
            prompt=prompt,
            prompt_source=values.optional_text(get(self._prompt_source), self._prompt_source),
            better_response_id=values.integer(get(self._better), self._better, 1),
            safer_response_id=values.integer(get(self._safer), self._safer, 1),
            responses=responses,
            content_key=content_key(prompt, *texts),
            length=len(prompt) + sum(map(len, texts)),
            unknown=[] if is_plain and None not in row.values() else unknown_of(row, self._columns),
            extra=None if is_plain else extra_of(row, self._known),
        )


class _ResponseReader:
    def __init__(self, names: ResponseColumns, columns: Mapping[str, str], read_categories: CategoryReader) -> None:
        self._read_categories = read_categories
        self._text = columns[names.text]
        self._source = columns.get(names.source)
        self._is_safe = columns.get(names.is_safe)
        self._severity_level = columns.get(names.severity_level)
        self._harm_categories = columns.get(names.harm_categories)
        self._sha256 = columns.get(names.sha256)

    def __call__(self, row: Mapping[Any, Any]) -> MappedResponse:
        get = row.get
        return MappedResponse(
            text=values.text(row[self._text], self._text),
            source=values.optional_text(get(self._source), self._source),
            is_safe=values.boolean(get(self._is_safe), self._is_safe),
            severity_level=values.integer(get(self._severity_level), self._severity_level, 3),
            harm_categories=self._read_categories(get(self._harm_categories), self._harm_categories),
            sha256=values.optional_text(get(self._sha256), self._sha256),
        )


def refuse_missing(row: Mapping[str, Any], columns: tuple[str, ...], known: frozenset[str]) -> None:
    for column in columns:
        if column not in row:
            raise BadRow(missing(column, row, known))


def unknown_of(row: Mapping[str, Any], columns: tuple[str, ...]) -> list[str]:
    return [column for column in columns if row.get(column) is None]


def extra_of(row: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any] | None:
    return {name: value for name, value in without_added(row).items() if name not in known} or None
