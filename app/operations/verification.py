"""Is this file the backup that was written, and a database this version can use?"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.db import SQLITE
from app.errors import Failed
from app.models.event import DATA_VERSION, ENTRY_ID, EVENT_ID
from app.operations.backup import Unsound, checksum_path, reason, sha256_of, snapshot_of
from app.operations.schema import known_revisions

_OUR_TABLES = {"alembic_version", "counter", "dataset", "entry", "event", "review"}
_SHOWN = 3


@dataclass(frozen=True)
class Contents:
    sha256: str
    revision: str
    entries: int
    reviews: int
    data_version: int

    def __str__(self) -> str:
        return f"{self.entries:,} entries, {self.reviews:,} reviews"


def verify_backup(path: Path) -> Contents:
    """Raises Unsound, saying what is wrong. A WAL beside the file is no part of the backup."""
    if not path.is_file():
        raise Unsound(f"There is no backup at {path}.")
    try:
        expected, found = _expected_sha256(path), sha256_of(path)
    except OSError as error:
        raise Failed(f"{path} could not be read: {reason(error)}.") from None
    if found != expected:
        raise Unsound(
            f"{path} is not the file that was backed up: its SHA-256 is {found}, "
            f"and {checksum_path(path).name} says {expected}."
        )
    with _opened(path) as connection:
        return _verify_contents(path, connection, found)


def _expected_sha256(path: Path) -> str:
    checksum = checksum_path(path)
    if not checksum.is_file():
        raise Unsound(
            f"The checksum {checksum} is missing; without it a damaged backup cannot be told from a good one."
        )
    line = re.match(rb"\\?([0-9a-fA-F]{64})( |$)", checksum.read_bytes())
    if line is None:
        raise Unsound(f"{checksum} holds no SHA-256 checksum.")
    return line[1].decode().lower()


def describe_database(path: Path) -> str:
    """What a database in use holds, in words."""
    try:
        with snapshot_of(path) as connection:
            return f"{_count(connection, 'entry'):,} entries, {_count(connection, 'review'):,} reviews"
    except (Failed, SQLITE.Error):
        return "it cannot be read"


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """`immutable` takes no lock, makes no file and reads no WAL."""
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(SQLITE.connect(uri, uri=True)) as connection:
            yield connection
    except SQLITE.Error as error:
        if error.sqlite_errorname == "SQLITE_NOTADB":
            raise Unsound(f"{path} is not a SQLite database.") from None
        raise Unsound(f"{path} is damaged: {error}.") from None


def _verify_contents(path: Path, connection: Any, sha256: str) -> Contents:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables >= _OUR_TABLES:
        raise Unsound(f"{path} is a SQLite database, but not one of SafeRLHF Review.")
    revision = connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0]
    if revision not in known_revisions():
        raise Unsound(f"{path} was made by a newer version (schema {revision}). Install that version to use it.")
    problems = [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
    if problems:
        raise Unsound(f"{path} is damaged; integrity_check says: {'; '.join(problems[:_SHOWN])}.")
    orphans = connection.execute("PRAGMA foreign_key_check").fetchall()
    if orphans:
        where = ", ".join(sorted({table for table, *_ in orphans}))
        raise Unsound(f"{path} has {len(orphans)} rows that refer to missing ones, in {where}.")
    counters = dict(connection.execute("SELECT name, value FROM counter").fetchall())
    if not counters.keys() >= {DATA_VERSION, ENTRY_ID, EVENT_ID}:
        raise Unsound(f"{path} lacks its counters.")
    return Contents(
        sha256=sha256,
        revision=revision,
        entries=_count(connection, "entry"),
        reviews=_count(connection, "review"),
        data_version=counters[DATA_VERSION],
    )


def _count(connection: Any, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # nosec B608 # noqa: S608 - our own words
    return count
