"""A backup is whole, of one moment, and never half there."""

import random
import resource
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.db import SQLITE, Database, open_database
from app.errors import Busy, Failed, InvalidInput, NotFound
from app.locks import file_lock
from app.models.event import record_event
from app.operations.backup import Unsound, checksum_path, prune_backups, write_backup
from app.operations.verification import verify_backup

STEP = pytest.param(23, id="some lines"), pytest.param(1, id="every line", marks=pytest.mark.crash)


def test_backup_is_one_file_with_everything(plants, tmp_path):
    backup = write_backup(plants.path, tmp_path / "b.db")
    assert plants.reviews(backup) == 4
    assert sorted(path.name for path in tmp_path.glob("b.db*")) == ["b.db", "b.db.sha256"]


def test_sha256sum_accepts_its_checksum(plants, tmp_path):
    for name in ("b.db", "with space.db", "back\\slash.db", "line\nbreak.db"):
        backup = write_backup(plants.path, tmp_path / name)
        command = ["sha256sum", "--check", "--strict", checksum_path(backup)]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
        assert verify_backup(backup).reviews == 4


def test_rows_still_in_the_wal_are_backed_up(plants, tmp_path, die_after):
    die_after(lambda: open_and_leave(plants.path))
    assert plants.path.with_name("review.db-wal").stat().st_size
    backup = write_backup(plants.path, tmp_path / "b.db")
    assert events_in(plants, backup) == (5, 5)


def open_and_leave(path: Path) -> Database:
    database = open_database(path)
    with database.write() as db:
        record_event(db, "test", {})
    return database


def test_backups_during_500_writes_are_each_of_one_moment(plants, database, tmp_path):
    plants.sql("CREATE TABLE ballast AS SELECT randomblob(20000000) AS x")
    written, done = 0, threading.Event()

    def write():
        nonlocal written
        while written < 500 or not done.is_set():
            with database.write() as db:
                record_event(db, "test", {"number": written})
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    backups = [write_backup(plants.path, tmp_path / f"{number}.db") for number in range(5)]
    done.set()
    writer.join()
    seen = [events_in(plants, backup) for backup in backups]
    assert all(events == counter for events, counter in seen)
    assert seen == sorted(seen)
    assert all(verify_backup(backup) for backup in backups)


def events_in(plants, path) -> tuple[int, int]:
    """How many there are, and how many were given a number."""
    counted = "SELECT (SELECT count(*) FROM event), (SELECT value FROM counter WHERE name = 'event_id')"
    return plants.sql(counted, path=path)[0]


def test_writers_need_not_wait_for_a_backup(plants, database, tmp_path):
    with database.write() as db:
        record_event(db, "test", {})
        write_backup(plants.path, tmp_path / "b.db")
    assert events_in(plants, tmp_path / "b.db") == (4, 4)


def test_existing_file_is_not_replaced(plants, tmp_path):
    target = tmp_path / "b.db"
    target.write_text("mine")
    with pytest.raises(InvalidInput, match=r"exists already.*--force"):
        write_backup(plants.path, target)
    assert target.read_text() == "mine"
    assert verify_backup(write_backup(plants.path, target, force=True)).reviews == 4


def test_folder_is_no_target(plants, tmp_path):
    with pytest.raises(InvalidInput, match="is a folder"):
        write_backup(plants.path, tmp_path, force=True)


def test_missing_database_is_said(tmp_path):
    with pytest.raises(NotFound, match="no database at"):
        write_backup(tmp_path / "none.db", tmp_path / "b.db")
    assert list(tmp_path.iterdir()) == []


def test_damaged_database_is_said(plants, tmp_path):
    plants.path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unsound, match="is damaged, or no database"):
        write_backup(plants.path, tmp_path / "backups" / "b.db")
    assert list((tmp_path / "backups").iterdir()) == []


def test_locked_database_is_not_called_damaged(plants, tmp_path, monkeypatch):
    monkeypatch.setattr("app.operations.backup._WAIT_SECONDS", 0)
    holder = SQLITE.connect(plants.path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=DELETE", "BEGIN EXCLUSIVE"):
        holder.execute(statement)
    with pytest.raises(Failed, match="could not be read: database is locked") as caught:
        write_backup(plants.path, tmp_path / "b.db")
    assert not isinstance(caught.value, Unsound)
    holder.close()


def test_unwritable_folder_is_said_plainly(plants):
    with pytest.raises(Failed, match=r"The backup /proc/b\.db could not be written: "):
        write_backup(plants.path, Path("/proc/b.db"))


def test_full_disk_leaves_nothing(plants, tmp_path):
    plants.sql("CREATE TABLE ballast AS SELECT randomblob(3000000) AS x")
    backups = tmp_path / "backups"
    backups.mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    try:
        with pytest.raises(Failed, match="could not be written"):
            write_backup(plants.path, backups / "b.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(backups.iterdir()) == []


def test_second_backup_to_the_same_path_is_refused(plants, tmp_path):
    with file_lock(tmp_path / "b.db.part"), pytest.raises(Busy, match="is being written"):
        write_backup(plants.path, tmp_path / "b.db")


def test_backup_whose_turn_comes_too_late_is_refused(plants, tmp_path, monkeypatch):
    """It waited for the lock on a file that the one before renamed meanwhile."""
    monkeypatch.setattr("fcntl.flock", lambda *_: (tmp_path / "b.db.part").rename(tmp_path / "b.db"))
    with pytest.raises(Busy, match="is being written"):
        write_backup(plants.path, tmp_path / "b.db")


def test_pruning_keeps_the_newest_with_their_checksums(plants, tmp_path):
    for number in range(4):
        write_backup(plants.path, tmp_path / f"before-{number}.db")
    (tmp_path / "before-x.db.part").touch()
    (tmp_path / "other.db").touch()
    prune_backups(tmp_path, "before-*.db", keep=2)
    left = sorted(path.name for path in tmp_path.iterdir() if path.is_file())
    assert left == ["before-2.db", "before-2.db.sha256", "before-3.db", "before-3.db.sha256", "other.db"]


@pytest.mark.parametrize("step", STEP)
def test_killed_backup_leaves_none_or_a_whole_one(plants, tmp_path, killed_at_line, step):
    line = random.randint(1, step)
    while killed_at_line(line, lambda: write_backup(plants.path, tmp_path / "b.db")):
        if (tmp_path / "b.db").exists():
            assert verify_backup(tmp_path / "b.db").reviews == 4
        assert plants.problems() == {}
        verify_backup(write_backup(plants.path, tmp_path / "b.db", force=True))
        assert not list(tmp_path.glob("*.part*"))
        (tmp_path / "b.db").unlink()
        line += step


@pytest.mark.parametrize("step", STEP)
def test_killed_replacement_verifies_only_when_whole(plants, tmp_path, killed_at_line, step):
    older = write_backup(plants.path, tmp_path / "older.db")
    plants.add_reviews(1)
    target, line = tmp_path / "b.db", random.randint(1, step)
    while True:
        shutil.copy(older, target)
        checksum_path(target).write_text(checksum_path(older).read_text())
        if not killed_at_line(line, lambda: write_backup(plants.path, target, force=True)):
            break
        try:
            assert verify_backup(target).reviews == plants.reviews(target)
        except Unsound as error:
            assert "is not the file that was backed up" in error.message  # noqa: PT017
        line += step


def test_killed_backups_at_random_times_leave_a_sound_database(plants, tmp_path):
    plants.sql("CREATE TABLE ballast AS SELECT randomblob(30000000) AS x")
    work = "import sys; from pathlib import Path; from app.operations.backup import write_backup; print(flush=True);"
    work += "write_backup(*map(Path, sys.argv[1:]), force=True)"
    for _ in range(4):
        command = [sys.executable, "-c", work, plants.path, tmp_path / "b.db"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        process.stdout.readline()
        threading.Event().wait(random.uniform(0, 0.15))
        process.kill()
        process.communicate()
        if (tmp_path / "b.db").exists():
            assert verify_backup(tmp_path / "b.db").reviews == 4
            (tmp_path / "b.db").unlink()
    assert plants.sql("PRAGMA integrity_check") == [("ok",)]
