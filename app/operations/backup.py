"""Copies the database while it is in use, with a SHA-256 beside the copy.

SQLite's own `integrity_check` accepts a flipped bit and a missing last byte; the checksum does not.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.db import SQLITE
from app.errors import Busy, Failed, InvalidInput, NotFound
from app.locks import file_lock

# What SQLite may keep beside a database: without them, or with another one's, the file is not what it was.
SIDECARS = ("-wal", "-shm", "-journal")
_PAGES_PER_STEP = 1024
_WAIT_SECONDS = 15
_NOT_THE_DATABASES_FAULT = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_FULL")


class Unsound(Failed):
    """What was read is damaged, or no database of ours."""


def write_backup(source: Path, target: Path, *, force: bool = False) -> Path:
    """Writes a single file that needs nothing but its checksum; raises and leaves nothing when it cannot."""
    if not source.is_file():
        raise NotFound(f"There is no database at {source}.")
    _refuse_existing(target, force=force)
    part, busy = beside(target, ".part"), f"Another backup to {target} is being written."
    with plain_errors(f"The backup {target} could not be written"), file_lock(part, busy=busy):
        if not part.exists():  # whoever held the lock has just put it in place
            raise Busy(busy)
        try:
            _refuse_existing(target, force=force)
            remove_sidecars(part)
            part.write_bytes(b"")
            copy_database(source, part)
            _publish(part, target, mode=stat.S_IMODE(source.stat().st_mode))
        finally:
            remove_sidecars(part)
            part.unlink(missing_ok=True)
    return target


def _refuse_existing(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise InvalidInput(f"{target} is a folder; name a file in it.")
    if target.exists() and not force:
        raise InvalidInput(f"{target} exists already; choose another name, or replace it with --force.")


def _publish(part: Path, target: Path, mode: int) -> None:
    part_checksum = beside(target, ".sha256.part")
    try:
        part_checksum.write_bytes(_checksum_line(sha256_of(part), target.name))
        for path in (part, part_checksum):
            path.chmod(mode)
            sync(path)
        # A kill between the two leaves a checksum alone, or with the file before: neither verifies.
        part_checksum.replace(checksum_path(target))
        part.replace(target)
        sync(target.parent)
    finally:
        part_checksum.unlink(missing_ok=True)


def copy_database(source: Path, target: Path) -> None:
    """One moment of the source, whoever writes to it meanwhile; the target must be empty."""
    with snapshot_of(source) as snapshot, closing(SQLITE.connect(target, isolation_level=None)) as copy:
        # Nothing reads the copy before it is whole, so it needs no journal, and one fsync at the end.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE"):
            copy.execute(f"PRAGMA {pragma}")
        # Between steps Python notices Ctrl-C.
        snapshot.backup(copy, pages=_PAGES_PER_STEP, progress=lambda *_: None)
        copy.execute("PRAGMA journal_mode=DELETE")  # the source's WAL mode came along


@contextmanager
def snapshot_of(source: Path) -> Iterator[Any]:
    """A reader that stays at one moment, so that the copy does not start again after each write.

    In WAL mode it holds up no writer. Read-only, it leaves the files as they are, even damaged ones.
    """
    with ExitStack() as stack:
        try:
            uri = f"{source.absolute().as_uri()}?mode=ro"
            connection = SQLITE.connect(uri, uri=True, timeout=_WAIT_SECONDS, isolation_level=None)
            stack.callback(connection.close)
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except SQLITE.Error as error:
            if error.sqlite_errorname.startswith(_NOT_THE_DATABASES_FAULT):
                raise Failed(f"{source} could not be read: {error}.") from None
            raise Unsound(f"{source} is damaged, or no database: {error}.") from None
        yield connection


def prune_backups(folder: Path, pattern: str, keep: int) -> None:
    """Removes all but the newest, and what killed backups left."""
    oldest_first = sorted(folder.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in oldest_first[: max(0, len(oldest_first) - keep)]:
        checksum_path(path).unlink(missing_ok=True)
        path.unlink()
    for leftover in [*folder.glob(f"{pattern}.part*"), *folder.glob(f"{pattern}.sha256.part")]:
        leftover.unlink(missing_ok=True)


def stamped(folder: Path, reason: str) -> Path:
    """A name for a backup that none before it has."""
    return folder / f"{reason}-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S-%f')}.db"


def checksum_path(path: Path) -> Path:
    return beside(path, ".sha256")


def _checksum_line(digest: str, name: str) -> bytes:
    """As `sha256sum` writes it; a name with a line break is escaped, and a backslash in front says so."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    return os.fsencode(f"{'' if escaped == name else chr(92)}{digest}  {escaped}\n")


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def remove_sidecars(path: Path) -> None:
    for suffix in SIDECARS:
        beside(path, suffix).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Reaches the disk: for a folder, the names in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def plain_errors(sentence: str) -> Iterator[None]:
    """What the disk or SQLite refuses becomes one sentence."""
    try:
        yield
    except (OSError, SQLITE.Error) as error:
        raise Failed(f"{sentence}: {reason(error)}.") from error


def reason(error: Any) -> str:
    if isinstance(error, OSError):
        return "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    message = str(error)  # the driver's backup call gives no code
    return "the disk is full" if message == "database or disk is full" else message
