"""Several files at once, and folders of every kind: which files they hold, of which split and subset."""

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.db import Database
from app.errors import Failed, InvalidInput
from app.importing.queries import get_dataset, get_import
from app.importing.sources import Source, resolve_source
from app.importing.splits import split_of
from app.models import Entry
from tests.factories import import_file, row, rows, write_jsonl


def resolved(*sources: Path | str, **options: Any) -> Source:
    asked = {"subset": None, "revision": None, "splits": [], **options}
    return resolve_source([str(source) for source in sources], **asked)


def listed(source: Source) -> list[tuple[str, str, str, str | None]]:
    return [(file.name, file.split, file.format, file.subset) for file in source.files]


def write_parquet(path: Path, made: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(made), path)
    return path


def test_several_files_are_one_import(database: Database, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a/train.jsonl", rows(2))
    write_parquet(tmp_path / "b/test.parquet", [row(7)])
    import_id = import_file(database, tmp_path / "a/train.jsonl", tmp_path / "b/test.parquet", slug="both")
    with database.read() as db:
        record = get_import(db, import_id)
        assert [(file["name"], file["rows"]) for file in record.files] == [("a/train.jsonl", 2), ("b/test.parquet", 1)]
        assert [(e.split, e.row) for e in db.query(Entry).order_by(Entry.id)] == [
            ("train", 1),
            ("train", 2),
            ("test", 1),
        ]


def test_glob_means_the_data_files_it_matches(tmp_path: Path) -> None:
    for name in ("data/one/train.jsonl", "data/one/test.jsonl", "data/two/train.csv"):
        write_jsonl(tmp_path / name, rows(1))
    (tmp_path / "data/README.md").write_text("# Cats\n")
    assert [name for name, *_ in listed(resolved(tmp_path / "data/*/train.*"))] == ["one/train.jsonl", "two/train.csv"]
    assert [name for name, *_ in listed(resolved(tmp_path / "**/t*.jsonl"))] == ["test.jsonl", "train.jsonl"]
    assert len(resolved(tmp_path / "data/**").files) == 3
    with pytest.raises(InvalidInput, match="no data file matches"):
        resolved(tmp_path / "data/*.jsonl")


def test_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    assert resolved(write_jsonl(tmp_path / "cats[1].jsonl", rows(1))).title == "cats[1]"
    assert listed(resolved(tmp_path)) == [("cats[1].jsonl", "train", "jsonl", None)]


def test_same_file_twice_is_refused(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", rows(1))
    (tmp_path / "link.jsonl").symlink_to(path)
    for other in (path, tmp_path / "link.jsonl", tmp_path / "*.jsonl"):
        with pytest.raises(InvalidInput, match=r"is given twice \(it is the same file as "):
            resolved(path, other)


def test_format_can_be_said_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "download"
    path.write_text("prompt,response\ncats,purr\n")
    with pytest.raises(InvalidInput, match="--format says it by hand"):
        resolved(path)
    assert resolved(path, file_format="csv").files[0].format == "csv"
    with pytest.raises(InvalidInput, match="There is no format 'xls'"):
        resolved(path, file_format="xls")


def test_path_that_cannot_be_looked_at_is_named() -> None:
    with pytest.raises(Failed, match=r"x{300}\.jsonl: File name too long"):
        resolved("x" * 300 + ".jsonl")


def test_folder_of_parquet(database: Database, tmp_path: Path) -> None:
    write_parquet(tmp_path / "cats/data/train-00000-of-00002.parquet", rows(2))
    write_parquet(tmp_path / "cats/data/train-00001-of-00002.parquet", [row(5)])
    write_parquet(tmp_path / "cats/data/test-00000-of-00001-0a1b2c.parquet", [row(6)])
    import_file(database, tmp_path / "cats")
    with database.read() as db:
        assert sorted((e.split, e.row) for e in db.query(Entry)) == [
            ("test", 1),
            ("train", 1),
            ("train", 1),
            ("train", 2),
        ]


def test_saved_dataset_of_several_splits(database: Database, tmp_path: Path) -> None:
    info = datasets.DatasetInfo(license="mit", description="About cats.")
    splits = {
        name: datasets.Dataset.from_list(made, info=info) for name, made in (("fit", rows(3)), ("test", [row(9)]))
    }
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "saved", num_shards={"fit": 2, "test": 1})
    import_file(database, tmp_path / "saved")
    with database.read() as db:
        assert [(e.split, e.row) for e in db.query(Entry)] == [("fit", 1), ("fit", 2), ("fit", 1), ("test", 1)]
        dataset = get_dataset(db, "saved")
        assert (dataset.licence, dataset.card) == ("mit", "About cats.")
    assert listed(resolved(tmp_path / "saved", splits=["test"])) == [
        ("test/data-00000-of-00001.arrow", "test", "arrow", None)
    ]


def test_saved_dataset_of_one_split(tmp_path: Path) -> None:
    datasets.Dataset.from_list(rows(3)).save_to_disk(tmp_path / "saved")
    assert listed(resolved(tmp_path / "saved")) == [("data-00000-of-00001.arrow", "train", "arrow", None)]
    with pytest.raises(InvalidInput, match="a folder from save_to_disk has no subsets"):
        resolved(tmp_path / "saved", subset="cats")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("{", "state.json: cannot be read, so the folder is not as save_to_disk left it"),
        ("[]", "state.json: cannot be read"),
        ('{"_data_files": [{"filename": "../train.jsonl"}]}', "its description lists what is no file of this folder"),
        ('{"_data_files": [{}]}', "its description lists what is no file of this folder"),
        ('{"_data_files": []}', "no data file found"),
    ],
)
def test_damaged_saved_folder_is_explained(tmp_path: Path, state: str, message: str) -> None:
    (tmp_path / "state.json").write_text(state)
    (tmp_path / "dataset_info.json").write_text("{}")
    with pytest.raises(InvalidInput, match=message):
        resolved(tmp_path)


def test_folders_of_models_are_subsets(tmp_path: Path) -> None:
    for name in ("data/Alpaca-7B/train.jsonl", "data/Alpaca-7B/test.jsonl", "data/Alpaca2-7B/train.jsonl"):
        write_jsonl(tmp_path / name, rows(1))
    assert listed(resolved(tmp_path)) == [
        ("data/Alpaca-7B/test.jsonl", "test", "jsonl", "alpaca-7b"),
        ("data/Alpaca-7B/train.jsonl", "train", "jsonl", "alpaca-7b"),
        ("data/Alpaca2-7B/train.jsonl", "train", "jsonl", "alpaca2-7b"),
    ]
    assert [name for name, *_ in listed(resolved(tmp_path, subset="alpaca2-7b"))] == ["data/Alpaca2-7B/train.jsonl"]
    with pytest.raises(InvalidInput, match="has no subset 'alpaca9'; it has default, alpaca-7b, alpaca2-7b"):
        resolved(tmp_path, subset="alpaca9")


def test_folders_of_splits_are_splits(tmp_path: Path) -> None:
    for name in (
        "train/part-0.jsonl",
        "test/part-0.jsonl",
        "other/notes.jsonl",
        ".cache/train.jsonl",
        "train/state.json",
    ):
        write_jsonl(tmp_path / name, rows(1))
    assert listed(resolved(tmp_path)) == [
        ("test/part-0.jsonl", "test", "jsonl", None),
        ("train/part-0.jsonl", "train", "jsonl", None),
    ]


def test_manifest_beside_the_data_is_left_out(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "train.jsonl", rows(1))
    (tmp_path / "MANIFEST.json").write_text("{}")
    assert listed(resolved(tmp_path)) == [("train.jsonl", "train", "jsonl", None)]


def test_folder_of_two_formats_asks_which(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "train.jsonl", rows(1))
    write_parquet(tmp_path / "train.parquet", rows(1))
    with pytest.raises(InvalidInput, match="holds jsonl and parquet files; choose with --format"):
        resolved(tmp_path)
    assert listed(resolved(tmp_path, file_format="parquet")) == [("train.parquet", "train", "parquet", None)]


@pytest.mark.parametrize("path", ["../secret.jsonl", "/etc/secret.jsonl", "data/../../secret.jsonl"])
def test_readme_leads_nowhere_else(tmp_path: Path, path: str) -> None:
    write_jsonl(tmp_path / "secret.jsonl", rows(1))
    (tmp_path / "cats").mkdir()
    configs = [{"config_name": "default", "data_files": path}]
    (tmp_path / "cats/README.md").write_text(f"---\nconfigs: {json.dumps(configs)}\n---\n")
    with pytest.raises(InvalidInput, match=r"its README\.md lists a file outside of the folder"):
        resolved(tmp_path / "cats")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("data/train_prefs-00000-of-00001.parquet", "train_prefs"),
        ("data/validation-00000-of-00001.parquet", "validation"),
        ("data-00000-of-00001.arrow", "train"),
        ("test/data-00000-of-00001.parquet", "test"),
        ("round0/30k/dev.jsonl.xz", "validation"),
    ],
)
def test_split_is_read_from_shards_and_folders(name: str, split: str) -> None:
    assert split_of(name) == split
