"""Getting datasets in, and what is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session

from app.cli.context import Json, opened_database, print_json, print_line, say
from app.db import Database
from app.importing.actions import import_source
from app.importing.progress import ImportProgress, Reporter
from app.importing.queries import (
    count_entries,
    count_rejected_reasons,
    find_datasets,
    find_imports,
    find_rejected,
    get_dataset,
    get_import,
)
from app.importing.sources import resolve_source
from app.models import Dataset, DatasetImport
from app.settings import load_settings

_SHOWN = 20


def register(cli: typer.Typer) -> None:
    cli.command("import")(import_)
    datasets = typer.Typer(
        help="What is there. Example: saferlhf-review datasets show sample",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    datasets.callback()(list_datasets)
    datasets.command("show")(show_dataset)
    cli.add_typer(datasets, name="datasets")


def import_(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Hub name, file(s), folder, or: sample")],
    subset: Annotated[str | None, typer.Option(help="A config of the repository, such as alpaca-7b.")] = None,
    revision: Annotated[str | None, typer.Option(help="A branch, tag or commit on the Hub.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="Only this split; may be repeated.")] = None,
    slug: Annotated[str | None, typer.Option("--as", help="Name of the dataset here, as in its URL.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many rows.")] = None,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when there is a dataset.")] = False,
    json: Json = False,
) -> None:
    """Import a dataset; running it again adds only what is missing.

    Example: saferlhf-review import PKU-Alignment/PKU-SafeRLHF --subset alpaca-7b
    """
    with opened_database(load_settings()) as database:
        if if_empty and _has_datasets(database):
            return
        source = resolve_source(sources, subset=subset, revision=revision, splits=split or [])
        try:
            with _progress_bar(quiet=json) as report:
                import_id = import_source(database, source, slug=slug, limit=limit, on_progress=report)
        except KeyboardInterrupt:
            say("Stopped. What was imported so far is kept; the same command goes on from there.")
            raise typer.Exit(130) from None
        with database.read() as db:
            record = get_import(db, import_id)
            if json:
                print_json(_import_as_json(db, record))
            else:
                _print_import(db, record)


def _has_datasets(database: Database) -> bool:
    with database.read() as db:
        return bool(find_datasets(db))


@contextmanager
def _progress_bar(*, quiet: bool) -> Iterator[Reporter]:
    """A bar on a terminal; nothing where nobody watches."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.fields[rows]:,} rows"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:  # pragma: no cover - needs a terminal
        task = bar.add_task("import", rows=0)

        def report(progress: ImportProgress) -> None:
            bar.update(task, total=progress.bytes_total, completed=progress.bytes_read, rows=progress.rows_read)

        yield report


def _print_import(db: Session, record: DatasetImport) -> None:
    dataset = db.get_one(Dataset, record.dataset_id)
    print_line(f"Imported {dataset.title} as {dataset.slug}:")
    print_line(f"  {record.rows_read:>9,} rows read")
    print_line(f"  {record.rows_imported:>9,} imported")
    print_line(f"  {record.rows_present:>9,} already there")
    print_line(f"  {record.rows_rejected:>9,} rejected")
    rejected = find_rejected(db, record.id, _SHOWN)
    for row in rejected:
        print_line(f"    {row.file}:{row.line}: {row.reason}")
    if record.rows_rejected > len(rejected):
        print_line(f"    … and {record.rows_rejected - len(rejected):,} more: see /imports/{record.id}, or --json")
    for sentence, count in sorted(record.warnings.items()):
        print_line(f"  {count:>9,} times {sentence}")
    print_line(f"Next: saferlhf-review serve, then open /datasets/{dataset.slug}/entries")


def _import_as_json(db: Session, record: DatasetImport) -> dict[str, Any]:
    rejected = [
        {"file": row.file, "line": row.line, "reason": row.reason, "raw": row.raw}
        for row in find_rejected(db, record.id, record.rows_rejected)
    ]
    return {
        "import": record.id,
        "dataset": db.get_one(Dataset, record.dataset_id).slug,
        **_history_row(record),
        "reasons": count_rejected_reasons(db, record.id),
        "rejected": rejected,
    }


def _history_row(record: DatasetImport) -> dict[str, Any]:
    names = (
        "source", "requested_revision", "revision", "subset", "splits", "files", "state", "error", "warnings",
        "rows_read", "rows_imported", "rows_present", "rows_rejected", "started_at", "finished_at",
    )  # fmt: skip
    return {name: getattr(record, name) for name in names}


def list_datasets(context: typer.Context, json: Json = False) -> None:
    """List the datasets with their counts.

    Example: saferlhf-review datasets
    """
    if context.invoked_subcommand is not None:
        return
    with opened_database(load_settings()) as database, database.read() as db:
        found = [(dataset, count_entries(db, dataset.id)) for dataset in find_datasets(db)]
    if json:
        print_json([_dataset_as_json(dataset, count) for dataset, count in found])
        return
    for dataset, count in found:
        print_line(f"{dataset.slug:<30} {count:>10,} entries  {dataset.title}")
    if not found:
        say("No dataset yet. Try: saferlhf-review import sample")


def _dataset_as_json(dataset: Dataset, entries: int) -> dict[str, Any]:
    names = ("slug", "title", "source", "unit", "licence", "label_fields", "created_at")
    return {**{name: getattr(dataset, name) for name in names}, "entries": entries}


def show_dataset(slug: str, json: Json = False) -> None:
    """Show one dataset with its import history.

    Example: saferlhf-review datasets show sample
    """
    with opened_database(load_settings()) as database, database.read() as db:
        dataset = get_dataset(db, slug)
        count, imports = count_entries(db, dataset.id), find_imports(db, dataset.id)
    if json:
        history = [_history_row(record) for record in imports]
        print_json({**_dataset_as_json(dataset, count), "imports": history})
        return
    print_line(f"{dataset.title} ({dataset.slug}), {count:,} entries")
    print_line(f"from {dataset.source}, licence {dataset.licence or 'unknown'}")
    for record in imports:
        what = f"{record.rows_imported:,} imported, {record.rows_present:,} there, {record.rows_rejected:,} rejected"
        revision = f" at {record.revision}" if record.revision else ""
        print_line(f"  {record.started_at:%Y-%m-%d %H:%M} UTC  {record.state}: {record.source}{revision}: {what}")
