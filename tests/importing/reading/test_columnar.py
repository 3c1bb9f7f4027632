"""Parquet, and the Arrow files of `save_to_disk`: typed rows, and what cannot fit in memory is refused unread."""

import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.errors import Failed, InvalidInput
from app.importing.reading import Limits, open_reader, raw_of
from app.importing.reading.parquet_pages import PageSizes, page_sizes
from tests.factories import row, rows
from tests.importing.reading.read import Read, read, written

MIB = 1024 * 1024
SMALL = Limits(line_bytes=MIB)


def arrow_stream(path: Path, table: pa.Table) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def arrow_file(path: Path, table: pa.Table) -> Path:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return path


def parquet(path: Path, table: pa.Table, **options: Any) -> Path:
    pq.write_table(table, path, **options)
    return path


def read_both(folder: Path, table: pa.Table, limits: Limits = SMALL) -> list[Read]:
    return [
        read(parquet(folder / "a.parquet", table), limits=limits),
        read(arrow_stream(folder / "a.arrow", table), limits=limits),
    ]


def test_rows_come_typed_with_their_numbers_and_the_hash_of_the_file(tmp_path: Path) -> None:
    made = rows(700, is_response_0_safe=None)
    for found in read_both(tmp_path, pa.Table.from_pylist(made)):
        assert found.outcome == list(enumerate(made, start=1))
    path = arrow_file(tmp_path / "b.arrow", pa.Table.from_pylist(made))
    found = read(path)
    assert found.rows == made
    assert (found.sha256, found.bytes_read) == (sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert open_reader(tmp_path / "a.parquet", "parquet", SMALL).is_typed


def test_progress_goes_with_the_rows(tmp_path: Path) -> None:
    path = parquet(tmp_path / "a.parquet", pa.Table.from_pylist(rows(1000)), row_group_size=100)
    reader = open_reader(path, "parquet", SMALL)
    seen = [reader.bytes_read for _ in reader]
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert reader.bytes_read == path.stat().st_size


def test_repeated_texts_come_out_as_they_went_in(tmp_path: Path) -> None:
    """Such a column is a dictionary."""
    table = pa.table({"prompt": pa.array(["cats", None, "cakes", "cats"]).dictionary_encode()})
    for found in read_both(tmp_path, table):
        assert [record["prompt"] for record in found.rows] == ["cats", None, "cakes", "cats"]


def test_text_that_is_too_long_costs_its_row(tmp_path: Path) -> None:
    table = pa.table({"prompt": ["cats", "x" * (2 * MIB), *["cakes"] * 200, "y" * (2 * MIB)]})
    for found in read_both(tmp_path, table):
        assert [record.number for record in found.records] == list(range(1, 204))
        assert {r.number: r.problem for r in found.records if r.problem} == {
            2: "is longer than 1 MiB",
            203: "is longer than 1 MiB",
        }


def test_text_that_is_no_utf8_costs_its_row(tmp_path: Path) -> None:
    ends = pa.array([0, 4, 7, 12], pa.int32()).buffers()[1]
    texts = pa.StringArray.from_buffers(3, ends, pa.py_buffer(b"cats\xff\xfe.cakes"))
    for found in read_both(tmp_path, pa.table({"prompt": texts})):
        assert found.outcome == [
            (1, {"prompt": "cats"}),
            (2, "is not valid UTF-8 at byte 1 of a text"),
            (3, {"prompt": "cakes"}),
        ]


def test_value_that_python_cannot_hold_costs_its_row(tmp_path: Path) -> None:
    times = pa.array([0, 2**50, 1], pa.int64()).cast(pa.timestamp("s"))
    for found in read_both(tmp_path, pa.table({"when": times})):
        assert found.records[1].problem == "holds a value that cannot be read (OverflowError)"
        assert found.records[2].row == {"when": datetime.datetime(1970, 1, 1, 0, 0, 1)}  # noqa: DTZ001 - it has none


def test_row_is_shown_as_json_when_a_later_stage_finds_it_bad(tmp_path: Path) -> None:
    table = pa.table(
        {"prompt": ["cats " * 2000], "severity_level": [7], "when": [datetime.date(2026, 1, 2)], "raw": [b"x"]}
    )
    for found in read_both(tmp_path, table):
        shown = raw_of(found.records[0])
        assert shown.startswith(b'{"prompt":"cats cats')
        assert len(shown) == 4096
    (record,) = read(parquet(tmp_path / "b.parquet", table.drop(["prompt"]))).records
    assert raw_of(record) == b'{"severity_level":7,"when":"2026-01-02","raw":"b\'x\'"}'


@pytest.mark.parametrize("compression", ["none", "zstd"])
def test_page_that_does_not_fit_in_memory_is_refused(tmp_path: Path, compression: str) -> None:
    path = parquet(tmp_path / "a.parquet", pa.table({"prompt": ["cats", "x" * 70 * MIB]}), compression=compression)
    with pytest.raises(InvalidInput, match=r"a\.parquet: holds a page of prompt of 70 MiB, more than 64"):
        read(path)


def test_record_batch_that_does_not_fit_in_memory_is_refused(tmp_path: Path) -> None:
    path = arrow_stream(tmp_path / "a.arrow", pa.table({"prompt": ["cats", "x" * 70 * MIB]}))
    with pytest.raises(InvalidInput, match=r"a\.arrow: holds a record batch of 70 MiB, more than 64"):
        read(path)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("use_dictionary", [True, False])
def test_long_texts_are_read_a_few_at_a_time(tmp_path: Path, version: str, use_dictionary: bool) -> None:
    made = [row(number, response_0=f"{number} " + "purr " * 60_000) for number in range(40)]
    path = parquet(
        tmp_path / "a.parquet",
        pa.Table.from_pylist(made),
        data_page_version=version,
        use_dictionary=use_dictionary,
        write_page_checksum=True,
        write_batch_size=8,
    )
    assert read(path).rows == made


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_file_that_is_something_else_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput, match=rf"{name}: is damaged, or not what its name says"):
        read(written(tmp_path, name, '{"prompt": "cats"}\n' * 10))


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_repeated_column_is_named(tmp_path: Path, name: str) -> None:
    table = pa.table([pa.array(["cats"]), pa.array(["cakes"])], names=["prompt", "prompt"])
    write = parquet if name == "a.parquet" else arrow_stream
    with pytest.raises(InvalidInput, match=rf"{name}: has several columns called prompt"):
        read(write(tmp_path / name, table))


def spoil(path: Path, start: float, byte: bytes) -> Path:
    data = path.read_bytes()
    at = int(len(data) * start)
    return written(path.parent, path.name, data[:at] + byte * 5000 + data[at + 5000 :])


@pytest.mark.parametrize("byte", [b"\0", b"\xff", b"\x19", b"\x1c"])
def test_damaged_parquet_is_named(tmp_path: Path, byte: bytes) -> None:
    texts = pa.table({"prompt": [f"{n} " + "cats " * 5000 for n in range(400)]})
    path = parquet(tmp_path / "a.parquet", texts, use_dictionary=False, compression="none")
    with pytest.raises((Failed, InvalidInput), match=r"a\.parquet: (is damaged|cannot be read to its end)"):
        read(spoil(path, 0, byte))


def test_damaged_page_in_the_middle_ends_the_file_after_the_rows_before(tmp_path: Path) -> None:
    made = rows(3000)
    path = parquet(tmp_path / "a.parquet", pa.Table.from_pylist(made), row_group_size=1000, compression="zstd")
    reader = open_reader(spoil(path, 0.5, b"\x07"), "parquet", SMALL)
    seen = []
    with pytest.raises(Failed, match=r"a\.parquet: cannot be read to its end"):
        seen.extend(reader)
    assert [record.row for record in seen] == made[: len(seen)]
    assert len(seen) >= 1000


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_arrow_stream_that_is_cut_off_keeps_the_rows_before(tmp_path: Path, share: float) -> None:
    data = arrow_stream(tmp_path / "a.arrow", pa.Table.from_batches(pa.Table.from_pylist(rows(5000)).to_batches(500)))
    path = written(tmp_path, "a.arrow", data.read_bytes()[: int(data.stat().st_size * share)])
    seen = []
    with pytest.raises(Failed, match=r"a\.arrow: cannot be read to its end"):
        seen.extend(open_reader(path, "arrow", SMALL))
    assert len(seen) >= 2000


def test_arrow_stream_with_a_hole_keeps_the_rows_before(tmp_path: Path) -> None:
    one = arrow_stream(tmp_path / "a.arrow", pa.Table.from_pylist(rows(10))).read_bytes()
    with pytest.raises(Failed, match="a piece in the middle is damaged"):
        read(written(tmp_path, "b.arrow", one + b"more"))


def test_saved_folder_is_read_as_datasets_reads_it(tmp_path: Path) -> None:
    datasets.Dataset.from_list(rows(30)).save_to_disk(tmp_path / "saved", num_shards=2)
    found = [read(path) for path in sorted((tmp_path / "saved").glob("*.arrow"))]
    assert [record for part in found for record in part.rows] == rows(30)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"\x15\x00\x15\x02\x15\x02", "it is cut off"),
        (b"\x15\x00\x00", "no page header where one should be"),
        (b"\x15\x00\x15\x01\x15\x02\x00", "no page header where one should be"),
        (b"\x15" + b"\xff" * 20, "a page header holds an endless number"),
        (b"\x1d\x00", "a page header holds what none has"),
        (b"\x1c" * 20, "a page header is nested too deeply"),
    ],
)
def test_damaged_page_header_is_named(header: bytes, message: str) -> None:
    with pytest.raises((ValueError, EOFError), match=message):
        page_sizes(BytesIO(header), 0, 1000)


def test_page_header_may_hold_more_than_is_looked_at() -> None:
    """A byte, a double, a text and a true beside the sizes."""
    header = b"\x15\x00\x15\x14\x15\x06\x13\x07\x27" + bytes(8) + b"\x18\x03abc\x21\x00"
    assert page_sizes(BytesIO(header + b"abc"), 0, len(header) + 3) == PageSizes(largest=10, per_value=0)
