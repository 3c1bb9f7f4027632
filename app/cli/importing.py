"""Getting datasets in."""

import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.browsing.engine.index import BrowseIndexes
from app.cli.context import Json, opened_database, print_json, say
from app.cli.imports import import_as_json, print_import
from app.db import Database
from app.importing.actions import import_source, run_import
from app.importing.preparing import Prepared, prepare
from app.importing.progress import ImportProgress, Reporter
from app.importing.queries import find_dataset, find_datasets, get_import
from app.importing.reading import Limits
from app.importing.reading_process import SMALL_BYTES, warm_up
from app.importing.recording import Cancelled
from app.importing.requests import ImportRequest
from app.importing.schemas import parse_columns
from app.settings import Settings, load_settings
from app.signals import stop_by

_STOPPED = 130
_STOPS = {signal.SIGINT: KeyboardInterrupt, signal.SIGTERM: Cancelled}


def register(cli: typer.Typer) -> None:
    cli.command("import")(import_)


def import_(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE...", help="Hub name, file(s), globs, folder, or: sample")
    ] = None,
    subset: Annotated[str | None, typer.Option(help="A config of the repository, such as alpaca-7b.")] = None,
    revision: Annotated[str | None, typer.Option(help="A branch, tag or commit on the Hub.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="Only this split; may be repeated.")] = None,
    slug: Annotated[str | None, typer.Option("--as", help="Name of the dataset here, as in its URL.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many rows.")] = None,
    file_format: Annotated[str | None, typer.Option("--format", help="When file names do not say it: csv, ...")] = None,
    columns: Annotated[list[str] | None, typer.Option("--map", help="prompt=question,response_0=a,...")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="The first bad row fails the import.")] = False,
    keep_missing: Annotated[
        bool, typer.Option("--keep-missing", help="Withdraw nothing that the source no longer has.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what it would do.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a revision changes what is here.")] = False,
    if_empty: Annotated[bool, typer.Option("--if-empty", help="Do nothing when there is a dataset.")] = False,
    queued: Annotated[int | None, typer.Option(hidden=True, help="Run this import, asked for in the browser.")] = None,
    json: Json = False,
) -> None:
    """Import a dataset; running it again adds only what is missing, and brings labels up to date.

    Example: saferlhf-review import PKU-Alignment/PKU-SafeRLHF --subset alpaca-7b
    """
    if any(map(_is_large, sources or ())):
        warm_up()
    settings = load_settings()
    with opened_database(settings, for_import=True) as database:
        if queued is not None:
            _run_queued(database, settings, queued)
            return
        if if_empty and _has_datasets(database):
            return
        if not sources:
            raise typer.BadParameter("say what to import", param_hint="SOURCE")
        request = ImportRequest(
            sources=tuple(sources),
            slug=slug,
            subset=subset,
            revision=revision,
            splits=tuple(split or ()),
            limit=limit,
            format=file_format,
            columns=parse_columns(columns or []),
            strict=strict,
            keep_missing=keep_missing,
            dry_run=dry_run,
        )
        _import(database, settings, request, asks=sys.stdin.isatty() and not (yes or dry_run), json=json)


def _import(database: Database, settings: Settings, request: ImportRequest, *, asks: bool, json: bool) -> None:
    limits = limits_of(settings)
    prepared = prepare(database, request, limits)
    say(f"{prepared.source.location}: {prepared.schema}")
    kept = replace(request, sources=tuple(map(_absolute, request.sources)))
    if asks and _is_there(database, prepared.slug):
        tried = _run(database, replace(kept, dry_run=True), prepared, limits, quiet=json)
        _confirm(database, tried)
    import_id = _run(database, kept, prepared, limits, quiet=json)
    _prepare_index(database, import_id)
    with database.read() as db:
        record = get_import(db, import_id)
        if json:
            print_json(import_as_json(db, record))
        else:
            print_import(db, record)


def _run(database: Database, request: ImportRequest, prepared: Prepared, limits: Limits, *, quiet: bool) -> int:
    stop_by(_STOPS)
    command = shlex.join(["saferlhf-review", *sys.argv[1:]])
    try:
        with _progress_bar(quiet=quiet) as report:
            return import_source(
                database,
                request,
                prepared=prepared,
                command=command,
                limits=limits,
                on_progress=report,
                on_wait=lambda: say("Another import is running; this one waits for its turn."),
            )
    except KeyboardInterrupt:
        say("Stopped. What was imported so far is kept; the same command goes on from there.")
        raise typer.Exit(_STOPPED) from None


def _run_queued(database: Database, settings: Settings, import_id: int) -> None:
    """Asked for in the browser, whose process holds the lock for us: all there is to say goes into the record."""
    stop_by(_STOPS)
    with suppress(KeyboardInterrupt):
        run_import(database, import_id, limits=limits_of(settings))
        _prepare_index(database, import_id)


def _prepare_index(database: Database, import_id: int) -> None:
    """Where that takes minutes: here nobody waits for it."""
    with database.read() as db:
        record = get_import(db, import_id)
    if record.dataset_id is not None and not record.is_dry_run:
        BrowseIndexes(database).prepare(record.dataset_id)


def limits_of(settings: Settings) -> Limits:
    return Limits(unpacked_bytes=settings.max_unpacked_gb * 1024**3)


def _is_large(source: str) -> bool:
    path = Path(source).expanduser()
    return path.is_dir() or (path.is_file() and path.stat().st_size > SMALL_BYTES)


def _absolute(source: str) -> str:
    """So that the same can be imported again from elsewhere; a name on the Hub stays as it is."""
    path = Path(source).expanduser()
    return str(path.absolute()) if path.exists() or any(sign in source for sign in "*?[") else source


def _is_there(database: Database, slug: str) -> bool:
    with database.read() as db:
        return find_dataset(db, slug) is not None


def _has_datasets(database: Database) -> bool:
    with database.read() as db:
        return bool(find_datasets(db))


def _confirm(database: Database, dry_run: int) -> None:
    with database.read() as db:
        record = get_import(db, dry_run)
        if not (record.rows_changed or record.rows_withdrawn):
            return
        print_import(db, record)
    typer.confirm("Do it?", abort=True, err=True)


@contextmanager
def _progress_bar(*, quiet: bool) -> Iterator[Reporter]:
    """A bar on a terminal; nothing where nobody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
    else:  # pragma: no cover - needs a terminal
        with _bar() as report:
            yield report


@contextmanager
def _bar() -> Iterator[Reporter]:  # pragma: no cover - needs a terminal
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.fields[rows]:,} rows"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
        task = bar.add_task("import", rows=0)

        def report(progress: ImportProgress) -> None:
            bar.update(task, total=progress.bytes_total, completed=progress.bytes_read, rows=progress.rows_read)

        yield report
