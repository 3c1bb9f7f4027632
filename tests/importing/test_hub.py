"""A Hub name, against a Hub of our own on a loopback port; `datasets` and its downloads are the real ones."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from backports import zstd

from app.resources import SAMPLE
from tests.factories import rows, write_jsonl
from tests.importing.hub_server import COMMIT, serving_hub

NAME = "PKU-Alignment/PKU-SafeRLHF"
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def from_hub(run_in_own_process: Run, tmp_path: Path) -> Run:
    def import_from_hub(*options: str) -> CompletedProcess[str]:
        with serving_hub(SAMPLE, NAME) as endpoint:
            return run_in_own_process("import", NAME, *options, HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "cache"))

    return import_from_hub


def test_hub_name_imports_and_records_the_commit(from_hub: Run, run_in_own_process: Run) -> None:
    report = json.loads(from_hub("--json").stdout)
    assert (report["dataset"], report["revision"], report["rows_imported"]) == ("pku-saferlhf", COMMIT, 305)
    assert "data/Alpaca3-8B/test.jsonl" in [file["name"] for file in report["files"]]
    report = json.loads(from_hub("--subset", "alpaca-7b", "--split", "test", "--revision", "v1", "--json").stdout)
    assert (report["requested_revision"], report["rows_present"], report["rows_imported"]) == ("v1", 10, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--revision", "nope"], "has no revision 'nope'"),
        (["--subset", "nope"], "Available: ['default', 'alpaca-7b', 'alpaca2-7b', 'alpaca3-8b']"),
    ],
)
def test_what_the_hub_has_not_is_named(from_hub: Run, options: list[str], message: str) -> None:
    failed = from_hub(*options)
    assert failed.returncode == 1
    assert message in failed.stderr
    assert "Traceback" not in failed.stderr


def test_no_network_says_so_and_what_to_do(run_in_own_process: Run) -> None:
    failed = run_in_own_process("import", NAME, HF_ENDPOINT="http://127.0.0.1:9")
    assert failed.returncode == 1
    assert "cannot be reached (127.0.0.1: Connection refused)" in failed.stderr
    assert f"hf download {NAME} --repo-type dataset --local-dir PKU-SafeRLHF" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_offline_by_choice_says_so(run_in_own_process: Run, tmp_path: Path) -> None:
    failed = run_in_own_process("import", NAME, HF_HUB_OFFLINE="1", HF_HOME=str(tmp_path))
    assert failed.returncode == 1
    assert "cannot be reached" in failed.stderr
    assert "offline mode is enabled" in failed.stderr


def test_repository_without_a_card(run_in_own_process: Run, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "plain/train.jsonl", rows(3))
    with serving_hub(tmp_path / "plain", "me/plain") as endpoint:
        done = run_in_own_process("import", "me/plain", "--json", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "cache"))
    assert json.loads(done.stdout)["rows_imported"] == 3


def test_dataset_that_is_not_there(run_in_own_process: Run, tmp_path: Path) -> None:
    with serving_hub(SAMPLE, NAME) as endpoint:
        failed = run_in_own_process("import", "nobody/nothing", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path))
    assert "The Hub has no dataset nobody/nothing" in failed.stderr


def write_parquet(path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(rows(3)), path)


def write_zstandard(path: Path) -> None:
    path.write_bytes(zstd.compress("".join(f"{json.dumps(row)}\n" for row in rows(3)).encode()))


def write_array(path: Path) -> None:
    path.write_text(json.dumps(rows(3)))


def write_csv(path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows(1)[0]))
        writer.writeheader()
        writer.writerows(rows(3))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("data/train-00000-of-00001.parquet", write_parquet),
        ("train.jsonl.zst", write_zstandard),
        ("train.json", write_array),
        ("train.csv", write_csv),
    ],
)
def test_repository_of_other_formats(
    run_in_own_process: Run, tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    path = tmp_path / "plain" / name
    path.parent.mkdir(parents=True)
    write(path)
    with serving_hub(tmp_path / "plain", "me/plain") as endpoint:
        done = run_in_own_process("import", "me/plain", "--json", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "cache"))
    report = json.loads(done.stdout)
    assert (report["rows_imported"], report["rows_rejected"], report["splits"]) == (3, 0, ["train"])
    assert [file["name"] for file in report["files"]] == [name]


def test_repository_without_data(run_in_own_process: Run, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/README.md").write_text("# Nothing\n")
    with serving_hub(tmp_path / "plain", "me/plain") as endpoint:
        failed = run_in_own_process("import", "me/plain", HF_ENDPOINT=endpoint, HF_HOME=str(tmp_path / "cache"))
    assert failed.returncode == 1
    assert "me/plain holds no data file" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
