"""What is set up unsafely is said, with what to do about it, before anybody finds out the hard way."""

import json
from datetime import timedelta

from app.db import Database
from app.models.base import now
from app.models.event import record_event
from app.operations.doctor import examine
from app.settings import Settings
from tests.commands import Run
from tests.team import add_account

PREFIX = "SAFERLHF_REVIEW_"
OPEN = {"PUBLIC_URL": "https://review.example.org"}
UNSAFE = [
    ("allowed hosts", "warning", {"ALLOWED_HOSTS": "*"}),
    ("log", "warning", {"LOG_LEVEL": "debug"}),
    ("public address", "problem", OPEN),
    ("single sign-on", "problem", {"OIDC_ISSUER": "https://id.example.org"}),
    ("single sign-on", "problem", {"OIDC_CLIENT_SECRET": "tulips-and-crocuses"}),
    ("trusted proxies", "problem", {"TRUSTED_PROXIES": "*"}),
    ("trusted proxies", "problem", {"PROXY_USER_HEADER": "X-User"}),
]


def findings(run: Run, **environment: str) -> dict[str, str]:
    done = run("doctor", "--json", **{PREFIX + name: value for name, value in environment.items()})
    found = json.loads(done.stdout)["findings"]
    assert "tulips" not in done.stdout + done.stderr
    assert all(one["advice"] for one in found if one["level"] != "ok")
    assert done.returncode == any(one["level"] == "problem" for one in found)
    return {one["name"]: one["level"] for one in found if one["level"] != "ok"}


def test_all_is_well_on_one_machine(run: Run) -> None:
    done = run("doctor")
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} == {"ok"}
    assert findings(run, PUBLIC_URL="http://localhost:8000") == {}


def test_unsafe_settings_are_named(run: Run) -> None:
    for name, level, environment in UNSAFE:
        assert findings(run, **environment) == {name: level}
    assert "PROBLEM  trusted proxies: Anybody may" in run("doctor", SAFERLHF_REVIEW_TRUSTED_PROXIES="*").stdout


def test_files_that_others_can_read_are_named(run: Run, settings: Settings) -> None:
    run("backup", settings.data_dir / "x.db")
    settings.data_dir.parent.chmod(0o755)
    settings.data_dir.chmod(0o755)
    done = run("doctor")
    assert (done.returncode, f"chmod 700 {settings.data_dir}" in done.stdout) == (0, True)
    settings.data_dir.chmod(0o711)
    settings.database_path.chmod(0o644)
    assert findings(run) == {"files": "warning"}
    settings.data_dir.chmod(0o700)
    key = settings.data_dir / "secret.key"
    key.write_text("tulips" * 10)
    key.chmod(0o644)
    assert findings(run) == {"secret key": "problem"}
    assert findings(run, SECRET_KEY_FILE=str(key)) == {"secret key": "warning"}
    assert "Others on this machine can read" in run("serve", "--port", "0").stderr


def test_team_needs_an_admin_a_backup_and_an_address(run: Run, database: Database) -> None:
    add_account(database, "alice", "reviewer")
    add_account(database, "dana", "admin", disabled_at=now())
    assert findings(run) == {"public address": "warning", "admin": "problem", "backup": "warning"}
    add_account(database, "dana", "admin", disabled_at=None)
    assert findings(run, **OPEN) == {"backup": "warning"}
    assert findings(run, PUBLIC_URL="http://review.example.org") == {"public address": "warning", "backup": "warning"}


def test_backups_grow_old(database: Database, settings: Settings) -> None:
    add_account(database, "dana", "admin")
    for age, level in ((8, "warning"), (1, "ok")):
        with database.write() as db:
            record_event(db, "database.backed_up", {}, at=now() - timedelta(days=age))
        with database.read() as db:
            found = {finding.name: finding for finding in examine(settings, db, is_team=True)}
        assert found["backup"].level == level


def test_little_room_is_said(database: Database, settings: Settings, monkeypatch) -> None:
    for free, level in ((500, "warning"), (50, "problem")):
        monkeypatch.setattr("app.operations.doctor.shutil.disk_usage", lambda _, free=free: Disk(free * 1024**2))
        with database.read() as db:
            found = {finding.name: finding.level for finding in examine(settings, db, is_team=False)}
        assert found["disk space"] == level


class Disk:
    def __init__(self, free: int) -> None:
        self.free = free
