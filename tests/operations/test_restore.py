"""Restoring swaps the database whole, and keeps what it replaces."""

import random
import shutil
from pathlib import Path

import pytest

from app.db import SQLITE, open_database
from app.errors import Busy, Failed
from app.locks import in_use
from app.operations.backup import write_backup
from app.operations.restore import restore_backup
from app.operations.verification import describe_database, verify_backup

STEP = pytest.param(29, id="some lines"), pytest.param(1, id="every line", marks=pytest.mark.crash)


@pytest.fixture
def backup(plants, tmp_path) -> Path:
    """Holds 4 reviews; the database has 5 by now."""
    written = write_backup(plants.path, tmp_path / "b.db")
    plants.add_reviews(1)
    return written


def test_restored_database_is_the_backup(plants, backup, settings):
    report = restore_backup(backup, settings)
    assert (plants.reviews(), report.restored.reviews) == (4, 4)
    assert plants.problems() == {}


def test_replaced_database_is_kept_verified(plants, backup, settings):
    kept = restore_backup(backup, settings).kept
    assert kept.path.parent == settings.backups_dir
    assert kept.path.name.startswith("before-restore-")
    assert (kept.damage, verify_backup(kept.path).reviews) == (None, 5)


def test_restoring_what_was_kept_undoes_a_restore(plants, backup, settings):
    restore_backup(restore_backup(backup, settings).kept.path, settings)
    assert plants.reviews() == 5


def test_restoring_is_an_event_of_the_restored_database(plants, backup, settings):
    kept = restore_backup(backup, settings).kept
    newest = "SELECT kind, data ->> 'backup', data ->> 'kept' FROM event ORDER BY id DESC LIMIT 1"
    assert plants.sql(newest) == [("database.restored", "b.db", kept.path.name)]


def test_data_version_is_beyond_both_databases(plants, backup, settings):
    plants.sql("UPDATE counter SET value = 70 WHERE name = 'data_version'")
    restore_backup(backup, settings)
    versions = "SELECT value, data_version FROM counter, dataset WHERE name = 'data_version'"
    assert plants.sql(versions) == [(71, 71)]


def test_restore_refuses_while_a_server_runs(plants, backup, settings):
    with in_use(plants.path), pytest.raises(Busy, match="in use by a running server"):
        restore_backup(backup, settings)
    assert plants.reviews() == 5


@pytest.mark.parametrize("reading", [True, False])
def test_restore_refuses_while_another_program_has_it_open(plants, backup, settings, monkeypatch, reading):
    """Such as a worker that outlived its killed server."""
    monkeypatch.setattr("app.operations.restore._WAIT_SECONDS", 0)
    other = SQLITE.connect(plants.path, isolation_level=None)
    for statement in ("BEGIN", "SELECT * FROM review", "SELECT 1" if reading else "COMMIT"):
        other.execute(statement).fetchall()
    with pytest.raises(Busy, match=r"Another program has .* open"):
        restore_backup(backup, settings)
    other.close()
    assert plants.reviews() == 5
    assert not list(settings.backups_dir.iterdir())


def test_database_is_put_where_there_was_none(plants, backup, settings):
    shutil.rmtree(settings.data_dir)
    assert restore_backup(backup, settings).kept is None
    assert plants.reviews() == 4
    assert not settings.backups_dir.exists()


def test_owner_and_mode_stay(plants, backup, settings):
    plants.path.chmod(0o640)
    restore_backup(backup, settings)
    assert plants.path.stat().st_mode & 0o777 == 0o640


def test_link_to_the_database_stays_a_link(plants, backup, settings, tmp_path):
    real = tmp_path / "elsewhere.db"
    plants.path.rename(real)
    plants.path.symlink_to(real)
    restore_backup(backup, settings)
    assert plants.path.is_symlink()
    assert (plants.reviews(real), plants.reviews()) == (4, 4)


def garble(path):
    path.write_bytes(b"garbled" * 5000)


def cut_in_half(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def orphan(path):
    run(path, "DELETE FROM reviewer")


def make_newer(path):
    run(path, "UPDATE alembic_version SET version_num = '2099'")


def run(path, statement):
    connection = SQLITE.connect(path, isolation_level=None)
    connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("damage", [garble, cut_in_half, empty, orphan, make_newer])
def test_damaged_database_is_kept_byte_for_byte(plants, backup, settings, damage):
    damage(plants.path)
    before = plants.path.read_bytes()
    kept = restore_backup(backup, settings).kept
    assert kept.path.read_bytes() == before
    assert str(plants.path) in kept.damage
    assert not list(settings.backups_dir.glob("*.sha256"))
    assert (plants.reviews(), plants.problems()) == (4, {})


def test_damaged_database_is_kept_with_its_wal(plants, backup, settings, die_after):
    die_after(lambda: leave_a_wal(plants))
    with plants.path.open("r+b") as file:
        file.write(b"garbled")
    wal = plants.path.with_name("review.db-wal").read_bytes()
    kept = restore_backup(backup, settings).kept
    assert kept.path.with_name(kept.path.name + "-wal").read_bytes() == wal
    assert (plants.reviews(), plants.problems()) == (4, {})


def leave_a_wal(plants):
    """One review more, in the WAL alone: with another connection open, the last one does not tidy up."""
    reader = open_database(plants.path)
    with reader.read() as db:
        db.connection()
    plants.add_reviews(1)
    return reader


def test_what_a_killed_server_left_in_the_wal_is_kept(plants, backup, settings, die_after):
    die_after(lambda: leave_a_wal(plants))
    assert plants.path.with_name("review.db-wal").stat().st_size
    kept = restore_backup(backup, settings).kept
    assert verify_backup(kept.path).reviews == 6
    assert (plants.reviews(), plants.problems()) == (4, {})


def test_backup_changed_while_it_is_read_is_refused(plants, backup, settings, monkeypatch):
    monkeypatch.setattr("shutil.copyfile", lambda _, target: target.write_text("something else"))
    with pytest.raises(Failed, match="changed while it was read"):
        restore_backup(backup, settings)
    assert plants.reviews() == 5


def test_nothing_is_left_of_the_work(plants, backup, settings):
    restore_backup(backup, settings)
    names = sorted(path.name for path in settings.data_dir.iterdir() if not path.name.endswith("lock"))
    assert names == ["backups", "review.db", "review.db.in-use", "review.db.turn"]


def test_description_says_what_is_there(plants):
    assert describe_database(plants.path) == "4 entries, 4 reviews"
    garble(plants.path)
    assert describe_database(plants.path) == "it cannot be read"


@pytest.mark.parametrize("step", STEP)
def test_killed_restore_leaves_the_old_or_the_new_database(
    plants, backup, settings, tmp_path, killed_at_line, die_after, step
):
    """The old one has a review in its WAL alone, which must not get lost or into the new one."""
    die_after(lambda: leave_a_wal(plants))
    shutil.copytree(settings.data_dir, tmp_path / "as it was")
    line, seen = random.randint(1, step), set()
    while killed_at_line(line, lambda: restore_backup(backup, settings)):
        seen.add(plants.reviews())
        assert plants.problems() == {}
        restore_backup(backup, settings)
        assert (plants.reviews(), plants.problems()) == (4, {})
        assert not list(settings.data_dir.glob("*.restoring"))
        shutil.rmtree(settings.data_dir)
        shutil.copytree(tmp_path / "as it was", settings.data_dir)
        line += step
    assert 6 in seen
    assert seen <= {4, 6}
