"""What the API answers, as plain objects: the schema of each stands in schemas.py."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from app.agreement.queries import FieldAgreement, NonResponse
from app.browsing.charting.crossing import Axis, Cross
from app.browsing.charting.statistics import Outline, Statistics
from app.browsing.facets import Facet
from app.browsing.pages import EntryPage, EntryRow
from app.browsing.searching.highlighting import Piece
from app.comparing.whole import WholeEntry
from app.models import Dataset, DatasetImport, Review
from app.models.label_field import LabelValue, decode_value

Document = dict[str, Any]


def _text(pieces: Iterable[Piece]) -> str:
    return "".join([piece.text for piece in pieces])


def entry_list(page: EntryPage, entries: Sequence[Document]) -> Document:
    return {
        "total": page.total,
        "of": page.of,
        "first_place": page.first_place,
        "sentence": page.whole_sentence,
        "entries": entries,
        "facets": {group.name: {value.value: value.count for value in group.values} for group in page.facets},
        "next": page.next_after,
        "is_behind": page.is_behind,
    }


def entry_summary(row: EntryRow) -> Document:
    return {
        "id": row.id,
        "split": row.split,
        "subset": row.subset,
        "row": row.row,
        "prompt": _text(row.prompt),
        "prompt_source": row.prompt_source,
        "responses": [
            {
                "position": response.position,
                "beginning": _text(response.pieces),
                "source": response.source,
                "is_safe": response.is_safe,
                "severity_level": response.severity_level,
                "harm_categories": response.categories,
            }
            for response in row.responses
        ],
        "better_response_id": row.better_response_id,
        "safer_response_id": row.safer_response_id,
        "notes": row.notes,
        "status": row.status or None,
        "flagged": row.flagged if row.status else None,
        "withdrawn": row.withdrawn,
    }


def whole_entry(slug: str, entry: WholeEntry, status: str, *, flagged: bool) -> Document:
    return {
        "id": entry.id,
        "dataset": slug,
        "split": entry.split,
        "subset": entry.subset,
        "row": entry.row,
        "content_key": entry.content_key,
        "prompt": entry.prompt,
        "prompt_source": entry.prompt_source,
        "responses": [{"position": r.position, "text": r.text, "source": r.source} for r in entry.responses],
        "labels": entry.labels,
        "notes": entry.notes,
        "status": status or None,
        "flagged": flagged if status else None,
        "withdrawn": entry.withdrawn,
        "extra": orjson.Fragment(entry.extra),  # as it is: it may hold numbers that nothing here can
    }


def own_review(review: Review, comment: str, flag: str) -> Document:
    return {
        "entry": review.entry_id,
        "state": review.state,
        "revision": review.revision,
        "blind": review.blind,
        "verdicts": {
            verdict.label_field: {
                "verdict": verdict.verdict,
                "corrected_value": _decoded(verdict.corrected_value),
                "reason": verdict.reason,
                "stored_value": decode_value(verdict.stored_value),
                "first_value": _decoded(verdict.first_value),
                "outdated": verdict.outdated,
            }
            for verdict in review.verdicts
        },
        "comment": comment,
        "flag": flag or None,
        "seconds": review.active_seconds,
        "updated_at": review.updated_at.isoformat(),
    }


def _decoded(text: str | None) -> LabelValue:
    return None if text is None else decode_value(text)


def dataset_summary(dataset: Dataset, outline: Outline, imports: Sequence[DatasetImport]) -> Document:
    here = f"/datasets/{quote(dataset.slug)}"
    return {
        "slug": dataset.slug,
        "title": dataset.title,
        "unit": dataset.unit,
        "licence": dataset.licence,
        "source": dataset.source,
        "revision": next((record.revision for record in imports if record.revision), None),
        "data_version": dataset.data_version,
        "counts": {"entries": outline.entries, "withdrawn": outline.withdrawn, **outline.reviews._asdict()},
        "splits": outline.splits,
        "label_fields": dataset.label_fields,
        "taxonomy": {
            "categories": [_named(c, "code", "name", "definition") for c in dataset.taxonomy.categories],
            "severities": [_named(s, "level", "name", "definition") for s in dataset.taxonomy.severities],
        },
        "created_at": dataset.created_at,
        "links": {
            "self": f"/api/v1{here}",
            "entries": f"/api/v1{here}/entries",
            "statistics": f"/api/v1{here}/statistics",
            "page": here,
        },
    }


def whole_dataset(dataset: Dataset, outline: Outline, imports: Sequence[DatasetImport]) -> Document:
    return {
        **dataset_summary(dataset, outline, imports),
        "citation": dataset.citation,
        "facets": [_facet(facet) for facet in outline.facets],
        "sorts": [{"value": value, "label": label} for value, label in outline.sorts.items()],
        "imports": [_named(record, *_OF_IMPORT) for record in imports],
    }


_OF_IMPORT = (
    "id", "source", "revision", "subset", "splits", "state", "rows_read", "rows_imported", "rows_rejected",
    "rows_changed", "rows_withdrawn", "started_at", "finished_at",
)  # fmt: skip


def _facet(facet: Facet) -> Document:
    return {
        "name": facet.name,
        "title": facet.title,
        "values": [_named(value, "value", "label", "hint") for value in facet.values],
    }


def statistics(
    dataset: Dataset, found: Statistics, agreement: Sequence[FieldAgreement] | None, non_response: NonResponse | None
) -> Document:
    return {
        "dataset": dataset.slug,
        "total": found.total,
        "of": found.of,
        "sentence": found.sentence,
        "distinct_prompts": found.distinct_prompts,
        "reviews": found.reviews._asdict(),
        "facets": found.facets,
        "crossed": None if found.cross is None else _crossed(found.cross),
        "agreement": None if agreement is None else [_agreement(field) for field in agreement],
        "non_response": non_response and _named(non_response, "put_off", "opted_out"),
        "is_behind": found.is_behind,
    }


def _crossed(cross: Cross) -> Document:
    columns = [value.value for value in cross.columns.values]
    counts = zip(cross.rows.values, cross.counts, strict=True)
    return {
        "rows": _axis(cross.rows),
        "columns": _axis(cross.columns),
        "counts": {row.value: dict(zip(columns, count, strict=True)) for row, count in counts},
    }


def _axis(axis: Axis) -> Document:
    totals = zip(axis.values, axis.totals, strict=True)
    return {
        "facet": axis.facet.name,
        "totals": {value.value: total for value, total in totals},
        "without": axis.without,
        "left_out": axis.left_out,
    }


def _agreement(found: FieldAgreement) -> Document:
    interval = found.interval
    return {
        "label_field": found.field.name,
        "title": found.field.full_title,
        **_named(found, "agree", "disagree", "unsure", "outdated", "n", "share"),
        "interval": interval and {"low": interval.low, "high": interval.high},
    }


def _named(one: object, *names: str) -> Mapping[str, Any]:
    return {name: getattr(one, name) for name in names}
