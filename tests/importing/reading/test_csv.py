"""CSV and TSV: cells are texts, a damaged record costs itself only."""

import csv
from io import StringIO
from pathlib import Path

import pytest

from app.errors import InvalidInput
from app.importing.reading import Limits, format_of, open_reader
from tests.importing.reading.read import read, written

HEAD = "prompt,response\n"
CUT_OFF = "is cut off: the file ends in the middle of this row"
UNCLOSED = "opens a quote that is never closed"


def test_cells_are_texts_with_all_their_characters(tmp_path: Path) -> None:
    rows = [
        {"prompt": 'Cats, dogs\nand \u2028 "mice"', "is_safe": "True", "label": "{'Cats': False}"},
        {"prompt": "", "is_safe": "0", "label": ' 5" '},
    ]
    for name, delimiter in (("a.csv", ","), ("a.tsv", "\t")):
        text = StringIO()
        writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
        path = written(tmp_path, name, text.getvalue())
        found = read(path)
        assert found.outcome == [(2, rows[0]), (4, rows[1])]
        assert not open_reader(path, name[2:], Limits()).is_typed


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("cats", "has 1 cell, the header has 2"),
        ("cats,purr,loudly", "has 3 cells, the header has 2"),
        ('cats,"purr', UNCLOSED),
        ('"cats,purr', UNCLOSED),
        ('cats,"purr"ing', "has text after a closing quote; inside a cell a quote is written twice"),
        ("cats,pu\rrr", "has a line end outside of quotes"),
        (b"cats,\xff", "is not valid UTF-8 at byte 6"),
        (f"cats,{'x' * 2000}", "is longer than 0.000976562 MiB"),
    ],
)
def test_bad_record_says_why_and_the_next_is_read(tmp_path: Path, record: str | bytes, problem: str) -> None:
    spoilt = record if isinstance(record, bytes) else record.encode()
    content = HEAD.encode() + b"a,1\n" + spoilt + b'\nb,"2 ""and""\nmore"\nc,"3"\nd,4\n'
    found = read(written(tmp_path, "a.csv", content), limits=Limits(line_bytes=1024))
    assert found.outcome == [
        (2, {"prompt": "a", "response": "1"}),
        (3, problem),
        (4, {"prompt": "b", "response": '2 "and"\nmore'}),
        (6, {"prompt": "c", "response": "3"}),
        (7, {"prompt": "d", "response": "4"}),
    ]


def test_quote_that_stays_open_over_megabytes_costs_one_line(tmp_path: Path) -> None:
    content = HEAD + 'cats,"purr\n' + "dogs,bark\n" * 500
    found = read(written(tmp_path, "a.csv", content), limits=Limits(line_bytes=1024))
    assert [record.problem for record in found.records] == [UNCLOSED] + [None] * 500


def test_cell_of_megabytes_costs_its_record(tmp_path: Path) -> None:
    content = HEAD + 'cats,"' + "purr\n" * 500 + '"\ndogs,bark'
    found = read(written(tmp_path, "a.csv", content), limits=Limits(line_bytes=1024))
    assert found.outcome == [(2, "is longer than 0.000976562 MiB"), (503, {"prompt": "dogs", "response": "bark"})]


@pytest.mark.parametrize(("end", "problem"), [("cats", CUT_OFF), ('cats,"pu', CUT_OFF), ('cats,"pu\nrr', UNCLOSED)])
def test_last_record_that_is_cut_off(tmp_path: Path, end: str, problem: str) -> None:
    assert read(written(tmp_path, "a.csv", f"{HEAD}a,1\n{end}")).outcome[1] == (3, problem)


def test_line_ends_and_blank_lines(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", '\ufeff\r\nprompt,response\r\n\r\ncats,"purr"\r\n \n'))
    assert found.outcome == [(4, {"prompt": "cats", "response": "purr"})]


def test_column_without_a_name_is_kept(tmp_path: Path) -> None:
    found = read(written(tmp_path, "a.csv", ",prompt\n0,cats\n"))
    assert found.rows == [{"column_1": "0", "prompt": "cats"}]
    assert found.warnings == ["column 1 has no name in the header; it is called column_1 here"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("prompt,response,response\na,b,c\n", "its header names response twice"),
        ("prompt;response\na;b\n", "its cells are separated by ';', it seems"),
        ("prompt\tresponse\na\tb\n", r"its cells are separated by '\\t', it seems"),
        (f"Why do cats purr?,{'They like it. ' * 20}\n", "its first line holds texts, not the names of columns"),
        (",,\na,b,c\n", "its first line holds texts, not the names of columns"),
        ('"prompt,response\na,b\n', "its header opens a quote that is never closed"),
        ('"prompt"s,response\na,b\n', "its header has text after a closing quote"),
    ],
)
def test_header_that_is_none_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=r"a\.csv: " + message):
        read(written(tmp_path, "a.csv", content))


def test_file_without_a_record_is_empty(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.csv", HEAD)).records == []
    assert read(written(tmp_path, "b.csv", "\n\n")).records == []


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("train.jsonl", "jsonl"), ("train.ndjson", "jsonl"), ("TRAIN.JSON.XZ", "json"), ("a.b.csv.zst", "csv"),
        ("a.tsv.gz", "tsv"), ("a.parquet", "parquet"), ("a.arrow", "arrow"), ("a.parquet.gz", None), ("a.txt", None),
        ("jsonl", None), ("a.gz", None),
    ],
)  # fmt: skip
def test_name_says_the_format(name: str, file_format: str | None) -> None:
    assert format_of(Path(name)) == file_format
