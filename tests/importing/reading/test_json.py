"""JSON lines and arrays: every row counts, a bad one says why, and the others go on."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from app.importing.reading import Limits, raw_of
from tests.importing.reading.read import read, written

CAT = {"prompt": "Why do cats purr?", "is_safe": True}
CAKE = {"prompt": "How long does a cake bake?", "is_safe": False}
REPEATED = ("a key is given twice; the last one counts",)
CUT_OFF = "is cut off: the file ends in the middle of this row"


def test_rows_come_with_their_lines_and_the_hash_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", f"{json.dumps(CAT)}\n\n{json.dumps(CAKE)}")
    found = read(path)
    assert found.outcome == [(1, CAT), (3, CAKE)]
    assert (found.sha256, found.bytes_read) == (sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
    assert raw_of(found.records[1]) == json.dumps(CAKE).encode()


@pytest.mark.parametrize(
    "line",
    [
        b'\xef\xbb\xbf{"prompt":"cats"}\n',
        b'{"prompt":"cats"}\r\n',
        b'  {"prompt" : "cats"}  \n',
        b'\n \n\t\r\n{"prompt":"cats"}',
    ],
)
def test_marks_and_blanks_are_nothing(tmp_path: Path, line: bytes) -> None:
    assert read(written(tmp_path, "a.jsonl", line)).rows == [{"prompt": "cats"}]


def test_line_separator_of_unicode_ends_no_line(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a.jsonl", '{"prompt":"a\u2028b\u0085c"}\n')).rows == [{"prompt": "a\u2028b\u0085c"}]


BAD = [
    (b"cats", "is not JSON: unexpected character, expected a JSON value at column 1"),
    (b'{"prompt": }', "is not JSON: unexpected character, expected a JSON value at column 12"),
    (b'["cats"]', "is JSON, but not an object"),
    (b"null", "is JSON, but not an object"),
    (b'{"id": NaN}', "is not JSON: NaN is no number in JSON"),
    (b'{"id": -Infinity}', "is not JSON: -Infinity is no number in JSON"),
    (b'{"prompt": "cats \xff"}', "is not valid UTF-8 at byte 18"),
    (b'{"prompt": "\\ud83d"}', "holds half of a surrogate pair at column 13"),
    (b'{"prompt": "a\0b"}', "is not JSON: unexpected control character in string at column 14"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "is nested too deeply"),
    (b'{"prompt": "cats"', "is not JSON: it ends too early"),
]


@pytest.mark.parametrize(("line", "problem"), BAD)
def test_bad_line_says_why_and_the_next_is_read(tmp_path: Path, line: bytes, problem: str) -> None:
    found = read(written(tmp_path, "a.jsonl", b'{"prompt":"cats"}\n' + line + b'\n{"prompt":"cakes"}\n'))
    assert found.outcome == [(1, {"prompt": "cats"}), (2, problem), (3, {"prompt": "cakes"})]
    assert found.records[1].raw.startswith(line[:100])
    assert len(found.records[1].raw) <= 4096


@pytest.mark.parametrize(("element", "problem"), BAD[1:-1])
def test_bad_element_says_why_and_the_next_is_read(tmp_path: Path, element: bytes, problem: str) -> None:
    found = read(written(tmp_path, "a.json", b'[{"prompt":"cats"},\n' + element + b',\n{"prompt":"cakes"}]'))
    assert found.outcome == [(1, {"prompt": "cats"}), (2, problem), (3, {"prompt": "cakes"})]


@pytest.mark.parametrize("end", [b'{"prompt": "ca', b'{"prompt": "cats"', b'{"prompt": "\xe2\x82', b'{"prompt"'])
def test_last_line_that_is_cut_off(tmp_path: Path, end: bytes) -> None:
    assert read(written(tmp_path, "a.jsonl", b'{"prompt":"cats"}\n' + end)).outcome[1:] == [(2, CUT_OFF)]
    assert read(written(tmp_path, "a.json", b'[{"prompt":"cats"},\n' + end)).outcome[1:] == [(2, CUT_OFF)]


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        ('{"prompt": "cats", "prompt": "cakes"}', REPEATED),
        ('{"prompt": "cakes", "labels": {"safe": true, "safe": false}}', REPEATED),
        ('{"prompt" : "cats", "prompt" : "cakes"}', REPEATED),
        ('{"prompt": "cakes", "id": 1.5, "id": 12345678901234567890123}', REPEATED),
        ('{"prompt": "cakes", "messages": [{"role": "user", "role": "user"}]}', REPEATED),
        ('{"prompt": "cakes", "response": ": \\"a\\": b:c"}', ()),
        ('{"prompt": "cakes", "messages": [{"role": "user"}, {"role": "cat"}]}', ()),
        ('{"prompt": "cakes", "response": ":", "deep": ' + '{"a":' * 990 + "1" + "}" * 990 + "}", ()),
    ],
)
def test_repeated_key_is_warned_of(tmp_path: Path, line: str, warnings: tuple[str, ...]) -> None:
    (record,) = read(written(tmp_path, "a.jsonl", line)).records
    assert record.row is not None
    assert (record.row["prompt"], record.warnings) == ("cakes", warnings)


def test_long_line_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    long = f'{{"prompt": "{"x" * 3_000_000}"}}'
    limits = Limits(line_bytes=1024 * 1024)
    for name, content in (
        ("a.jsonl", f'{{"prompt": 1}}\n{long}\n{{"prompt": 3}}'),
        ("a.json", f'[{{"prompt": 1}},\n{long},\n{{"prompt": 3}}]'),
    ):
        found = read(written(tmp_path, name, content), limits=limits)
        assert found.outcome == [(1, {"prompt": 1}), (2, "is longer than 1 MiB"), (3, {"prompt": 3})]


def test_long_text_is_kept(tmp_path: Path) -> None:
    row = {"prompt": "cats", "response": 'purr "quoted" \\ ' * 100_000}
    assert read(written(tmp_path, "a.jsonl", json.dumps(row))).rows == [row]
    assert read(written(tmp_path, "a.json", json.dumps([row, CAT]))).rows == [row, CAT]


@pytest.mark.parametrize("indent", [None, 2])
def test_array_is_read_like_lines(tmp_path: Path, indent: int | None) -> None:
    rows = [{**CAT, "response": f'Cat [{n}] says "{{purr}}", \\'} for n in range(2000)]
    found = read(written(tmp_path, "a.json", json.dumps(rows, indent=indent)))
    assert found.rows == rows
    assert found.warnings == []
    assert [record.number for record in found.records[:3]] == ([2, 7, 12] if indent else [1, 1, 1])


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_name_does_not_tell_lines_from_an_array(tmp_path: Path, name: str) -> None:
    assert read(written(tmp_path, name, '\ufeff [ {"id": 1}\n, {"id": 2} ]\n')).outcome == [
        (1, {"id": 1}),
        (2, {"id": 2}),
    ]
    assert read(written(tmp_path, name, '{"id": 1}\n{"id": 2}\n')).outcome == [(1, {"id": 1}), (2, {"id": 2})]


@pytest.mark.parametrize(
    ("content", "outcome", "warnings"),
    [
        ("[]", [], []),
        ('[1, "a, ]", {"id": 3}]', [1, 1, {"id": 3}], []),
        ('[{"id": 1}\n{"id": 2},, {"id": 3}]', [{"id": 1}, {"id": 2}, {"id": 3}], []),
        ('[{"id": 1}, {"id": 2}', [{"id": 1}, {"id": 2}], ["ends without closing its array"]),
        ('[{"id": 1}] [2]', [{"id": 1}], ["goes on after the end of its array; what stands there was not read"]),
    ],
)
def test_odd_array(tmp_path: Path, content: str, outcome: list[object], warnings: list[str]) -> None:
    found = read(written(tmp_path, "a.json", content))
    assert [record.row or record.number for record in found.records] == outcome
    assert found.warnings == warnings


@pytest.mark.parametrize("gap", [", ", ",\n"])
def test_lost_quote_costs_one_element(tmp_path: Path, gap: str) -> None:
    rows = [{"id": n, "messages": [{"role": "cat"}, {"role": "dog"}], "text": "fur"} for n in range(5)]
    elements = [json.dumps(row) for row in rows]
    elements[1] = elements[1].replace('"fur"', '"fur')
    found = read(written(tmp_path, "a.json", f"[{gap.join(elements)}]"))
    assert [record.row for record in found.records] == [rows[0], None, *rows[2:]]
    assert "is not JSON" in str(found.records[1].problem)


def test_lost_quote_swallows_no_element_when_brackets_stand_in_texts(tmp_path: Path) -> None:
    content = '[{"id": 1, "text": "fur}, {"id": 2, "text": "a } b"}, {"id": 3, "text": "c"}]'
    found = read(written(tmp_path, "a.json", content))
    assert [record.row for record in found.records] == [None, {"id": 2, "text": "a } b"}, {"id": 3, "text": "c"}]
