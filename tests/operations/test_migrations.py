"""Migrations arrive at the models' schema, after a backup, and the event log stays append-only."""

import shutil
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.cli.context import migrate_with_notice
from app.db import SQLITE, open_database
from app.errors import Failed
from app.models import Dataset, Draft, Reviewer
from app.operations.backup import write_backup
from app.operations.migrations import _config, migrate, schema_differences
from app.operations.restore import restore_backup
from app.operations.schema import current_revision, is_current, known_revisions, newest_revision
from app.operations.verification import verify_backup
from app.resources import resource
from app.viewing.actions import save_view

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "2099_01_01_0000", "{before}"

def upgrade():
    op.add_column("reviewer", sa.Column("motto", sa.String()))
"""


@pytest.fixture
def next_version(tmp_path, monkeypatch) -> None:
    """From here on the newest schema has one column more."""
    folder = shutil.copytree(resource("migrations"), tmp_path / "migrations")
    (folder / "versions" / "2099_01_01_0000_add_motto.py").write_text(NEXT.format(before=newest_revision()))
    for module in ("migrations", "schema"):
        monkeypatch.setattr(f"app.operations.{module}.resource", lambda _: folder)


def test_empty_database_upgrades_to_the_models(tmp_path):
    database = open_database(tmp_path / "review.db")
    assert current_revision(database) is None
    assert migrate(database, tmp_path / "backups") is None
    assert is_current(database)
    assert schema_differences(database) == []
    database.close()


def test_current_database_is_left_alone(database, settings):
    assert migrate(database, settings.backups_dir) is None
    assert not settings.backups_dir.exists()


def test_backup_is_taken_before_a_migration(plants, database, settings, next_version):
    backup = migrate(database, settings.backups_dir)
    assert backup.name.startswith("before-migration-")
    assert verify_backup(backup).revision != newest_revision()
    assert plants.sql("PRAGMA table_info(reviewer)", path=backup)[-1][1] != "motto"
    assert plants.sql("PRAGMA table_info(reviewer)")[-1][1] == "motto"
    assert plants.reviews() == 4


def test_at_most_five_backups_are_kept(plants, database, settings, next_version):
    before = current_revision(database)
    backups = []
    for _ in range(7):
        backups.append(migrate(database, settings.backups_dir))
        plants.sql(f"UPDATE alembic_version SET version_num = '{before}'", "ALTER TABLE reviewer DROP COLUMN motto")
    assert sorted(settings.backups_dir.glob("*.db")) == backups[2:]
    assert len(list(settings.backups_dir.glob("*.sha256"))) == 5


def test_no_migration_without_its_backup(plants, database, settings, next_version):
    settings.backups_dir.write_text("in the way")
    with pytest.raises(Failed, match="could not be written"):
        migrate(database, settings.backups_dir)
    assert plants.sql("PRAGMA table_info(reviewer)")[-1][1] != "motto"


def test_older_backup_is_upgraded_when_restored(plants, settings, tmp_path, request):
    older = write_backup(plants.path, tmp_path / "older.db")
    plants.add_reviews(1)
    request.getfixturevalue("next_version")
    report = restore_backup(older, settings)
    assert report.restored.revision != newest_revision()
    assert plants.sql("SELECT motto FROM reviewer") == [(None,)]
    assert plants.reviews() == 4
    assert [path.name[:14] for path in settings.backups_dir.glob("*.db")] == ["before-restore"]


def test_backup_that_cannot_be_upgraded_changes_nothing(plants, settings, tmp_path, request):
    plants.sql("ALTER TABLE reviewer ADD COLUMN motto")
    older = write_backup(plants.path, tmp_path / "older.db")
    plants.add_reviews(1)
    request.getfixturevalue("next_version")
    with pytest.raises(Failed, match="could not be made ready: duplicate column"):
        restore_backup(older, settings)
    assert plants.reviews() == 5
    assert not settings.backups_dir.exists()


def test_database_of_a_newer_version_is_refused(plants, database, settings):
    plants.sql("UPDATE alembic_version SET version_num = '2099'")
    with pytest.raises(Failed, match="made by a newer version"):
        migrate(database, settings.backups_dir)


@pytest.mark.parametrize("statement", ["UPDATE event SET kind = 'x'", "DELETE FROM event WHERE id = 1"])
def test_events_cannot_be_changed_or_deleted(plants, statement):
    with pytest.raises(SQLITE.IntegrityError, match="append-only"):
        plants.sql(statement)
    assert plants.problems() == {}


def test_migrations_never_import_the_application():
    for script in Path(resource("migrations"), "versions").glob("*.py"):
        assert "app" not in {
            line.split()[1].split(".")[0]
            for line in script.read_text().splitlines()
            if line.startswith(("import ", "from "))
        }


def test_migrations_are_found_by_their_file_names():
    scripts = ScriptDirectory(str(resource("migrations"))).walk_revisions()
    assert tuple(reversed([script.revision for script in scripts])) == known_revisions()


def test_upgrade_says_where_the_old_database_is(plants, database, settings, next_version, capsys):
    migrate_with_notice(database, settings)
    (backup,) = settings.backups_dir.glob("before-migration-*.db")
    assert capsys.readouterr().err == f"Upgraded the database; the one before is kept as {backup}\n"


BEFORE_SOURCES = (
    (
        "INSERT INTO dataset VALUES (1, 'plants', 'Plants', 'plants.jsonl', 'pair', NULL, NULL, NULL,"
        " '{\"categories\": [], \"severities\": []}', '[\"better_response_id\"]', 3, '2026-11-23 10:00:00')"
    ),
    (
        "INSERT INTO dataset_import VALUES (1, 1, 'plants.jsonl', NULL, NULL, NULL, '[\"train\"]', '[]', 'complete',"
        " 2, 1, 0, 1, '{}', NULL, '2026-11-23 10:00:00', '2026-11-23 10:00:01')"
    ),
    "INSERT INTO rejected_row VALUES (1, 1, 'plants.jsonl', 2, 'prompt: is empty', '{}')",
    "INSERT INTO entry VALUES (1, 1, 1, 1, NULL, 'train', 1, 'Which pot?', NULL, 1, NULL, x'00', 0, 0, 9, 0)",
    "INSERT INTO reviewer VALUES (1, 'alice', 'alice', 'reviewer', '2026-11-23 10:00:00')",
    "INSERT INTO review VALUES (1, 1, 1, 'submitted', 1, 0, 0, NULL, '2026-11-23 10:00:00', '2026-11-23 10:00:00')",
    "INSERT INTO verdict VALUES (1, 1, 'better_response_id', '1', NULL, 'agree', NULL, NULL)",
)


def database_of_the_first_release(tmp_path):
    database = open_database(tmp_path / "review.db")
    with database.writer.begin() as connection:
        command.upgrade(_config(connection), "2026_11_23_1000")
    with database.writer.begin() as connection:
        for statement in BEFORE_SOURCES:
            connection.exec_driver_sql(statement)
    return database


def upgrade_to(revision, database, tmp_path):
    """As the release did whose newest migration it was."""
    folder = shutil.copytree(resource("migrations"), tmp_path / "migrations")
    for script in (folder / "versions").glob("*.py"):
        if not script.name.startswith(revision) and script.name > revision:
            script.unlink()
    with pytest.MonkeyPatch.context() as patch:
        for module in ("migrations", "schema"):
            patch.setattr(f"app.operations.{module}.resource", lambda _: folder)
        migrate(database, tmp_path / "backups")
        assert current_revision(database) == revision


def test_database_of_the_first_release_keeps_all_it_has(tmp_path):
    database = database_of_the_first_release(tmp_path)
    migrate(database, tmp_path / "backups")
    with database.read() as db:
        assert db.execute(text("SELECT slug, state, rows_rejected, requested_at FROM dataset_import")).all() == [
            ("plants", "complete", 1, "2026-11-23 10:00:00")
        ]
        assert db.execute(text("SELECT file, line FROM rejected_row")).all() == [("plants.jsonl", 2)]
        assert db.execute(text("SELECT label_field, verdict, outdated FROM verdict")).all() == [
            ("better_response_id", "agree", 0)
        ]
        assert db.execute(text("SELECT schema, unit FROM dataset")).all() == [("pku-pairs", "pair")]
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()


def test_database_without_views_keeps_its_reviews_and_takes_views(tmp_path):
    database = database_of_the_first_release(tmp_path)
    upgrade_to("2026_11_23_1500", database, tmp_path)
    backup = migrate(database, tmp_path / "backups")
    assert backup.name.startswith("before-migration-2026_11_23_1500")
    with database.write() as db:
        alice, plants = db.get(Reviewer, 1), db.get(Dataset, 1)
        save_view(db, alice, plants, "Which pot", "q=pot")
        assert db.execute(text("SELECT id, state, revision FROM review")).all() == [(1, "submitted", 1)]
        assert db.execute(text("SELECT label_field, verdict FROM verdict")).all() == [("better_response_id", "agree")]
        assert db.execute(text("SELECT name, query, pinned, created_by FROM saved_view")).all() == [
            ("Which pot", "q=pot", 0, 1)
        ]
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()


def test_what_was_typed_before_an_upgrade_is_there_after_it(tmp_path):
    database = database_of_the_first_release(tmp_path)
    upgrade_to("2026_11_24_1000", database, tmp_path)
    with database.write() as db:
        db.execute(
            text("INSERT INTO draft VALUES (1, 1, :form, 7, '2026-11-24 10:00:00')"), {"form": '{"comment": ["Hm"]}'}
        )
    migrate(database, tmp_path / "backups")
    with database.read() as db:
        draft = db.get_one(Draft, (1, 1, 0))
        assert (draft.form, draft.sequence) == ({"comment": ["Hm"]}, 7)
        assert db.execute(text("PRAGMA foreign_key_check")).all() == []
    database.close()
