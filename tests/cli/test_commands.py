"""The commands as a person or a script meets them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from urllib.request import urlopen

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from app.db import Database
from app.models import DatasetImport, Entry
from app.settings import Settings, load_settings, setting_names
from tests.factories import import_rows, row, rows, write_jsonl

Run = Callable[..., CompletedProcess[str]]


def test_import_prints_its_counts_and_reasons(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", [row(1), "not json", row(2, prompt=""), row(1)])
    done = run("import", path, "--as", "pears")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "4 rows read 2 imported 0 already there 2 rejected" in said
    assert "train.jsonl:2: is not JSON" in said
    assert "train.jsonl:3: prompt: is empty" in said
    assert "2 already there" in " ".join(run("import", path, "--as", "pears").stdout.split())


def test_long_list_of_bad_rows_is_cut_and_warnings_counted(run: Run, tmp_path: Path) -> None:
    bad = ["not json"] * 30
    path = write_jsonl(tmp_path / "train.jsonl", [row(1, prompt_source=None), *bad])
    said = " ".join(run("import", path).stdout.split())
    assert "and 10 more: see /imports/1, or --json" in said
    assert "1 times prompt_source is not given" in said


def test_import_as_json(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "test.jsonl", [row(1), "x"])
    report = json.loads(run("import", path, "--json").stdout)
    assert (report["dataset"], report["state"], report["rows_rejected"], report["splits"]) == (
        "test",
        "complete",
        1,
        ["test"],
    )
    assert report["rejected"][0] | {"reason": ""} == {"file": "test.jsonl", "line": 2, "reason": "", "raw": "x"}
    assert list(report["reasons"].values()) == [1]


def has_entries(database: Database) -> bool:
    with database.read() as db:
        return db.query(Entry).first() is not None


def test_import_stopped_by_hand_goes_on_later(run: Run, settings: Settings, database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(30_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "import", path],
        env={**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir)},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not has_entries(database):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Stopped. What was imported so far is kept; the same command goes on from there."
    report = json.loads(run("import", path, "--json").stdout)
    assert report["rows_imported"] + report["rows_present"] == 30_000
    assert report["rows_present"] < 30_000


def test_import_if_empty_leaves_what_is_there(run: Run, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(2))
    run("import", path, "--as", "pears", "--if-empty")
    run("import", "sample", "--if-empty")
    assert [dataset["slug"] for dataset in json.loads(run("datasets", "--json").stdout)] == ["pears"]


def test_datasets_are_listed_and_shown(run: Run) -> None:
    assert "import sample" in run("datasets").stderr
    run("import", "sample")
    assert re.match(r"sample +305 entries +Sample pairs", run("datasets").stdout)
    assert "complete: bundled sample: 305 imported" in run("datasets", "show", "sample").stdout
    shown = json.loads(run("datasets", "show", "sample", "--json").stdout)
    assert (shown["entries"], len(shown["label_fields"]), shown["imports"][0]["rows_read"]) == (305, 8, 305)


def test_export_writes_a_whole_file(run: Run, settings: Settings, tmp_path: Path) -> None:
    run("import", "sample")
    done = run("export", "sample", "--format", "csv", "--output", tmp_path / "out.csv", "--filter", "safety=both_safe")
    assert done.returncode == 0
    assert (tmp_path / "out.csv").read_text().startswith("dataset,revision,subset,split,row,content_key,prompt,")
    assert [path.name for path in tmp_path.glob("out*")] == ["out.csv"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["export", "pears", "--format", "csv", "-o", "x.csv"],
            "There is no dataset 'pears'. Datasets here: none yet.",
        ),
        (["datasets", "show", "pears"], "There is no dataset 'pears'"),
        (["import", "nowhere.jsonl"], "nowhere.jsonl: no such file or folder"),
        (["serve", "--host", "0.0.0.0"], "Refused to listen on 0.0.0.0: in local mode nobody signs in"),
        (["serve", "--host", "example.org"], "--host takes an IP address or localhost"),
    ],
)
def test_failure_is_one_line_and_exit_1(run: Run, arguments: list[str], message: str) -> None:
    failed = run(*arguments)
    assert failed.returncode == 1
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [["import"], ["export", "x"], ["serve", "--port", "x"], ["dance"]])
def test_wrong_use_exits_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2


def test_debug_shows_the_traceback(run: Run) -> None:
    assert "Traceback" in run("--debug", "datasets", "show", "pears").stderr


@pytest.mark.parametrize("name", ["serve", "import", "datasets", "export", "backup", "restore", "check"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    assert f"saferlhf-review {name}" in CliRunner().invoke(cli, [name, "--help"]).stdout


def test_unwritable_export_says_so(run: Run, tmp_path: Path) -> None:
    run("import", "sample")
    failed = run("export", "sample", "--format", "jsonl", "-o", tmp_path / "no" / "out.jsonl")
    assert "No such file or directory. Nothing was written." in failed.stderr
    assert "is no format; valid are jsonl, csv" in run("export", "sample", "--format", "exe", "-o", "x").stderr
    assert "cannot be exported" in run("export", "sample", "--what", "x", "--format", "csv", "-o", "x").stderr


def test_settings_name_the_nearest(run: Run) -> None:
    failed = run("datasets", SAFERLHF_REVIEW_DATA_DRI="x")
    assert failed.stderr == (
        "saferlhf-review: SAFERLHF_REVIEW_DATA_DRI is not a setting; the nearest one is SAFERLHF_REVIEW_DATA_DIR.\n"
    )
    assert "SAFERLHF_REVIEW_LOG_LEVEL: Input should be 'debug'" in run("datasets", SAFERLHF_REVIEW_LOG_LEVEL="x").stderr
    assert "must begin with sqlite:///" in run("datasets", SAFERLHF_REVIEW_DATABASE_URL="mysql://x").stderr


def test_database_url_says_where(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import", "sample", SAFERLHF_REVIEW_DATABASE_URL=f"sqlite:///{tmp_path}/elsewhere.db")
    assert (tmp_path / "elsewhere.db").is_file()
    monkeypatch.setenv("SAFERLHF_REVIEW_DATABASE_URL", "sqlite:////srv/review.db")
    assert load_settings().backups_dir == Path("/srv/backups")
    assert "SAFERLHF_REVIEW_DATABASE_URL" in setting_names()


@pytest.fixture
def serve(settings: Settings):  # type: ignore[no-untyped-def]
    """Starts the server; gives the process and the lines it greets with."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str, **environment: str) -> tuple[subprocess.Popen[str], list[str]]:
        process = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--port", "0", *options],
            env={**os.environ, "SAFERLHF_REVIEW_DATA_DIR": str(settings.data_dir), **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stderr is not None
        lines = [process.stderr.readline()]
        while not re.search(r"Browse entries|no dataset yet|saferlhf-review:", lines[-1]):
            lines.append(process.stderr.readline())
        return process, lines

    yield start
    for process in started:
        process.kill()
        process.communicate()


def url_in(lines: list[str]) -> str:
    return next(match.group() for line in lines if (match := re.search(r"http://\S+:\d+", line)))


def test_empty_server_says_what_to_do(serve) -> None:  # type: ignore[no-untyped-def]
    _, lines = serve("--host", "localhost")
    assert lines[-1] == "There is no dataset yet: saferlhf-review import sample\n"


@pytest.mark.parametrize("options", [[], ["--workers", "2"], ["--host", "::1"]])
def test_serve_says_where_to_click_and_stops_politely(serve, sample: None, options: list[str]) -> None:  # type: ignore[no-untyped-def]
    process, lines = serve(*options, SAFERLHF_REVIEW_LOG_FORMAT="json")
    url = url_in(lines)
    assert lines[-1] == f"Browse entries: {url}/datasets/sample/entries\n"
    with urlopen(f"{url}/datasets/sample/entries") as page:
        assert b"All 305 entries" in page.read()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=20)
    assert process.returncode in (0, 130)
    log = [json.loads(line) for line in rest.splitlines() if line.startswith("{")]
    assert any((line.get("route"), line.get("status")) == ("/datasets/{slug}/entries", 200) for line in log)
    assert "Traceback" not in rest


def test_serve_reports_an_interrupted_import(serve, database: Database, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    import_rows(database, tmp_path, rows(3))
    with database.write() as db:
        db.query(DatasetImport).one().state = "running"
    _, lines = serve()
    assert "An import into pairs was interrupted after 3 rows; run the same import again" in lines[0]


def test_taken_port_is_named(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in run("serve", "--port", port).stderr
