"""Files that are not what they should be, each with a sentence that says what to do."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import Failed, InvalidInput
from app.importing.reading import Limits, open_reader
from app.importing.reading.disk import DiskFile
from tests.importing.reading.read import read, written

ROW = '{"prompt": "Why do cats purr?"}\n'
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDAT\x78\xda\x63\xfc"


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (PICTURE * 10, "holds no text but binary data"),
        (gzip.compress(bytes(1_000_000)), "holds no text but binary data"),
        (ROW.encode("utf-16"), "is UTF-16: convert it, for example with iconv -f UTF-16 -t UTF-8"),
        (ROW.encode("utf-16-be"), "is UTF-16"),
        (ROW.encode("utf-16-le"), "is UTF-16"),
        (ROW.encode("utf-32"), "is UTF-32"),
        (ROW.encode("utf-32-be"), "is UTF-32"),
        (b"PAR1\x15\x04", "is a Parquet file: name it .parquet"),
        (b"ARROW1\0\0", "is an Arrow file: name it .arrow"),
        (b"PK\x03\x04\x14\0", "is a ZIP archive: unpack it first"),
        (b"BZh91AY&SY", "is packed with bzip2: unpack it first"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
)
def test_what_is_no_text_is_refused_at_once(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=rf"{name}: {message}"):
        read(written(tmp_path, name, content))


def test_one_object_over_many_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is one JSON object; needed is a row a line, or an array of rows"):
        read(written(tmp_path, "a.json", '{\n  "train": [{"prompt": "cats"}]\n}\n'))


def test_a_damaged_row_makes_no_binary_file(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.jsonl", b'{"prompt": "cats \xff"}\n' + ROW.encode() * 2))
    assert [record.row is None for record in found.records] == [True, False, False]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gone.jsonl", "No such file or directory"),
        ("folder", "is a folder, not a file"),
        ("pipe", "is no regular file"),
        ("x" * 300, "File name too long"),
    ],
)
def test_what_cannot_be_opened_is_named(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for file_format in ("jsonl", "csv", "parquet", "arrow"):
        with pytest.raises((Failed, InvalidInput), match=rf"{name}: {message}"):
            open_reader(tmp_path / name, file_format, Limits())


def test_format_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidInput, match="There is no format 'xlsx'; there are jsonl, json, csv, tsv, parquet, arrow"
    ):
        read(written(tmp_path, "a.jsonl", ROW), "xlsx")


def test_file_that_grows_is_read_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", ROW)
    reader = open_reader(path, "jsonl", Limits())
    with path.open("a") as file:
        file.write(ROW * 10)
    assert len(list(reader)) == 1
    reader.finish()
    assert reader.warnings == [
        "grew while it was read: only what it held at the start was imported. Import it again for the rest"
    ]


def test_file_on_a_failing_disk_is_named(tmp_path: Path) -> None:
    disk = DiskFile(written(tmp_path, "a.jsonl", ROW))
    with Path(os.devnull).open("wb") as unreadable:
        os.dup2(unreadable.fileno(), disk.fileno())
    with pytest.raises(Failed, match=r"a\.jsonl: cannot be read to its end: Bad file descriptor"):
        disk.read(100)
    disk.close()


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_file_that_shrinks_is_named(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, ROW * 50_000)
    rows = iter(open_reader(path, "jsonl", Limits()))
    next(rows)
    os.truncate(path, 1000)
    with pytest.raises(Failed, match=rf"{name}: became shorter while it was read"):
        list(rows)


def test_file_that_vanishes_is_read_to_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", ROW * 50_000)
    reader = open_reader(path, "jsonl", Limits())
    path.unlink()
    assert len(list(reader)) == 50_000
    assert len(reader.finish()) == 64


def test_beginning_alone_can_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", ROW * 50_000)
    reader = open_reader(path, "jsonl", Limits())
    next(iter(reader))
    assert reader.finish() == read(path).sha256
    closed = open_reader(path, "jsonl", Limits())
    closed.close()


PEAK = """
import re, sys
from pathlib import Path
from app.errors import ReviewError
from app.importing.reading import Limits, format_of, open_reader
path = Path(sys.argv[1])
bad = 0
try:
    for record in open_reader(path, format_of(path), Limits()):
        bad += record.row is None
except ReviewError as error:
    bad = error.message
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(int(peak[1]) // 1024, bad)
"""


def long_line(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"id": 1}\n{"text": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"id": 3}\n')


def array(path: Path) -> None:
    row = b'{"prompt": "Why do cats purr?", "response": "%s"},\n' % (b"Purr. \\n" * 500)
    with path.open("wb") as file:
        file.write(b"[")
        for _ in range(20_000):
            file.write(row)
        file.write(b'{"prompt": "' + b"x" * 50_000_000)


def large_cell(path: Path) -> None:
    path.write_bytes(
        b'prompt,response\n"' + b"x" * 10_000_000 + b'",1\ncats,2\n"' + b"xxxxxxxxx\n" * 1_000_000 + b'",3\n'
    )


def zeros(path: Path) -> None:
    with gzip.open(path, "wb", 1) as file:
        file.write(ROW.encode())
        for _ in range(300):
            file.write(bytes(1_000_000))


def large_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"prompt": ["cats", "x" * 100_000_000]}), path)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is asked of Linux")
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.jsonl", long_line), ("b.json", array), ("c.csv", large_cell), ("d.jsonl.gz", zeros),
        ("e.parquet", large_parquet),
    ],
)  # fmt: skip
def test_memory_stays_bounded(tmp_path: Path, name: str, write: object) -> None:
    path = tmp_path / name
    write(path)  # type: ignore[operator]
    answer = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
    megabytes, bad = answer.stdout.split(maxsplit=1)
    assert int(megabytes) < 150
    assert bad.strip() != "0"
