"""Whatever stands in a query string, the answer is a list or says what is wrong with it."""

from pathlib import Path
from random import Random

import pytest
from starlette.testclient import TestClient

from app.db import Database
from tests.factories import import_rows, row

WORDS = ["kettle", "café", "北京", "Zürich", "open-air", "don't", "½", "ß"]
SIGNS = list("'\"()*^:-+{}[]<>&|!~%_\\/;,.?@#$=`\t\n\r ")
ODD = [
    "\0", "\x01", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad", "\u0301", "\u200b", "\u200d", "\u202e", "\u2028",
    "\u2066", "\ufeff", "\ufffd", "\uffff", "\ue000", "\U0010ffff", "😀", "👩\u200d👧", "☠\ufe0f", "İ", "ı", "ﬁ",
    "ſ", "Σς", "한글", "とうふ", "שלום", "مرحبا", "नमस्ते", "ไทย", "𝒳", "𠀀", "e\u0301\u0301", "Z\u0338\u0322",
]  # fmt: skip
SYNTAX = [
    "NEAR(a b)", "a NEAR/2 b", "NEAR(a b, 3)", "AND", "OR", "NOT", "a AND b", "a OR b", "a NOT b", "NOT a", "AND AND",
    "(a", "a)", "((a))", "a:b", "prompt:", "response:", "prompt: a", "-prompt:", "prompt:-a", "prompt:prompt:a",
    "PROMPT:a", "prompt:*", 'prompt:"', 'prompt:"a b"*', "{prompt response_0}: a", "rowid:1", "rank", "entry_search",
    "^a", "a + b", '"a" + "b"', "a*b", "*a", "a**", '"a*"', '"a"*', '"" ""', '"', '""', '"""', '" "', '-"', '-""',
    '-"a', "- a", "--a", "---", "-*", "-", "*", "***", "'; DROP TABLE entry; --", "' OR 1=1 --", "1; SELECT 1", "%00",
    "%ud83d", "%", "${a}", "{{ 7 * 7 }}", "<script>alert(1)</script>", "<mark>", "&amp;", "../../etc/passwd", "\\x00",
    "NULL", "None", "nan", "“a b”", "„a b“", "«a»", "「北京」", "a\u00a0b", "0", "-1", "1e999", "0x10", "\uff11\uff12",
]  # fmt: skip
LONG = [
    "\ud7ff" * 5, "\U0010ffff" * 5, "\ue000" * 5,
    "a" * 10_000, "a " * 5_000, '"a ' * 500, "-a " * 500, "-" * 10_000, "*" * 10_000, '"' * 9_999, "(" * 10_000,
    "北" * 3_000, "\u0301" * 3_000, "😀" * 2_000, "a*" * 5_000, "prompt:" * 1_400, "a-" * 5_000, '"' + "a " * 4_999,
    "é" * 5_000, " ".join(f"w{n}" for n in range(1_800)), "-" + "a -" * 3_000, "\u202e" * 3_000, "&" * 10_000,
]  # fmt: skip


def mixtures(count: int) -> list[str]:
    random = Random(253)
    parts = [*WORDS, *SIGNS, *ODD, *SYNTAX]
    return ["".join(random.choices(parts, k=random.randrange(1, 9))) for _ in range(count)]


NASTY = [*SIGNS, *ODD, *SYNTAX, *LONG, *mixtures(120)]
TROUBLE = ("sqlite", "fts5", "operationalerror", "traceback", "syntax error", "malformed match", "unrecognized token")


@pytest.fixture
def pairs(client: TestClient, database: Database, tmp_path: Path) -> TestClient:
    import_rows(database, tmp_path, [row(n, response_0=f"{text} {text}") for n, text in enumerate(WORDS)])
    return client


def test_nothing_typed_is_an_error(pairs: TestClient) -> None:
    assert len(NASTY) >= 253
    for q in NASTY:
        for path in ("/datasets/pairs/entries", "/api/v1/datasets/pairs/entries"):
            answer = pairs.get(path, params={"q": q})
            assert answer.status_code == 200, ascii(q)[:80]
            assert not any(word in answer.text.lower().replace(q.lower(), "") for word in TROUBLE), ascii(q)[:80]


def test_nothing_typed_breaks_an_entry(pairs: TestClient) -> None:
    for q in [*SYNTAX, *LONG]:
        assert pairs.get("/entries/1", params={"q": q}).status_code == 200, ascii(q)[:80]


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%ed%a0%bd", "q=a%00b", "q=%", "q=%zz", "q=+++", "q=%F0%9F", "q"])
def test_no_bytes_are_an_error(pairs: TestClient, query: str) -> None:
    assert pairs.get(f"/datasets/pairs/entries?{query}").status_code == 200


def test_random_values_of_every_parameter_are_answered(pairs: TestClient) -> None:
    facets = pairs.get("/api/v1/datasets/pairs/entries").json()["facets"]
    names = [*facets, *(f"not_{name}" for name in facets)]
    names += ["q", "sort", "seed", "min_length", "max_length", "after", "page", "entry", "limit", "category_match"]
    random = Random(1)
    values = ["", "0", "1", "-1", "yes", "no", "all", "any", "random", "relevance", "9" * 30, "1-1", *ODD, *SYNTAX]
    for _ in range(400):
        chosen = [(random.choice(names), random.choice(values)) for _ in range(random.randrange(1, 4))]
        answer = pairs.get("/datasets/pairs/entries", params=chosen)
        assert answer.status_code in (200, 422), ascii(chosen)
        assert not any(word in answer.text.lower() for word in TROUBLE), ascii(chosen)
    for name in names:
        for value in random.sample(values, 6):
            answer = pairs.get("/api/v1/datasets/pairs/entries", params={name: value})
            assert answer.status_code in (200, 422), ascii((name, value))


def test_more_than_fits_into_links_is_refused(pairs: TestClient) -> None:
    for path in ("/datasets/pairs/entries", "/api/v1/datasets/pairs/entries", "/entries/1"):
        answer = pairs.get(path, params={"q": "a" * 10_001})
        assert answer.status_code == 422
        assert "q must have at most 10,000 characters." in answer.text
