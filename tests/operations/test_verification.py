"""Whatever is wrong with a backup, it is said, and restoring it changes nothing."""

import hashlib
import random
import sqlite3
from pathlib import Path

import pytest

from app.errors import Failed
from app.operations.backup import Unsound, checksum_path, write_backup
from app.operations.restore import restore_backup
from app.operations.verification import verify_backup


@pytest.fixture
def backup(plants, tmp_path) -> Path:
    return write_backup(plants.path, tmp_path / "b.db")


def vouch_for(path: Path) -> None:
    checksum_path(path).write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")


def flip_a_bit(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1 << random.randrange(8)
    path.write_bytes(data)


def test_good_backup_says_what_it_holds(backup):
    contents = verify_backup(backup)
    assert (contents.entries, contents.reviews, str(contents)) == (4, 4, "4 entries, 4 reviews")


def test_reading_a_backup_leaves_it_and_its_folder_alone(backup, tmp_path):
    before = [(path.name, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())]
    verify_backup(backup)
    assert [(path.name, path.stat().st_mtime_ns) for path in sorted(tmp_path.iterdir())] == before


def test_a_flipped_bit_anywhere_is_found(backup):
    whole = backup.read_bytes()
    for at in [0, 18, 99, 100, len(whole) - 1, *random.sample(range(len(whole)), 40)]:
        flip_a_bit(backup, at)
        with pytest.raises(Unsound, match="is not the file that was backed up"):
            verify_backup(backup)
        backup.write_bytes(whole)


def cut_last_byte(path):
    path.write_bytes(path.read_bytes()[:-1])


def remove(path):
    path.unlink()


def remove_checksum(path):
    checksum_path(path).unlink()


def blank_checksum(path):
    checksum_path(path).write_text("\n")


def write_text(path):
    path.write_text("Dear diary")
    vouch_for(path)


def write_nothing(path):
    path.write_bytes(b"")
    vouch_for(path)


def write_foreign_database(path):
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
    connection.close()
    vouch_for(path)


def change(*statements):
    def changed(path):
        connection = sqlite3.connect(path, isolation_level=None)
        for statement in statements:
            connection.execute(statement)
        connection.close()
        vouch_for(path)

    return changed


def damage_a_page(path):
    connection = sqlite3.connect(path)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'verdict'").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * 4096 + 8)
        file.write(b"\xff" * 200)
    vouch_for(path)


def damage_the_schema(path):
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 100)
    vouch_for(path)


def disorder_an_index(path):
    change(
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_schema SET sql = 'CREATE INDEX ix_review_entry_id ON review (revision)'"
        " WHERE name = 'ix_review_entry_id'",
    )(path)


BAD = {
    "missing file": (remove, "There is no backup at"),
    "missing last byte": (cut_last_byte, "is not the file that was backed up"),
    "missing checksum": (remove_checksum, "checksum .* is missing"),
    "blank checksum": (blank_checksum, "holds no SHA-256"),
    "text": (write_text, "is not a SQLite database"),
    "nothing": (write_nothing, "not one of SafeRLHF Review"),
    "foreign database": (write_foreign_database, "not one of SafeRLHF Review"),
    "newer version": (change("UPDATE alembic_version SET version_num = '2099'"), r"newer version \(schema 2099\)"),
    "orphaned rows": (
        change("DELETE FROM reviewer"),
        "12 rows that refer to missing ones, in comment, decision, review",
    ),
    "damaged page": (damage_a_page, "is damaged"),
    "damaged schema": (damage_the_schema, "is damaged"),
    "disordered index": (disorder_an_index, "is damaged; integrity_check says"),
    "missing counter": (change("DELETE FROM counter"), "lacks its counters"),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_bad_backup_is_refused_with_data_untouched(plants, backup, settings, spoil, message):
    plants.add_reviews(1)
    spoil(backup)
    before = {path.name: path.read_bytes() for path in settings.data_dir.iterdir()}
    with pytest.raises(Unsound, match=message):
        restore_backup(backup, settings)
    assert {path.name: path.read_bytes() for path in settings.data_dir.iterdir()} == before


def test_unreadable_backup_is_said_plainly(backup):
    checksum_path(backup).unlink()
    checksum_path(backup).symlink_to("/proc/self/mem")
    with pytest.raises(Failed, match="could not be read: "):
        verify_backup(backup)
