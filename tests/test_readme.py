"""What the README lists is what there is, and what it shows is run."""

import gzip
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from itertools import dropwhile
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient

from app.browsing.facets import facets_of
from app.browsing.query_strings import SINGLE, SORTS, parse_filters
from app.browsing.shape import Shape
from app.cli.main import cli
from app.errors import InvalidInput
from app.exporting.queries import REVIEW_COLUMNS
from app.importing.taxonomies import PKU_SAFERLHF
from app.models.label_field import LABEL_FIELDS
from app.resources import SAMPLE
from app.settings import Settings, setting_names
from app.terms.contradiction import Contradiction
from app.terms.exported import ADDED
from app.terms.unit import Unit
from tests.commands import run_command

ADDRESS = r"http://127\.0\.0\.1:8000(/api[^\s'`]*)|^(/datasets/\S+)$"
ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
SHAPES = [Shape(unit, frozenset(LABEL_FIELDS if unit != "prompt" else ()), PKU_SAFERLHF) for unit in Unit]
FACETS = [facet for shape in SHAPES for facet in facets_of(shape, found={})]


def section(title: str) -> str:
    match = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match.group(1)


def table(title: str) -> dict[str, str]:
    """First cell to the rest of its row; a first cell may name several things."""
    rows = [line.strip("| ").split(" | ", 1) for line in section(title).splitlines() if line.startswith("| `")]
    return {name: rest for first, rest in rows for name in re.findall(r"`([^`]+)`", first)}


def shown_commands() -> list[tuple[str, str]]:
    """Every command of the README with the output shown under it, in order."""
    found = []
    for block, cell in re.findall(r"```console\n(.*?)```|(?<=\| )`(saferlhf-review [^`]+)` \|", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            found.append((line, output))
        if cell:
            found.append((cell, ""))
    return found


def commands_of(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Of click's objects: every command with the whole of its name."""
    for name, command in getattr(group, "commands", {}).items():
        if getattr(command, "invoke_without_command", True):  # else it only holds others
            yield prefix + name, command
        yield from commands_of(command, f"{prefix}{name} ")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with the files that the README imports."""
    made = tmp_path_factory.mktemp("readme")
    shutil.copytree(SAMPLE, made / "PKU-SafeRLHF")
    shutil.copy(SAMPLE / "data/Alpaca-7B/train.jsonl", made / "train.jsonl")
    (made / "test.jsonl.gz").write_bytes(gzip.compress((SAMPLE / "data/Alpaca-7B/test.jsonl").read_bytes()))
    (made / "questions.csv").write_text("question,a,b,best\nWhich soil do cacti like?,Sandy soil.,Wet clay.,0\n")
    return made


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    nobody = {"HF_ENDPOINT": "http://127.0.0.1:9", "BROWSER": "true"}
    return {**kept, **nobody, "SAFERLHF_REVIEW_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}


def test_shown_commands_work_one_after_the_other(folder: Path, environment: dict[str, str]) -> None:
    """In one test, for each stands on what those before it left behind."""
    for line, output in shown_commands():
        check_command(line, output, folder, environment)


def check_command(line: str, output: str, folder: Path, environment: dict[str, str]) -> None:
    name, *arguments = shlex.split(line)
    assert name == "saferlhf-review"
    command = [sys.executable, "-m", "app", *arguments]
    if arguments[0] == "serve":
        check_serving(command, output, folder, environment)
    elif "PKU-Alignment/PKU-SafeRLHF" in arguments:
        asked = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert asked.returncode == 1
        assert "cannot be reached" in asked.stderr
    elif arguments[0] == "agreement":  # sessions are made on pages, and there is none here
        asked = run_command(arguments, environment, folder)
        assert (asked.returncode, asked.stderr) == (1, "saferlhf-review: There is no review session 1.\n")
    else:
        check_output(arguments, output, folder, environment)


def check_output(arguments: list[str], output: str, folder: Path, environment: dict[str, str]) -> None:
    done = run_command(arguments, environment, folder)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    assert output in done.stdout, arguments


def check_serving(command: list[str], output: str, folder: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*command, "--port", "0"], cwd=folder, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            said = dropwhile(lambda line: " is at http" not in line, process.stderr)  # warnings come first
            greeting = next(said, "") + next(said, "")
            url = re.findall(r"http://127\.0\.0\.1:\d+", greeting)[0]
            assert output in ("", greeting.replace(url, "http://127.0.0.1:8000"))
            with urllib.request.urlopen(url, timeout=30) as answer:
                assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
            process.stderr.read()


def test_there_are_commands_to_run() -> None:
    assert len(shown_commands()) > 15


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    "path", re.findall(r"http://127\.0\.0\.1:8000(/api[^\s'`]*)|^(/datasets/\S+)$", README, re.MULTILINE)
)
def test_shown_address_answers(client: TestClient, path: tuple[str, str]) -> None:
    assert client.get("".join(path)).status_code == 200


def test_every_command_is_listed_with_its_options() -> None:
    listed, there = table("Commands"), dict(commands_of(typer.main.get_command(cli)))
    assert listed.keys() == there.keys()
    for name, command in there.items():
        shown = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
        options = {option for parameter in shown for option in parameter.opts if option.startswith("--")}
        does, example = listed[name].rsplit(" | ", 1)
        assert set(re.findall(r"`(--[a-z-]+)`", does)) == options
        assert example.startswith(f"`saferlhf-review {name}")


def test_every_setting_is_listed_with_its_default() -> None:
    listed = table("Settings")
    assert list(listed) == setting_names()
    for name, field in Settings.model_fields.items():
        default = listed["SAFERLHF_REVIEW_" + name.upper()].split(" | ")[0].strip("`")
        assert default == str(field.default) or (default and (not field.default or name == "data_dir"))


def test_every_browse_parameter_is_listed() -> None:
    listed = table("Browse parameters")
    assert listed.keys() == {facet.name for facet in FACETS} | set(SINGLE)
    assert re.findall(r"`(\w+)`", listed["sort"]) == list(SORTS)


@pytest.mark.parametrize(
    "name", ["safety", "conflict", "relation", "status", "verdict", "outdated", "flag", "withdrawn"]
)
def test_values_of_browse_parameter_are_listed(name: str) -> None:
    values = {value for facet in FACETS if facet.name == name for value in facet.by_value}
    assert set(re.findall(r"`(\w+)`", table("Browse parameters")[name])) == values


def test_limits_are_as_listed() -> None:
    assert parse_filters([], FACETS).limit == 50
    assert parse_filters([("limit", "500")], FACETS).limit == 500
    with pytest.raises(InvalidInput):
        parse_filters([("limit", "501")], FACETS)


def test_every_label_field_is_listed() -> None:
    assert set(table("Label fields")) == set(LABEL_FIELDS)


def test_every_export_column_is_listed() -> None:
    listed = set(table("Export columns"))
    assert listed == set(REVIEW_COLUMNS) | {"row"} | set(ADDED)


def test_every_contradiction_is_listed() -> None:
    assert list(table("Contradictions")) == [contradiction.slug for contradiction in Contradiction]


def test_every_make_target_is_named() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {f"make {target}" for target in targets if target != "help"} <= set(re.findall(r"make [a-z-]+", README))


def test_every_part_of_the_package_is_named() -> None:
    parts = {f"app/{path.name}" for path in (ROOT / "app").iterdir() if not path.name.startswith(("_", "."))}
    shape = section("How it is built")
    assert not [part for part in parts if part not in shape]


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^## (.+)$", README, re.M)
    }
    assert set(re.findall(r"\]\(#([a-z-]+)\)", README)) <= headings
    files = [*re.findall(r"\]\(([A-Z][^)#:]+)\)", README), *re.findall(r"(?:src|srcset)=\"([^\"]+)\"", README)]
    assert files
    assert not [name for name in files if not (ROOT / name).is_file()]
