"""The record as rows of a file or a JSON answer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.activity.queries import Deed
from app.errors import InvalidInput
from app.exporting.formats import writer_of
from app.exporting.kinds import Column, Plain

FORMATS = {"jsonl": "JSON Lines", "csv": "CSV"}
COLUMNS = (
    Column("event", Plain.INTEGER),
    Column("at", Plain.TEXT),
    Column("kind", Plain.TEXT),
    Column("reviewer", Plain.TEXT),
    Column("by", Plain.TEXT),
    Column("said", Plain.TEXT),
    Column("of", Plain.TEXT),
    Column("dataset", Plain.TEXT),
    Column("entry", Plain.INTEGER),
    Column("import", Plain.INTEGER),
    Column("request_id", Plain.TEXT),
)


def as_row(deed: Deed) -> Mapping[str, Any]:
    return {
        "event": deed.event_id,
        "at": deed.at.isoformat(),
        "kind": deed.kind,
        "reviewer": deed.reviewer,
        "by": deed.by,
        "said": deed.said,
        "of": deed.subject,
        "dataset": deed.dataset and deed.dataset.slug,
        "entry": deed.entry_id,
        "import": deed.import_id,
        "request_id": deed.request_id,
    }


def write_activity(deeds: Iterable[Deed], format_name: str) -> Iterator[bytes]:
    """Raises InvalidInput, before the first piece, for a format that there is not."""
    if format_name not in FORMATS:
        valid = list(FORMATS)
        raise InvalidInput(f"{format_name[:60]!r} is no format; valid are {', '.join(valid)}.", "format", valid)
    return writer_of(format_name)(map(as_row, deeds), COLUMNS)
