"""One SQLite file, two engines: a single writer that begins IMMEDIATE, and a pool of readers that cannot write.

With a deferred BEGIN a transaction that reads and then writes fails at once when another one wrote in between; with
IMMEDIATE it queues. `synchronous=FULL` makes a commit survive power loss, which is what "saved" promises.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

from app.locks import open_turn, wait_for_turn
from app.signals import undisturbed
from app.text import search_text

# SQLite 3.7.0 to 3.51.2 can corrupt a database when a WAL reset meets another process's write.
WAL_RESET_FIX = (3, 51, 3)
_BUSY_TIMEOUT_MS = 15_000
READERS = 8  # requests of a process that read at the same time; what is not asked by requests needs a few more
# The log may become as long as an import lets it before a saving reviewer has to empty it.
_FOR_SERVING = (f"PRAGMA mmap_size={256 * 1024 * 1024}", "PRAGMA wal_autocheckpoint=4000")
# What an import wrote is on the disk when it ends; before, it is run again.
_FOR_IMPORT = (
    "PRAGMA mmap_size=0",
    "PRAGMA wal_autocheckpoint=0",
    f"PRAGMA journal_size_limit={64 * 1024 * 1024}",  # what a log that began anew keeps of its size
    "PRAGMA synchronous=NORMAL",
    "PRAGMA cache_size=-32000",
)

# The words of the search index. A table of no content, of each connection its own: it asks nothing of the file.
_WORDS = "CREATE VIRTUAL TABLE temp.entry_words USING fts5vocab(main, entry_search, instance)"


def _sqlite() -> ModuleType:
    """The interpreter's SQLite when it is new enough, else the one the pysqlite3 wheel brings."""
    if sqlite3.sqlite_version_info >= WAL_RESET_FIX:  # pragma: no cover - depends on the interpreter
        return sqlite3
    try:
        from pysqlite3 import dbapi2
    except ImportError:  # pragma: no cover - PyPy and other interpreters without a wheel
        return sqlite3
    module: ModuleType = dbapi2
    return module


SQLITE = _sqlite()
SQLITE_VERSION: str = SQLITE.sqlite_version
SQLITE_HAS_WAL_BUG: bool = SQLITE.sqlite_version_info < WAL_RESET_FIX


@dataclass(frozen=True)
class Database:
    path: Path
    writer: Engine
    reader: Engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: returning commits, raising rolls back."""
        with undisturbed(), Session(self.writer, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot: everything read inside belongs to the same moment."""
        with undisturbed(), Session(self.reader, expire_on_commit=False) as db:
            yield db

    def wait_for_the_disk(self) -> None:
        """With the next commit all before it is on the disk too; an import does without until its last one."""
        with closing(self.writer.raw_connection()) as connection:
            connection.driver_connection.execute("PRAGMA synchronous=FULL")  # type: ignore[union-attr]

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def _search_text(text: str | None) -> str | None:
    return None if text is None else search_text(text)


def open_database(path: Path, *, for_import: bool = False) -> Database:
    """An import maps no pages into memory, which it would fill, and makes its checkpoints itself."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)  # SQLite gives what it keeps beside it the same mode
    pragmas = _FOR_IMPORT if for_import else _FOR_SERVING
    return Database(path, _engine(path, pragmas, writes=True), _engine(path, pragmas, writes=False))


def _engine(path: Path, further_pragmas: tuple[str, ...], *, writes: bool) -> Engine:
    size = {"pool_size": 1, "max_overflow": 0} if writes else {"pool_size": 4, "max_overflow": READERS}
    # Parameters are texts of the dataset and of forms: they stay out of errors, and so out of logs.
    engine = create_engine(f"sqlite:///{path}", module=SQLITE, pool_timeout=60, hide_parameters=True, **size)
    pragmas = [
        f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-16000",
        *further_pragmas,
    ]

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy, not the driver, says BEGIN
        connection.create_function("search_text", 1, _search_text, deterministic=True)
        for pragma in pragmas:
            connection.execute(pragma)
        connection.execute(_WORDS)
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    def on_begin(connection: Connection) -> None:
        if writes:
            # Noted before it is waited for: what ends the waiting, then, gives the turn back.
            connection.info["turn"] = open_turn(path)
            wait_for_turn(connection.info["turn"])
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    def on_checkin(_connection: Any, record: Any) -> None:
        if "turn" in record.info:
            os.close(record.info.pop("turn"))

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
    event.listen(engine, "checkin", on_checkin)
    return engine
