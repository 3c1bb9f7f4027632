"""What the JSON API promises."""

from typing import Any, Self

from pydantic import BaseModel

from app.browsing.highlighting import Piece
from app.browsing.pages import EntryPage, EntryRow
from app.comparing.entries import ShownEntry
from app.models import Dataset
from app.models.label_field import LabelValue


def _text(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


class ResponseBeginning(BaseModel):
    position: int
    beginning: str
    source: str | None
    is_safe: bool | None
    severity_level: int | None
    harm_categories: list[str]


class EntrySummary(BaseModel):
    id: int
    split: str
    subset: str | None
    row: int
    prompt: str
    prompt_source: str | None
    responses: list[ResponseBeginning]
    better_response_id: int | None
    safer_response_id: int | None
    notes: list[str]
    status: str
    withdrawn: bool

    @classmethod
    def of(cls, row: EntryRow) -> Self:
        return cls(
            id=row.id,
            split=row.split,
            subset=row.subset,
            row=row.row,
            prompt=_text(row.prompt),
            prompt_source=row.prompt_source,
            responses=[
                ResponseBeginning(
                    position=response.position,
                    beginning=_text(response.pieces),
                    source=response.source,
                    is_safe=response.is_safe,
                    severity_level=response.severity_level,
                    harm_categories=list(response.categories),
                )
                for response in row.responses
            ],
            better_response_id=row.better_response_id,
            safer_response_id=row.safer_response_id,
            notes=list(row.notes),
            status=row.status,
            withdrawn=row.withdrawn,
        )


class EntryList(BaseModel):
    """`total` and every facet count are exact; a facet's counts ignore its own filter."""

    total: int
    sentence: str
    entries: list[EntrySummary]
    facets: dict[str, dict[str, int]]
    next: int | None  # give it as `after` for the next page

    @classmethod
    def of(cls, page: EntryPage) -> Self:
        return cls(
            total=page.total,
            sentence=page.whole_sentence,
            entries=[EntrySummary.of(row) for row in page.entries],
            facets={group.name: {value.value: value.count for value in group.values} for group in page.facets},
            next=page.next_after,
        )


class WholeResponse(BaseModel):
    position: int
    text: str
    source: str | None


class WholeEntry(BaseModel):
    """As many responses as the dataset's entries have: two, one or none."""

    id: int
    dataset: str
    split: str
    subset: str | None
    row: int
    content_key: str
    prompt: str
    prompt_source: str | None
    responses: list[WholeResponse]
    labels: dict[str, LabelValue]  # by label field
    notes: list[str]
    withdrawn: bool
    extra: dict[str, Any]  # the other columns of its row

    @classmethod
    def of(cls, dataset: Dataset, entry: ShownEntry) -> Self:
        return cls(
            id=entry.id,
            dataset=dataset.slug,
            split=entry.split,
            subset=entry.subset,
            row=entry.row,
            content_key=entry.content_key,
            prompt=_text(entry.prompt),
            prompt_source=entry.prompt_source,
            responses=[
                WholeResponse(position=r.position, text=_text(r.pieces), source=r.source) for r in entry.responses
            ],
            labels={label.field.name: label.value for label in entry.labels},
            notes=[note.label for note in entry.notes],
            withdrawn=entry.withdrawal is not None,
            extra=dict(entry.extra),
        )


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
