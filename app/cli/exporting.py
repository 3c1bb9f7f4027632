"""Getting verdicts out."""

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import typer

from app.browsing.index import BrowseIndexes
from app.browsing.queries import find_ids
from app.cli.context import opened_database, say
from app.exporting.actions import export_stream, write_file
from app.importing.queries import get_dataset
from app.settings import load_settings


def register(cli: typer.Typer) -> None:
    cli.command()(export)


def export(
    slug: Annotated[str, typer.Argument(help="The dataset, as in its URL.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    format_name: Annotated[str, typer.Option("--format", help="jsonl or csv.")],
    what: Annotated[str, typer.Option(help="What to export: reviews.")] = "reviews",
    query: Annotated[str, typer.Option("--filter", help="A browse page's query string.")] = "",
) -> None:
    """Write reviews to a file, one row per verdict.

    Example: saferlhf-review export sample --what reviews --format csv --output reviews.csv
    """
    with opened_database(load_settings()) as database, database.read() as db:
        dataset = get_dataset(db, slug)
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        within = find_ids(db, BrowseIndexes(), dataset, pairs) if pairs else None
        size = write_file(export_stream(db, dataset, what, format_name, within), output)
    say(f"Wrote {output} ({size:,} bytes).")
