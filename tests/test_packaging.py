"""The wheel, built and installed without a network, works far away from the checkout; and what the lock files pin."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
BUNDLED = ("templates", "static", "migrations")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that has the wheel, and this one's packages but not its checkout."""
    venv = tmp_path_factory.mktemp("installed") / "venv"
    if uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--no-project", "--offline", "--python", sys.executable, venv])
        run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", venv / "bin/python", wheel])
    else:
        run([sys.executable, "-m", "venv", venv])
        run([venv / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel])
    packages = next(venv.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return venv / "bin/saferlhf-review"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("elsewhere")


def run(arguments: list[str | Path], **options: object) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=300, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def environment(folder: Path) -> dict[str, str]:
    """That of somebody who never heard of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "SAFERLHF_REVIEW_DATA_DIR": str(folder / "data")}


@contextmanager
def serving(command: Path, folder: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [command, "serve", "--port", "0"], cwd=folder, env=environment(folder), stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    try:
        greeting = process.stderr.readline()
        address = re.search(r"http://\S+", greeting)
        assert address is not None, greeting
        yield address.group()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return str(answer.read().decode())


def test_wheel_holds_every_file_it_needs(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    tracked = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *BUNDLED, "app"], cwd=ROOT)
    files = [name for name in tracked.splitlines() if (ROOT / name).is_file()]
    expected = {name if name.startswith("app/") else f"app/_bundled/{name}" for name in files}
    assert {name for name in inside if ".dist-info/" not in name} == expected
    assert any(name.endswith("/licenses/LICENSE") for name in inside)


def test_installed_command_works_outside_the_checkout(command: Path, elsewhere: Path) -> None:
    where = run(
        [command.parent / "python", "-c", "import app; print(app.__file__)"], cwd=elsewhere, env=environment(elsewhere)
    )
    assert str(command.parent.parent) in where
    said = run([command, "import", "sample"], cwd=elsewhere, env=environment(elsewhere))
    assert "305 imported" in said
    with serving(command, elsewhere) as url:
        assert "SafeRLHF Review" in read(url + "/")
        assert "{" in read(url + "/static/app.css")
        assert 'id="entry"' in read(url + "/entries/1")
    assert list(elsewhere.iterdir()) == [elsewhere / "data"]


def test_second_import_if_empty_changes_nothing(command: Path, elsewhere: Path) -> None:
    run(
        [command, "check"], cwd=elsewhere, env=environment(elsewhere)
    )  # what the server left in the log beside it goes in
    before = (elsewhere / "data" / "review.db").read_bytes()
    run([command, "import", "sample", "--if-empty"], cwd=elsewhere, env=environment(elsewhere))
    assert (elsewhere / "data" / "review.db").read_bytes() == before


def pins(lock: str) -> dict[str, tuple[str, int]]:
    """Name to version and number of hashes."""
    text = (ROOT / lock).read_text()
    blocks = re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)(.*(?:\n    --hash.*)*)", text, re.MULTILINE)
    return {name: (version, rest.count("--hash=sha256:")) for name, version, rest in blocks}


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_a_hash_and_no_host(lock: str) -> None:
    assert len(pins(lock)) > 40
    assert not [name for name, (_, hashes) in pins(lock).items() if not hashes]
    assert not re.search(r"https?:|file:|--(?:index|extra|find|trusted)", (ROOT / lock).read_text())


def test_locks_hold_what_the_project_asks_for() -> None:
    groups = PROJECT["dependency-groups"]
    asked = {
        "requirements.txt": [*PROJECT["project"]["dependencies"], *groups["build"]],
        "requirements-dev.txt": [*PROJECT["project"]["dependencies"], *groups["build"], *groups["dev"]],
    }
    for lock, requirements in asked.items():
        for requirement in (Requirement(text) for text in requirements if isinstance(text, str)):
            assert requirement.specifier.contains(pins(lock)[requirement.name.lower()][0]), f"{requirement} in {lock}"


def test_development_lock_holds_all_of_the_other() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
