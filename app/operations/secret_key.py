"""What short-lived cookies are signed with: from the settings, or made at the first start and kept beside the data."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from app.errors import Failed, InvalidInput
from app.settings import PREFIX, Settings

_LEAST = 32


def secret_key(settings: Settings) -> bytes:
    """The same for every worker; raises for one that is too short or that others can read."""
    if settings.secret_key is not None:
        return _long_enough(settings.secret_key.get_secret_value(), PREFIX + "SECRET_KEY")
    if settings.secret_key_file is not None:
        return _read(settings.secret_key_file, PREFIX + "SECRET_KEY_FILE")
    path = own_key_path(settings)
    if not path.exists():
        _make(path)
    if is_open_to_others(path):
        raise Failed(f"Others on this machine can read {path}. Remove it, and another one is made at the next start.")
    return _read(path, str(path))


def own_key_path(settings: Settings) -> Path:
    return settings.data_dir / "secret.key"


def is_open_to_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _make(path: Path) -> None:
    """Linked when whole, so that of two workers that start at once the second finds the key of the first."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        with open(part, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_urlsafe(_LEAST) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise Failed(f"The secret key {path} could not be made: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            part.unlink()


def _read(path: Path, name: str) -> bytes:
    try:
        return _long_enough(path.read_text("utf-8"), name)
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{name}: the secret key in {path} could not be read.", name) from None


def _long_enough(text: str, name: str) -> bytes:
    key = text.strip().encode()
    if len(key) < _LEAST:
        raise InvalidInput(f"{name} must hold at least {_LEAST} characters that nobody can guess.", name)
    return key
