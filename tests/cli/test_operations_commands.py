"""backup, restore and check as a person or a script meets them."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import app
from app.db import SQLITE
from app.locks import in_use
from app.operations.schema import newest_revision
from app.operations.verification import verify_backup


def restore_at_a_terminal(settings, backup, answer) -> subprocess.CompletedProcess:
    keyboard, terminal = pty.openpty()
    os.write(keyboard, answer)
    environment = {**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "app", "restore", backup]
    root = Path(app.__file__).parent.parent
    done = subprocess.run(command, env=environment, cwd=root, stdin=terminal, capture_output=True, text=True)
    os.close(keyboard)
    os.close(terminal)
    return done


def add_reviewer(path):
    with SQLITE.connect(path) as connection:
        connection.execute(
            "INSERT INTO reviewer (id, name, name_key, role, profile, seed, created_at) "
            "VALUES (1, 'Alice', 'alice', 'reviewer', '{}', 1, '2026-01-01')"
        )
    connection.close()


def reviewers(path) -> int:
    connection = SQLITE.connect(path)
    (count,) = connection.execute("SELECT count(*) FROM reviewer").fetchone()
    connection.close()
    return count


def test_backup_check_and_restore_round_trip(run, settings, tmp_path):
    backup = tmp_path / "b.db"
    done = run("backup", backup)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Backed up to {backup} (0 entries, 0 reviews) and verified; its checksum is b.db.sha256.\n"

    add_reviewer(settings.database_path)
    done = run("restore", backup, "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    restored, kept = done.stdout.splitlines()
    assert restored == f"Restored {backup} (0 entries, 0 reviews)."
    assert reviewers(settings.database_path) == 0
    assert reviewers(Path(kept.removeprefix("What was there is kept as "))) == 1

    done = run("check")
    assert done.returncode == 0
    marks = [line.split(maxsplit=1) for line in done.stdout.splitlines()[1:]]
    assert ["ok", "search index"] in marks
    assert {mark for mark, _ in marks} == {"ok"}


def test_scripts_read_json(run, settings, tmp_path):
    backup = tmp_path / "b.db"
    written = json.loads(run("backup", backup, "--json").stdout)
    assert written == {
        "path": str(backup),
        "checksum": f"{backup}.sha256",
        "bytes": backup.stat().st_size,
        "sha256": verify_backup(backup).sha256,
        "schema": newest_revision(),
        "entries": 0,
        "reviews": 0,
    }
    restored = json.loads(run("restore", backup, "--yes", "--json").stdout)
    assert restored["sha256"] == written["sha256"]
    assert Path(restored["kept"]).parent == settings.backups_dir
    checked = json.loads(run("check", "--json").stdout)
    assert checked["ok"] is True
    assert {"name": "event log", "ok": True, "problems": [], "warnings": [], "detail": ""} in checked["checks"]


def test_check_fails_when_something_is_wrong(run, settings):
    with SQLITE.connect(settings.database_path) as connection:
        connection.execute("UPDATE counter SET value = 2 WHERE name = 'event_id'")
    connection.close()
    done = run("check")
    assert done.returncode == 1
    assert " FAILED  event log\n         Events 1 to 2 are missing.\n" in done.stdout
    assert json.loads(run("check", "--json").stdout)["ok"] is False


@pytest.mark.parametrize("command", [["backup", "b.db"], ["check"]])
def test_missing_database_is_said_and_not_made(run, settings, command):
    settings.database_path.unlink()
    done = run(*command)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"saferlhf-review: There is no database at {settings.database_path}.\n"
    assert not settings.database_path.exists()


def test_backup_works_beside_a_server_and_restore_does_not(run, settings, tmp_path):
    with in_use(settings.database_path):
        assert run("backup", tmp_path / "b.db").returncode == 0
        done = run("restore", tmp_path / "b.db", "--yes")
    assert done.returncode == 1
    assert done.stderr.endswith("is in use by a running server or import. Stop it first, then try again.\n")


def test_backup_does_not_migrate(run, settings, tmp_path):
    with SQLITE.connect(settings.database_path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '2099'")
    connection.close()
    done = run("backup", tmp_path / "b.db")
    assert done.returncode == 1
    assert "The backup was written, but it cannot be restored." in done.stderr
    assert "made by a newer version (schema 2099)" in done.stderr
    assert (tmp_path / "b.db").exists()


def test_mistyped_folder_is_not_made(run, tmp_path):
    done = run("backup", tmp_path / "typo" / "b.db")
    assert done.stderr == f"saferlhf-review: The folder {tmp_path}/typo does not exist; create it first.\n"
    assert not (tmp_path / "typo").exists()


def test_existing_backup_is_replaced_only_by_force(run, tmp_path):
    assert run("backup", tmp_path / "b.db").returncode == 0
    done = run("backup", tmp_path / "b.db")
    assert done.returncode == 1
    assert "exists already" in done.stderr
    assert run("backup", tmp_path / "b.db", "--force").returncode == 0


def test_bad_backup_is_refused_in_one_line(run, tmp_path):
    (tmp_path / "b.db").write_text("Dear diary")
    done = run("restore", tmp_path / "b.db", "--yes")
    assert done.returncode == 1
    assert done.stderr.startswith(f"saferlhf-review: The checksum {tmp_path}/b.db.sha256 is missing")
    assert done.stderr.count("\n") == 1


def test_damaged_database_is_kept_and_said(run, settings, tmp_path):
    run("backup", tmp_path / "b.db")
    settings.database_path.write_bytes(b"garbled" * 1000)
    done = run("restore", tmp_path / "b.db", "--yes")
    assert done.returncode == 0
    assert "What was there could not be verified: " in done.stderr
    assert "kept as it was, byte for byte, as " in done.stderr


def test_restore_without_a_terminal_needs_yes(run, tmp_path):
    run("backup", tmp_path / "b.db")
    done = run("restore", tmp_path / "b.db")
    assert done.returncode == 2
    assert "--yes" in done.stderr


@pytest.mark.parametrize(("answer", "code", "left"), [(b"n\n", 1, 1), (b"y\n", 0, 0)])
def test_restore_asks_on_a_terminal(run, settings, tmp_path, answer, code, left):
    run("backup", tmp_path / "b.db")
    add_reviewer(settings.database_path)
    done = restore_at_a_terminal(settings, tmp_path / "b.db", answer)
    assert done.returncode == code
    assert f"{tmp_path}/b.db holds 0 entries, 0 reviews." in done.stderr
    assert f"It replaces {settings.database_path} (0 entries, 0 reviews)" in done.stderr
    assert reviewers(settings.database_path) == left


def test_restore_says_when_there_is_no_database_yet(run, settings, tmp_path):
    run("backup", tmp_path / "b.db")
    settings.database_path.unlink()
    done = restore_at_a_terminal(settings, tmp_path / "b.db", b"y\n")
    assert "there is no database yet" in done.stderr
    assert settings.database_path.exists()


@pytest.mark.parametrize("command", ["backup", "restore", "check"])
def test_help_shows_an_example(run, command):
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Example: saferlhf-review " + command in " ".join(done.stdout.split())
