"""What is there, and taking a dataset away."""

import sys
from typing import Annotated, Any

import typer

from app.cli.context import Json, opened_database, print_json, print_line, say
from app.cli.imports import history_row
from app.errors import InvalidInput
from app.importing.deleting import delete_dataset
from app.importing.queries import count_entries, count_reviews, find_datasets, find_imports, get_dataset
from app.models import Dataset, DatasetImport
from app.settings import load_settings


def register(cli: typer.Typer) -> None:
    datasets = typer.Typer(
        help="What is there. Example: saferlhf-review datasets show sample",
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    datasets.callback()(list_datasets)
    datasets.command("show")(show_dataset)
    datasets.command("delete")(delete)
    cli.add_typer(datasets, name="datasets")


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
    names = ("slug", "title", "source", "schema", "unit", "licence", "label_fields", "created_at")
    return {**{name: getattr(dataset, name) for name in names}, "entries": entries}


def show_dataset(slug: str, json: Json = False) -> None:
    """Show one dataset with its import history.

    Example: saferlhf-review datasets show sample
    """
    with opened_database(load_settings()) as database, database.read() as db:
        dataset = get_dataset(db, slug)
        count, withdrawn = count_entries(db, dataset.id), count_entries(db, dataset.id, withdrawn=True)
        reviews, imports = count_reviews(db, dataset.id), find_imports(db, dataset.id)
    if json:
        history = [history_row(record) for record in imports]
        facts = {"withdrawn": withdrawn, "reviews": reviews, "imports": history}
        print_json({**_dataset_as_json(dataset, count), **facts})
        return
    print_line(f"{dataset.title} ({dataset.slug}), {count:,} entries, {reviews:,} reviews")
    print_line(f"from {dataset.source}, licence {dataset.licence or 'unknown'}")
    if withdrawn:
        print_line(f"{withdrawn:,} more are withdrawn: a later revision no longer has them")
    for record in imports:
        for line in _history(record):
            print_line(line)


def _history(record: DatasetImport) -> list[str]:
    revision = f" at {record.revision}" if record.revision else ""
    what = f"{record.rows_imported:,} imported, {record.rows_present:,} there, {record.rows_rejected:,} rejected"
    if record.rows_changed or record.rows_withdrawn:
        what += f", {record.rows_changed:,} with other labels, {record.rows_withdrawn:,} withdrawn"
    state = f"{record.state}, dry run" if record.is_dry_run else record.state
    version = record.versions.get("saferlhf-review", "an earlier version")
    asked = record.command or ("asked for in the browser" if record.request else "its command is not recorded")
    return [
        f"  {record.requested_at:%Y-%m-%d %H:%M} UTC  {state}: {record.source}{revision}: {what}",
        f"    {record.schema or 'PKU-SafeRLHF pairs'}; by {version}: {asked}",
        *(f"    {file['sha256']}  {file['name']}" for file in record.files),
    ]


def delete(
    slug: str,
    confirm: Annotated[
        str | None, typer.Option(help="The dataset's name once more, where nobody can be asked.")
    ] = None,
    json: Json = False,
) -> None:
    """Delete a dataset with every review of it; a backup of the whole database is made first.

    Example: saferlhf-review datasets delete sample --confirm sample
    """
    settings = load_settings()
    with opened_database(settings) as database:
        with database.read() as db:
            dataset = get_dataset(db, slug)
            entries, reviews = count_entries(db, dataset.id, withdrawn=None), count_reviews(db, dataset.id)
        if confirm is None:
            if not sys.stdin.isatty():
                raise typer.BadParameter("needed when nobody can be asked", param_hint="--confirm")
            say(f"This deletes {dataset.title}: {entries:,} entries and {reviews:,} reviews of them.")
            confirm = typer.prompt(f"Type its name, {slug}, to delete it", err=True)
        if confirm != slug:
            raise InvalidInput(f"{confirm!r} is not {slug!r}, so nothing was deleted.", "confirm")
        backup = delete_dataset(database, dataset, settings.backups_dir)
    if json:
        print_json({"deleted": slug, "entries": entries, "reviews": reviews, "backup": str(backup)})
    else:
        print_line(f"Deleted {slug}: {entries:,} entries, {reviews:,} reviews. Before, all was backed up to {backup}")
