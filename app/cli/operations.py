"""Keeping the database safe: backup, restore, check."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.browsing.engine.checking import check_browse_indexes
from app.cli.context import Json, print_json, print_line, say, unmigrated_database
from app.db import SQLITE_VERSION
from app.errors import Failed, InvalidInput, NotFound
from app.locks import in_use
from app.operations.backup import Unsound, checksum_path, plain_errors, write_backup
from app.operations.check import Check, check_database
from app.operations.record import record_backup
from app.operations.restore import RestoreReport, restore_backup
from app.operations.verification import Contents, describe_database, verify_backup
from app.settings import Settings, load_settings


def register(cli: typer.Typer) -> None:
    for command in (backup, restore, check):
        cli.command()(command)


def backup(
    path: Annotated[Path, typer.Argument(help="The file to write; its SHA-256 goes to PATH.sha256.")],
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")] = False,
    json: Json = False,
) -> None:
    """Copy the database to PATH, also while it is in use.

    Example: saferlhf-review backup /mnt/backups/review-monday.db
    """
    settings = load_settings()
    database_path = _existing(settings)
    if not path.parent.is_dir():
        raise InvalidInput(f"The folder {path.parent} does not exist; create it first.")
    with plain_errors(f"{database_path} could not be backed up"), in_use(database_path):
        write_backup(database_path, path, force=force)
    try:
        contents = verify_backup(path)
    except Unsound as error:
        raise Failed(f"The backup was written, but it cannot be restored. {error.message}") from None
    with unmigrated_database(settings) as database:
        if not record_backup(database, path.name, contents):
            say("The record of this database could not be written to, so it does not name this backup.")
    if json:
        size = path.stat().st_size
        print_json({"path": str(path), "checksum": str(checksum_path(path)), "bytes": size, **_facts(contents)})
    else:
        print_line(f"Backed up to {path} ({contents}) and verified; its checksum is {checksum_path(path).name}.")


def restore(
    path: Annotated[Path, typer.Argument(help="A backup, with its PATH.sha256 beside it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Put a backup in the database's place; what it replaces is kept.

    Stop the server first. Example: saferlhf-review restore /mnt/backups/review-monday.db
    """
    settings = load_settings()
    if not yes:
        _confirm(path, settings)
    report = restore_backup(path, settings)
    if json:
        print_json(_restored(path, report))
        return
    print_line(f"Restored {path} ({report.restored}).")
    if report.kept and report.kept.damage:
        say(f"What was there could not be verified: {report.kept.damage}")
        say(f"It is kept as it was, byte for byte, as {report.kept.path}")
    elif report.kept:
        print_line(f"What was there is kept as {report.kept.path}")


def _confirm(path: Path, settings: Settings) -> None:
    if not sys.stdin.isatty():
        raise typer.BadParameter("needed when nobody can be asked", param_hint="--yes")
    contents = verify_backup(path)
    there = settings.database_path
    say(f"{path} holds {contents}.")
    if there.exists():
        say(f"It replaces {there} ({describe_database(there)}), which is kept in {settings.backups_dir}.")
    else:
        say(f"It becomes {there}; there is no database yet.")
    typer.confirm("Restore it?", abort=True, err=True)


def check(json: Json = False) -> None:
    """Check the database, its indexes and its event log; exit 1 when something is wrong.

    Example: saferlhf-review check
    """
    settings = load_settings()
    database_path = _existing(settings)
    with unmigrated_database(settings) as database:
        report = check_database(database)
        if report.has_schema:
            report.checks.append(check_browse_indexes(database))
    if json:
        checks = [_as_json(check) for check in report.checks]
        print_json({"ok": report.ok, "sqlite_version": SQLITE_VERSION, "checks": checks})
    else:
        print_line(f"{database_path}, with SQLite {SQLITE_VERSION}")
        for one in report.checks:
            _print_check(one)
    if not report.ok:
        raise typer.Exit(1)


def _print_check(check: Check) -> None:
    mark = "FAILED" if check.problems else "warning" if check.warnings else "ok"
    print_line(f"{mark:>7}  {check.name}{': ' * bool(check.detail)}{check.detail}")
    for sentence in (*check.problems, *check.warnings):
        print_line(f"         {sentence}")


def _as_json(check: Check) -> dict[str, object]:
    found = {"problems": check.problems, "warnings": check.warnings, "detail": check.detail}
    return {"name": check.name, "ok": check.ok, **found}


def _restored(path: Path, report: RestoreReport) -> dict[str, object]:
    kept = report.kept
    return {
        "restored": str(path),
        **_facts(report.restored),
        "kept": str(kept.path) if kept else None,
        "damage": kept.damage if kept else None,
    }


def _facts(contents: Contents) -> dict[str, object]:
    return {
        "sha256": contents.sha256,
        "schema": contents.revision,
        "entries": contents.entries,
        "reviews": contents.reviews,
    }


def _existing(settings: Settings) -> Path:
    if not settings.database_path.is_file():
        raise NotFound(f"There is no database at {settings.database_path}.")
    return settings.database_path
