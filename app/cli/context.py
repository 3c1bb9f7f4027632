"""What commands share: the settings, an up-to-date database, and how results are printed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from app.db import SQLITE_HAS_WAL_BUG, SQLITE_VERSION, Database, open_database
from app.locks import file_lock, in_use
from app.operations.migrations import migrate
from app.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def say(line: str = "") -> None:
    """A line for a person, on stderr: stdout belongs to results."""
    sys.stderr.write(line + "\n")


def print_json(data: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")


def migrate_with_notice(database: Database, settings: Settings) -> None:
    with file_lock(_beside(settings.database_path, ".migrating"), wait=True):
        backup = migrate(database, settings.backups_dir)
    if backup is not None:
        say(f"Upgraded the database; the one before is kept as {backup}")
    if SQLITE_HAS_WAL_BUG:  # pragma: no cover - no such SQLite where pysqlite3 installs
        say(f"WARNING: SQLite {SQLITE_VERSION} has the WAL-reset bug; install pysqlite3, or run one process.")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


@contextmanager
def opened_database(settings: Settings, *, for_import: bool = False) -> Iterator[Database]:
    """The database at this version's schema, marked as in use until the block ends."""
    with unmigrated_database(settings, for_import=for_import) as database:
        migrate_with_notice(database, settings)
        yield database


@contextmanager
def unmigrated_database(settings: Settings, *, for_import: bool = False) -> Iterator[Database]:
    # Marked before it is opened: a connection made earlier could be left with a file `restore` has replaced.
    with in_use(settings.database_path):
        database = open_database(settings.database_path, for_import=for_import)
        try:
            yield database
        finally:
            database.close()
