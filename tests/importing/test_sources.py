"""What SOURCE may be, and what is said when it is nothing."""

import gzip
import lzma
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.db import Database
from app.errors import Failed, InvalidInput
from app.importing.queries import get_dataset, get_import
from app.importing.sources import resolve_source
from app.importing.splits import split_of
from app.models import DatasetImport, Entry
from tests.factories import import_file, row, rows, write_jsonl

CARD = """---
license: cc-by-nc-4.0
pretty_name: Two models
configs:
- config_name: default
  default: true
  data_files:
  - split: train
    path:
    - data/Alpaca-7B/train.jsonl
    - data/Alpaca2-7B/train.jsonl
  - split: test
    path: data/*/test.jsonl
- config_name: alpaca-7b
  data_files:
  - {split: train, path: data/Alpaca-7B/train.jsonl}
  - {split: test, path: data/Alpaca-7B/test.jsonl}
- config_name: alpaca2-7b
  data_files: [{split: train, path: data/Alpaca2-7B/train.jsonl}]
---
# Two models
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    write_jsonl(folder / "data/Alpaca-7B/train.jsonl", rows(3))
    write_jsonl(folder / "data/Alpaca-7B/test.jsonl", [row(10)])
    write_jsonl(folder / "data/Alpaca2-7B/train.jsonl", [row(20), row(21)])
    (folder / "README.md").write_text(CARD)
    return folder


def imported(database: Database) -> list[tuple[str | None, str, int]]:
    with database.read() as db:
        return [(e.subset, e.split, e.row) for e in db.query(Entry).order_by(Entry.id)]


def test_folder_like_a_hub_repository(database: Database, repository: Path) -> None:
    import_id = import_file(database, repository)
    assert imported(database) == [
        ("alpaca-7b", "train", 1),
        ("alpaca-7b", "train", 2),
        ("alpaca-7b", "train", 3),
        ("alpaca2-7b", "train", 1),
        ("alpaca2-7b", "train", 2),
        ("alpaca-7b", "test", 1),
    ]
    with database.read() as db:
        dataset, record = get_dataset(db, "two-models"), get_import(db, import_id)
        assert (dataset.title, dataset.licence, dataset.card) == ("Two models", "cc-by-nc-4.0", "# Two models")
    assert [(file["name"], file["rows"]) for file in record.files] == [
        ("data/Alpaca-7B/train.jsonl", 3),
        ("data/Alpaca2-7B/train.jsonl", 2),
        ("data/Alpaca-7B/test.jsonl", 1),
    ]
    assert record.revision is None  # a local folder proves no version


def test_subset_then_default_adds_only_the_rest(database: Database, repository: Path) -> None:
    import_file(database, repository, subset="alpaca-7b")
    assert len(imported(database)) == 4
    with database.read() as db:
        record = get_import(db, import_file(database, repository))
    assert (record.rows_present, record.rows_imported) == (4, 2)


def test_folder_without_configs(database: Database, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "plain/data/train-00.jsonl", rows(2))
    write_jsonl(tmp_path / "plain/data/validation.jsonl", [row(5)])
    import_file(database, tmp_path / "plain")
    assert imported(database) == [(None, "train", 1), (None, "train", 2), (None, "validation", 1)]


@pytest.mark.parametrize(("suffix", "opener"), [(".gz", gzip.open), (".xz", lzma.open)])
def test_packed_files(database: Database, tmp_path: Path, suffix: str, opener: Callable[..., object]) -> None:
    plain = write_jsonl(tmp_path / "plain.jsonl", rows(3))
    packed = tmp_path / f"test.jsonl{suffix}"
    with opener(packed, "wb") as file:  # type: ignore[attr-defined]
        file.write(plain.read_bytes())
    import_file(database, packed, slug="packed")
    assert imported(database) == [(None, "test", 1), (None, "test", 2), (None, "test", 3)]


def test_damaged_archive_is_named(database: Database, tmp_path: Path) -> None:
    packed = tmp_path / "train.jsonl.gz"
    packed.write_bytes(gzip.compress(write_jsonl(tmp_path / "a.jsonl", rows(2000)).read_bytes())[:-500])
    with pytest.raises(Failed, match=r"train\.jsonl\.gz: cannot be read to its end"):
        import_file(database, packed, slug="packed")
    with database.read() as db:
        record = db.query(DatasetImport).one()
    assert record.state == "interrupted"
    assert "train.jsonl.gz" in str(record.error)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train.jsonl", "train"),
        ("test-sample.original-schema.jsonl", "test"),
        ("Alpaca-7B-train-first500.jsonl", "train"),
        ("round_validation_2.jsonl", "validation"),
        ("detest.jsonl", "train"),
    ],
)
def test_split_is_read_from_the_file_name(name: str, split: str) -> None:
    assert split_of(name) == split


@pytest.mark.parametrize(
    ("sources", "options", "message"),
    [
        (["nowhere.jsonl"], {}, "nowhere.jsonl: no such file or folder"),
        (["{tmp}/data.xlsx"], {}, "not a format this version reads"),
        (["{tmp}/repository"], {"subset": "alpaca9"}, "has no subset 'alpaca9'; it has default, alpaca-7b, alpaca2-7b"),
        (["{tmp}/repository"], {"splits": ["dev"]}, "has no split 'dev'; it has test, train"),
        (["{tmp}/repository"], {"revision": "v0"}, "local files have none"),
        (["{tmp}/repository", "{tmp}/data.xlsx"], {}, "give one folder, or files only"),
        (["{tmp}/train.jsonl"], {"subset": "alpaca-7b"}, "--subset needs"),
        (["{tmp}/empty"], {}, "no data file found"),
    ],
)
def test_wrong_source_is_explained(
    repository: Path, tmp_path: Path, sources: list[str], options: dict[str, object], message: str
) -> None:
    (tmp_path / "data.xlsx").touch()
    (tmp_path / "empty").mkdir()
    write_jsonl(tmp_path / "train.jsonl", rows(1))
    asked = {"subset": None, "revision": None, "splits": [], **options}
    with pytest.raises(InvalidInput, match=message.replace("(", r"\(")):
        resolve_source([s.format(tmp=tmp_path) for s in sources], **asked)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\nconfigs: [}\n---\n", "YAML head cannot be read"),
        ("---\nconfigs:\n- data_files: x\n---\n", "YAML head cannot be read: 'config_name'"),
    ],
)
def test_unreadable_card_is_explained(repository: Path, text: str, message: str) -> None:
    (repository / "README.md").write_text(text)
    with pytest.raises(InvalidInput, match=message):
        resolve_source([str(repository)], subset=None, revision=None, splits=[])


def test_folder_without_default_asks_for_a_subset(repository: Path) -> None:
    (repository / "README.md").write_text(CARD.replace("config_name: default", "config_name: everything"))
    with pytest.raises(InvalidInput, match="choose one with --subset: everything, alpaca-7b, alpaca2-7b"):
        resolve_source([str(repository)], subset=None, revision=None, splits=[])


def test_one_config_needs_no_asking(database: Database, repository: Path) -> None:
    card = "---\nconfigs:\n- config_name: only\n  data_files: data/Alpaca2-7B/*.jsonl\n---\n"
    (repository / "README.md").write_text(card)
    import_file(database, repository)
    assert imported(database) == [(None, "train", 1), (None, "train", 2)]


def test_card_without_a_head_is_text(database: Database, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "plain/train.jsonl", rows(1))
    (tmp_path / "plain/README.md").write_text("# Plain\n")
    import_file(database, tmp_path / "plain")
    with database.read() as db:
        assert (get_dataset(db, "plain").card, get_dataset(db, "plain").licence) == ("# Plain", None)


def test_other_schema_names_the_columns_found(database: Database, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "train.jsonl", [{"question": "why", "answer": "so"}])
    with pytest.raises(InvalidInput, match="of no known schema: answer, question"):
        import_file(database, path)


def test_file_without_a_readable_row(database: Database, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="holds no row that can be read"):
        import_file(database, write_jsonl(tmp_path / "train.jsonl", ["not json", ""]))
    with database.read() as db:
        assert db.query(DatasetImport).count() == 0


def test_web_process_never_loads_the_heavy_libraries() -> None:
    code = "import sys, app.main; print([m for m in ('datasets', 'pandas', 'pyarrow', 'numpy') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_title_is_the_cards_or_what_it_is_called_here(database: Database, repository: Path, tmp_path: Path) -> None:
    import_file(database, repository, slug="mine")
    import_file(database, write_jsonl(tmp_path / "a.train.jsonl", rows(1)), slug="yours")
    import_file(database, write_jsonl(tmp_path / "b.train.jsonl", rows(1)))
    with database.read() as db:
        titles = [get_dataset(db, slug).title for slug in ("mine", "yours", "b-train")]
    assert titles == ["Two models", "yours", "b.train"]
