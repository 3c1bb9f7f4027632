"""Getting entries and verdicts out."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl

import typer

from app.browsing.engine.index import BrowseIndexes
from app.cli.context import opened_database, say
from app.exporting.actions import export_stream, write_file
from app.exporting.exports import prepare_export
from app.exporting.recording import record_export
from app.importing.queries import get_dataset
from app.settings import load_settings

_STDOUT = Path("-")


def register(cli: typer.Typer) -> None:
    cli.command()(export)


def export(
    slug: Annotated[str, typer.Argument(help="The dataset, as in its URL.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; - for standard output.")],
    format_name: Annotated[str, typer.Option("--format", help="jsonl, csv or parquet.")],
    what: Annotated[str, typer.Option(help="What to export: reviews or entries.")] = "reviews",
    query: Annotated[str, typer.Option("--filter", help="A browse page's query string.")] = "",
    recorded: Annotated[bool, typer.Option("--recorded", hidden=True, help="The server has recorded it.")] = False,
) -> None:
    """Write reviews to a file, one row per verdict, or entries as they came, with what reviews say of them.

    Every entry that the filter lets through is written, in the order of its sort.

    Example: saferlhf-review export sample --what entries --format parquet --filter "conflict=yes" -o pairs.parquet
    """
    with opened_database(load_settings()) as database, database.read() as db:
        dataset = get_dataset(db, slug)
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
        progress = _Progress()
        stream = export_stream(prepare_export(db, BrowseIndexes(database), dataset, what, pairs), format_name, progress)
        if not recorded:
            with database.write() as write_db:
                record_export(write_db, what, format_name, pairs, dataset_id=dataset.id)
        size = _print(stream) if output == _STDOUT else write_file(stream, output)
    target = "" if output == _STDOUT else f" {output}"
    say(f"Wrote{target} ({progress.rows:,} rows, {size:,} bytes).")


class _Progress:
    """How many rows there are so far, said again and again where somebody watches."""

    def __init__(self) -> None:
        self.rows = 0
        self._is_watched = sys.stderr.isatty()

    def __call__(self, rows: int) -> None:
        self.rows = rows
        if self._is_watched:  # pragma: no cover - needs a terminal
            sys.stderr.write(f"\r{rows:,} rows\r")


def _print(stream: Iterator[bytes]) -> int:
    try:
        size = sum(map(sys.stdout.buffer.write, stream))
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read it has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it ends
        raise typer.Exit(1) from None
    return size
