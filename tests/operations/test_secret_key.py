"""The key is the same for every worker, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.errors import ReviewError
from app.operations.secret_key import own_key_path, secret_key
from app.settings import Settings

KEY = "tulips and crocuses, in a row by the wall"


def test_workers_that_start_at_once_share_one(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new", _env_file=None)
    with ThreadPoolExecutor(8) as workers:
        keys = set(workers.map(secret_key, [settings] * 40))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret.key"]
    assert own_key_path(settings).stat().st_mode & 0o777 == 0o600
    assert settings.data_dir.stat().st_mode & 0o777 == 0o700


def test_key_of_the_settings_comes_first(settings: Settings, tmp_path: Path) -> None:
    assert secret_key(settings.model_copy(update={"secret_key": SecretStr(KEY)})) == KEY.encode()
    (tmp_path / "key").write_text(KEY + "\n")
    assert secret_key(settings.model_copy(update={"secret_key_file": tmp_path / "key"})) == KEY.encode()
    assert not own_key_path(settings).exists()


def test_key_that_is_none_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "short").write_text("tulips")
    (tmp_path / "raw").write_bytes(b"\xff" * 40)
    given = [
        {"secret_key": SecretStr("tulips")},
        *({"secret_key_file": tmp_path / name} for name in ("short", "raw", "missing")),
        {"data_dir": Path("/dev/null/data")},
    ]
    for update in given:
        with pytest.raises(ReviewError) as refused:
            secret_key(settings.model_copy(update=update))
        assert "tulips" not in refused.value.message


def test_key_that_others_can_read_is_refused(settings: Settings) -> None:
    secret_key(settings)
    own_key_path(settings).chmod(0o640)
    with pytest.raises(ReviewError, match="Others on this machine can read"):
        secret_key(settings)
