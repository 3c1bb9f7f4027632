"""Packed files: read like the others, and never trusted."""

import gzip
import lzma
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from backports import zstd

from app.errors import Failed
from app.importing.reading import Limits, open_reader
from tests.importing.reading.read import read, written

Pack = Callable[[bytes], bytes]


def zst(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


PACKERS = [(".gz", gzip.compress), (".xz", lzma.compress), (".zst", zst)]
LINES = b"".join(b'{"id": %d, "text": "%s"}\n' % (n, os.urandom(40).hex().encode()) for n in range(6_000))
each_packer = pytest.mark.parametrize(("suffix", "pack"), PACKERS)


@each_packer
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_packed_file_is_read_like_the_file(tmp_path: Path, name: str, suffix: str, pack: Pack) -> None:
    content = b"id,text\n1,cats\n" if name == "a.csv" else b'{"id": "1", "text": "cats"}\n'
    path = written(tmp_path, name + suffix, pack(content))
    found = read(path)
    assert found.rows == [{"id": "1", "text": "cats"}]
    assert (found.sha256, found.bytes_read) == (sha256(path.read_bytes()).hexdigest(), path.stat().st_size)


@each_packer
def test_name_need_not_say_that_a_file_is_packed(tmp_path: Path, suffix: str, pack: Pack) -> None:
    """Files in a cache have no names of their own."""
    assert len(read(written(tmp_path, "0123abcd", pack(LINES)), "jsonl").rows) == 6_000


@each_packer
def test_file_of_several_streams_is_read_whole(tmp_path: Path, suffix: str, pack: Pack) -> None:
    path = written(tmp_path, f"a.jsonl{suffix}", pack(LINES) + pack(b"") + pack(b'{"id": "last"}\n') + bytes(8))
    found = read(path)
    assert (len(found.rows), found.rows[-1]) == (6_001, {"id": "last"})


@each_packer
def test_cut_off_file_keeps_the_rows_before(tmp_path: Path, suffix: str, pack: Pack) -> None:
    packed = pack(LINES)
    seen = []
    with pytest.raises(Failed, match=rf"a\.jsonl{suffix}: cannot be read to its end: .*[^.]\.$"):
        seen.extend(open_reader(written(tmp_path, f"a.jsonl{suffix}", packed[:-1000]), "jsonl", Limits()))
    assert len(seen) > 3_000
    assert all(record.row for record in seen)


@each_packer
def test_damaged_file_keeps_the_rows_before(tmp_path: Path, suffix: str, pack: Pack) -> None:
    packed = pack(LINES)
    middle = len(packed) * 3 // 4
    spoilt = packed[:middle] + b"\xff" * 100 + packed[middle + 100 :]
    with pytest.raises(Failed, match=rf"a\.jsonl{suffix}: cannot be read to its end"):
        list(open_reader(written(tmp_path, f"a.jsonl{suffix}", spoilt), "jsonl", Limits()))


@each_packer
def test_file_that_unpacks_to_too_much_is_refused(tmp_path: Path, suffix: str, pack: Pack) -> None:
    path = written(tmp_path, f"a.jsonl{suffix}", pack(b'{"text": "%s"}\n' % (b"cats " * 30) * 100_000))
    with pytest.raises(Failed, match=r"holds more than 0\.00\d+ GiB when unpacked.*SAFERLHF_REVIEW_MAX_UNPACKED_GB"):
        read(path, limits=Limits(unpacked_bytes=8 * 1024**2))


def test_file_that_unpacks_to_hundreds_of_times_its_size_is_refused(tmp_path: Path) -> None:
    megabyte = (b'{"text": "%s"}\n' % (b"x" * 100_000)) * 10
    path = written(tmp_path, "a.jsonl.zst", zstd.compress(megabyte) * 1150)
    with pytest.raises(Failed, match="unpacks to more than 200 times its size"):
        for _ in open_reader(path, "jsonl", Limits()):
            pass


def test_memory_that_a_packed_file_asks_for_is_bounded(tmp_path: Path) -> None:
    greedy = lzma.compress(LINES, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 256 * 1024**2}])
    with pytest.raises(Failed, match="cannot be read to its end: Memory usage limit exceeded"):
        read(written(tmp_path, "a.jsonl.xz", greedy))
