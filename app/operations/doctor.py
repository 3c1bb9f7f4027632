"""Is it set up safely? What the settings and the files say, before anybody finds out the hard way."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.db import SQLITE_HAS_WAL_BUG, SQLITE_VERSION
from app.models import Event, Reviewer
from app.models.base import now
from app.operations.secret_key import is_open_to_others, own_key_path
from app.settings import PREFIX, Settings
from app.terms.role import Role

Level = Literal["ok", "warning", "problem"]
_LONGEST_WITHOUT_BACKUP = timedelta(days=7)
_LITTLE, _TOO_LITTLE = 1024**3, 100 * 1024**2
_ADMIN = exists(select(1).where(Reviewer.is_account, Reviewer.disabled_at.is_(None), Reviewer.role == Role.ADMIN))
_LAST_BACKUP = select(func.max(Event.at)).where(Event.kind == "database.backed_up")


@dataclass(frozen=True)
class Finding:
    """`advice` says what is so and what to do about it; nothing when all is well."""

    name: str
    level: Level = "ok"
    advice: str = ""


def examine(settings: Settings, db: Session, *, is_team: bool) -> list[Finding]:
    found = [
        _files(settings),
        _key(settings),
        _disk(settings),
        _sqlite(),
        _address(settings, is_team=is_team),
        _hosts(settings),
        _proxies(settings),
        _single_sign_on(settings),
        _log(settings),
    ]
    return [*found, *_team(db)] if is_team else found


def is_loopback(host: str) -> bool:
    """Raises ValueError for what is neither an address nor localhost."""
    return host == "localhost" or ip_address(host.strip("[]")).is_loopback


def _files(settings: Settings) -> Finding:
    backups = settings.backups_dir.glob("*.db") if settings.backups_dir.is_dir() else ()
    paths = [settings.data_dir, settings.database_path, *backups]
    for path in paths:
        if path.exists() and is_open_to_others(path) and path.parent.stat().st_mode & 0o011:
            mode = "700" if path.is_dir() else "600"
            return Finding("files", "warning", f"Others on this machine can read {path}: chmod {mode} {path}")
    return Finding("files")


def _key(settings: Settings) -> Finding:
    path = settings.secret_key_file or own_key_path(settings)
    if settings.secret_key is not None or not path.exists() or not is_open_to_others(path):
        return Finding("secret key")
    level: Level = "warning" if settings.secret_key_file else "problem"  # a container's secrets are often like that
    return Finding("secret key", level, f"Others on this machine can read {path}: replace it, with mode 600")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.database_path.parent).free
    if free >= _LITTLE:
        return Finding("disk space")
    level: Level = "problem" if free < _TOO_LITTLE else "warning"
    return Finding("disk space", level, f"Only {free // 1024**2:,} MiB are free beside the database: make room")


def _sqlite() -> Finding:
    if SQLITE_HAS_WAL_BUG:  # pragma: no cover - no such SQLite where pysqlite3 installs
        advice = f"SQLite {SQLITE_VERSION} has the WAL-reset bug: install pysqlite3, or run one process at a time"
        return Finding("SQLite", "warning", advice)
    return Finding("SQLite")


def _address(settings: Settings, *, is_team: bool) -> Finding:
    name, host = "public address", urlsplit(settings.public_url).hostname
    if not host:
        missing = f"Links of invitations lead to this machine: set {PREFIX}PUBLIC_URL to what people open"
        return Finding(name, "warning", missing) if is_team else Finding(name)
    if not is_team and not _is_here(host):
        advice = "Nobody signs in, so whoever reaches it can do everything: saferlhf-review user add NAME --role admin"
        return Finding(name, "problem", advice)
    if not settings.is_https and not _is_here(host):
        return Finding(name, "warning", "Passwords and texts travel readable: put it behind HTTPS, as the README shows")
    return Finding(name)


def _is_here(host: str) -> bool:
    try:
        return is_loopback(host)
    except ValueError:
        return False


def _hosts(settings: Settings) -> Finding:
    if "*" not in settings.hosts:
        return Finding("allowed hosts")
    return Finding("allowed hosts", "warning", f"Any Host header is answered: name yours in {PREFIX}ALLOWED_HOSTS")


def _proxies(settings: Settings) -> Finding:
    if "*" in settings.proxies:
        advice = f"Anybody may pretend to be a proxy: name the addresses of yours in {PREFIX}TRUSTED_PROXIES"
        return Finding("trusted proxies", "problem", advice)
    if settings.proxy_user_header and not settings.proxies:
        advice = f"{PREFIX}PROXY_USER_HEADER is believed from nobody: name the proxy in {PREFIX}TRUSTED_PROXIES"
        return Finding("trusted proxies", "problem", advice)
    return Finding("trusted proxies")


def _single_sign_on(settings: Settings) -> Finding:
    needed = {"OIDC_ISSUER": settings.oidc_issuer, "OIDC_CLIENT_ID": settings.oidc_client_id}
    secret = settings.oidc_client_secret or settings.oidc_client_secret_file  # not every provider gives one
    missing = [PREFIX + name for name, value in needed.items() if not value]
    if not missing or (len(missing) == len(needed) and not secret):
        return Finding("single sign-on")
    return Finding("single sign-on", "problem", f"It is set up by half: set {' and '.join(missing)} too")


def _log(settings: Settings) -> Finding:
    if settings.log_level != "debug":
        return Finding("log")
    return Finding("log", "warning", f"{PREFIX}LOG_LEVEL is debug: more is logged than serving needs")


def _team(db: Session) -> Iterator[Finding]:
    has_admin, last_backup = db.scalar(select(_ADMIN)), db.scalar(_LAST_BACKUP)
    alone = "Nobody may invite or help others: saferlhf-review user add NAME --role admin"
    yield Finding("admin") if has_admin else Finding("admin", "problem", alone)
    if last_backup is not None and now() - last_backup <= _LONGEST_WITHOUT_BACKUP:
        yield Finding("backup")
    else:
        when = f"The last backup is of {last_backup:%Y-%m-%d}" if last_backup else "There was no backup yet"
        yield Finding("backup", "warning", f"{when}: let saferlhf-review backup PATH run every day")
