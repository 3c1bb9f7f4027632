"""An import as the terminal shows it: what came in, what changed, and which rows did not."""

from typing import Any

from sqlalchemy.orm import Session

from app.cli.context import print_line
from app.importing.queries import count_rejected_reasons, find_rejected
from app.models import DatasetImport

_SHOWN = 20
_COLUMNS = (
    "slug", "source", "command", "request", "requested_revision", "revision", "schema", "subset", "splits", "files",
    "versions", "state", "is_dry_run", "error", "changes", "warnings", "rows_read", "rows_imported", "rows_present",
    "rows_rejected", "rows_changed", "rows_withdrawn", "rows_restored", "reviews_outdated", "started_at",
    "finished_at",
)  # fmt: skip


def print_import(db: Session, record: DatasetImport) -> None:
    would = "Would import" if record.is_dry_run else "Imported"
    print_line(f"{would} {record.schema} as {record.slug}:")
    for count, what in _counts(record):
        print_line(f"  {count:>9,} {what}")
        if what == "rejected":
            _print_rejected(db, record)
    for sentence, count in sorted(record.warnings.items()):
        print_line(f"  {count:>9,} times {sentence}")
    if record.is_dry_run:
        print_line(f"Nothing was changed. The whole list: /imports/{record.id}; the same without --dry-run does it.")
    else:
        print_line(f"Next: saferlhf-review serve, then open /datasets/{record.slug}/entries")


def _counts(record: DatasetImport) -> list[tuple[int, str]]:
    """The first four always, the rest when there are any."""
    changed = ", ".join(f"{name} {count:,}" for name, count in sorted(record.changes.items()))
    further = [
        (record.rows_changed, f"of them with another label than before: {changed}"),
        (record.rows_restored, "of them had been withdrawn and are there again"),
        (record.rows_withdrawn, "entries withdrawn, which the source no longer has"),
        (record.reviews_outdated, "reviews outdated, which judged a label that changed"),
    ]
    return [
        (record.rows_read, "rows read"),
        (record.rows_imported, "imported"),
        (record.rows_present, "already there"),
        *(one for one in further if one[0]),
        (record.rows_rejected, "rejected"),
    ]


def _print_rejected(db: Session, record: DatasetImport) -> None:
    rejected = find_rejected(db, record.id, _SHOWN)
    for row in rejected:
        print_line(f"    {row.file}:{row.line}: {row.reason}")
    if record.rows_rejected > len(rejected):
        print_line(f"    … and {record.rows_rejected - len(rejected):,} more: see /imports/{record.id}, or --json")


def import_as_json(db: Session, record: DatasetImport) -> dict[str, Any]:
    rejected = [
        {"file": row.file, "line": row.line, "reason": row.reason, "raw": row.raw}
        for row in find_rejected(db, record.id, record.rows_rejected)
    ]
    return {
        "import": record.id,
        "dataset": record.slug,
        **history_row(record),
        "reasons": count_rejected_reasons(db, record.id),
        "rejected": rejected,
    }


def history_row(record: DatasetImport) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _COLUMNS}
