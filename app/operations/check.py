"""Does the database hold together? Problems name ids and counts, never a text of the dataset."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, Integer, column, func, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import SQLITE_HAS_WAL_BUG, SQLITE_VERSION, Database, open_database
from app.errors import ReviewError
from app.models import Entry
from app.operations.backup import copy_database, plain_errors
from app.operations.consistency import (
    check_chain,
    check_counters,
    check_event_log,
    check_responses,
    check_reviews,
    check_sessions,
    end_of_chain,
)
from app.operations.migrations import schema_differences
from app.operations.schema import current_revision, newest_revision

_SHOWN = 20
# Comparing the search index takes a write transaction, a second for 60,000 entries, and saving a review waits
# for at most 15 seconds. A larger index is compared in a copy.
SEARCH_CHECKED_IN_PLACE = 400_000
_PLAIN_SQL = {
    "entry_text": "view",
    "entry_search": "table",
    "event_is_never_changed": "trigger",
    "event_is_never_deleted": "trigger",
}


@dataclass(frozen=True)
class Check:
    name: str
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    detail: str = ""  # what was looked at, when it is not plain

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class CheckReport:
    checks: list[Check]

    @property
    def ok(self) -> bool:
        return all(check.ok for check in self.checks)

    @property
    def has_schema(self) -> bool:
        """Else nothing that stands on the tables can be looked at."""
        return all(check.ok for check in self.checks if check.name == "schema")


def check_database(database: Database, *, search_in_place: int = SEARCH_CHECKED_IN_PLACE) -> CheckReport:
    checks = [_sqlite_version()]
    with database.read() as db:
        checks += [
            run_check("database file", lambda: _integrity(db)),
            run_check("foreign keys", lambda: _foreign_keys(db)),
            run_check("schema", lambda: _schema(database, db)),
        ]
        if not (report := CheckReport(checks)).has_schema:
            return report
        checks += [
            run_check("responses", lambda: check_responses(db)),
            run_check("event log", lambda: check_event_log(db)),
            _event_chain(db),
            run_check("reviews", lambda: check_reviews(db)),
            run_check("sessions", lambda: check_sessions(db)),
            run_check("counters", lambda: check_counters(db)),
        ]
    checks.append(run_check("search index", lambda: _search_index(database, search_in_place)))
    return CheckReport(checks)


def run_check(name: str, find_problems: Callable[[], Iterable[str]]) -> Check:
    """The first problems, and how many more there are; also that nothing could be looked at."""
    try:
        problems = iter(find_problems())
        shown = list(islice(problems, _SHOWN))
        more = sum(1 for _ in problems)
    except DBAPIError as error:
        return Check(name, (f"It could not be read: {error.orig}.",))
    except (ReviewError, OSError) as error:
        return Check(name, (f"It could not be looked at: {error}",))
    if more:
        shown.append(f"And {more:,} more.")
    return Check(name, tuple(shown))


def _sqlite_version() -> Check:
    bug = f"SQLite {SQLITE_VERSION} can corrupt a database that several processes write to; install pysqlite3."
    return Check("SQLite version", warnings=(bug,) if SQLITE_HAS_WAL_BUG else ())


def _integrity(db: Session) -> Iterator[str]:
    for line in db.scalars(text("PRAGMA integrity_check")):
        if line != "ok":
            yield f"integrity_check says: {line}."


def _foreign_keys(db: Session) -> Iterator[str]:
    for child, row, parent, _ in db.execute(text("PRAGMA foreign_key_check")):
        yield f"Row {row} of {child} refers to a missing {parent}."


def _schema(database: Database, db: Session) -> Iterator[str]:
    current, newest = current_revision(database), newest_revision()
    if current != newest:
        yield f"It is {current or 'missing'}, this version needs {newest}; the rows were not looked at."
        return
    for difference in schema_differences(database):
        yield f"The tables differ from what this version needs: {_described(difference)}."
    there = set(db.scalars(text("SELECT name FROM sqlite_schema")))
    for name, kind in _PLAIN_SQL.items():
        if name not in there:
            yield f"The {kind} {name} is missing."


def _described(difference: Any) -> str:
    if isinstance(difference, list):
        return "; ".join(map(_described, difference))
    what, *parts = difference
    names = [part if isinstance(part, str) else getattr(part, "name", None) for part in parts]
    return " ".join([what.replace("_", " "), *(name for name in names if name)])


def _event_chain(db: Session) -> Check:
    found = run_check("event chain", lambda: check_chain(db))
    return replace(found, detail=end_of_chain(db)) if found.ok else found


def _search_index(database: Database, in_place: int) -> Iterator[str]:
    with database.read() as db:
        yield from _unindexed(db)
        entries = db.scalar(select(func.count()).select_from(Entry)) or 0
    with _writable(database, copied=entries > in_place) as connection:
        try:
            # Rank 1 also compares with the texts, which the index reads from its view.
            connection.execute(text("INSERT INTO entry_search(entry_search, rank) VALUES ('integrity-check', 1)"))
        except DBAPIError as error:
            yield f"It does not agree with the texts of the entries: {error.orig}."


def _unindexed(db: Session) -> Iterator[str]:
    entries, indexed = (
        select(Entry.id),
        select(column("id", Integer)).select_from(table("entry_search_docsize")),
    )
    for entry_id in db.scalars(entries.except_(indexed)):
        yield f"Entry {entry_id} is not in it."
    for entry_id in db.scalars(indexed.except_(entries)):
        yield f"It holds entry {entry_id}, which does not exist."


@contextmanager
def _writable(database: Database, *, copied: bool) -> Iterator[Connection]:
    if not copied:
        with database.writer.begin() as connection:
            yield connection
        return
    with TemporaryDirectory(dir=database.path.parent, prefix="check-") as folder:
        copy = open_database(Path(folder) / "review.db")
        with plain_errors("No copy could be made to check it in"):
            copy_database(database.path, copy.path)
        try:
            with copy.writer.begin() as connection:
                yield connection
        finally:
            copy.close()
