"""Puts a backup in the database's place.

All work happens on a copy in a folder beside the database: there it is brought to this version's schema and
marked with an event. One rename then swaps it in: a kill leaves the old database or the new one, whole.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.db import SQLITE, Database, open_database
from app.errors import Busy, Failed
from app.locks import in_use
from app.models import Dataset
from app.models.event import DATA_VERSION, record_event, take
from app.operations.backup import (
    SIDECARS,
    Unsound,
    beside,
    checksum_path,
    plain_errors,
    remove_sidecars,
    sha256_of,
    stamped,
    sync,
    write_backup,
)
from app.operations.migrations import migrate
from app.operations.verification import Contents, verify_backup
from app.settings import Settings

_WAIT_SECONDS = 15


@dataclass(frozen=True)
class Kept:
    """What was there before; `damage` says why it could not be verified and is kept byte for byte."""

    path: Path
    contents: Contents | None = None
    damage: str | None = None


@dataclass(frozen=True)
class RestoreReport:
    restored: Contents
    kept: Kept | None


def restore_backup(path: Path, settings: Settings) -> RestoreReport:
    contents = verify_backup(path)
    live = settings.database_path.resolve()  # a link stays a link
    with (
        plain_errors(f"{path} could not be restored; the database is as it was"),
        in_use(settings.database_path, exclusive=True),
        _workshop(live) as workshop,
    ):
        fresh = workshop / "review.db"
        shutil.copyfile(path, fresh)
        if sha256_of(fresh) != contents.sha256:
            raise Failed(f"{path} changed while it was read; the database is as it was.")
        with _opened(fresh) as database:
            migrate(database, workshop)
        kept = _keep(live, settings.backups_dir) if live.exists() else None
        with _opened(fresh) as database, database.write() as db:
            _mark_restored(db, path, contents, kept)
        _swap_in(fresh, live, kept)
    return RestoreReport(contents, kept)


@contextmanager
def _workshop(live: Path) -> Iterator[Path]:
    """On the database's own disk, so that a rename can swap. The lock makes its fixed name safe."""
    folder = beside(live, ".restoring")
    shutil.rmtree(folder, ignore_errors=True)  # of a restore that was killed
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    database = open_database(path)
    try:
        yield database
    except DBAPIError as error:
        raise Failed(f"The backup could not be made ready: {error.orig}.") from error
    finally:
        database.close()


def _keep(live: Path, backups_dir: Path) -> Kept:
    target = stamped(backups_dir, "before-restore")
    try:
        write_backup(live, target)
        return Kept(target, contents=verify_backup(target))
    except Unsound as damage:
        # Of the database, not of its copy: that one was written a moment ago.
        return _keep_bytes(live, target, damage.message.replace(str(target), str(live)))


def _keep_bytes(live: Path, target: Path, damage: str) -> Kept:
    """With its WAL, as SQLite has them side by side, and without a checksum: nobody vouches for it."""
    checksum_path(target).unlink(missing_ok=True)
    for suffix in ("", *SIDECARS):
        if beside(live, suffix).exists():
            shutil.copy2(beside(live, suffix), beside(target, suffix))
            sync(beside(target, suffix))
    sync(target.parent)
    return Kept(target, damage=damage)


def _mark_restored(db: Session, path: Path, contents: Contents, kept: Kept | None) -> None:
    about = {
        "backup": path.name,
        "sha256": contents.sha256,
        "schema": contents.revision,
        "kept": kept and kept.path.name,
    }
    record_event(db, "database.restored", about)
    # Beyond both, so that what somebody remembers of the database before (an ETag) never speaks for this one.
    seen = kept.contents.data_version if kept and kept.contents else 0
    skipped = max(0, seen - contents.data_version)
    version = take(db, DATA_VERSION, skipped + 1) + skipped
    db.execute(update(Dataset).values(data_version=version))


def _swap_in(fresh: Path, live: Path, kept: Kept | None) -> None:
    _settle(fresh)
    sync(fresh)
    if kept:
        _give_to_owner_of(live, fresh)
        try:
            with suppress(SQLITE.Error) if kept.damage else nullcontext():
                _settle(live)
        except Busy:
            for path in (kept.path, checksum_path(kept.path)):
                path.unlink(missing_ok=True)
            remove_sidecars(kept.path)
            raise
    # SQLite would play the old WAL into the new file. By now it is empty, or kept with the damaged database.
    remove_sidecars(live)
    sync(live.parent)
    fresh.replace(live)
    sync(live.parent)


def _settle(path: Path) -> None:
    """Moves everything from the WAL into the file; fails when anybody, even idle, has it open."""
    try:
        with closing(SQLITE.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)) as connection:
            for pragma in ("locking_mode=EXCLUSIVE", "wal_checkpoint(TRUNCATE)"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
    except SQLITE.OperationalError as error:
        busy = Busy(f"Another program has {path} open. Close it first, then try again.")
        raise busy if error.sqlite_errorname.startswith("SQLITE_BUSY") else error from None


def _give_to_owner_of(live: Path, fresh: Path) -> None:
    owner = live.stat()
    fresh.chmod(stat.S_IMODE(owner.st_mode))
    with suppress(PermissionError):
        os.chown(fresh, owner.st_uid, owner.st_gid)
