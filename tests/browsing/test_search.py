"""Whatever is typed finds what it says, and never errors."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.browsing.highlighting import Piece, marker, snippet
from app.browsing.search import parse_search
from app.db import Database
from tests.factories import import_rows, row

TEXTS = [
    "The kettle sings, the café is open.",
    "An open-air kettle museum, in Zürich.",
    "我们明天去北京图书馆看书。",
    "Nothing but the crypto currency of cabbages.",
    "C++ & <b>bold</b> kettles",
]


@pytest.fixture
def found(client: TestClient, database: Database, tmp_path: Path):  # type: ignore[no-untyped-def]
    lines = [row(n, prompt=f"Prompt {n} cabbage", response_0=text) for n, text in enumerate(TEXTS)]
    import_rows(database, tmp_path, lines)

    def search(q: str) -> list[int]:
        response = client.get("/api/v1/datasets/pairs/entries", params={"q": q})
        assert response.status_code == 200
        return [entry["id"] - 1 for entry in response.json()["entries"]]

    return search


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("kettle", [0, 1]),
        ("KETTLE", [0, 1]),
        ("kettle open", [0, 1]),
        ("kettle -museum", [0]),
        ("-kettle", [2, 3, 4]),
        ('"open air"', [1]),
        ('"air open"', []),
        ("open-air", [1]),
        ("cafe", [0]),
        ("ZURICH", [1]),
        ("北京", [2]),
        ("京北", []),
        ("图书馆", [2]),
        ("crypt*", [3]),
        ("kettle*", [0, 1, 4]),
        ("prompt:cabbage", [0, 1, 2, 3, 4]),
        ("response:cabbage", []),
        ("response:cabbages", [3]),
        ("-prompt:cabbage", []),
        ('response:"nothing but"', [3]),
        ("bold", [4]),
        ("***", []),
        ('"', []),
        ("kettle AND", []),
        ("AND", []),
        ("but OR the", []),
    ],
)
def test_search_finds(found, q: str, expected: list[int]) -> None:  # type: ignore[no-untyped-def]
    assert found(q) == expected


def test_more_searches_than_are_remembered(found) -> None:  # type: ignore[no-untyped-def]
    for number in range(140):
        assert found(f"kettle -nothing{number}") == [0, 1]


NASTY = [
    "'", '"', '""', '"""', "(", ")", "*", "^", ":", "-", "--", "-*", "+", "a:b", "prompt:", "prompt:-a", "NEAR(a b)",
    "a NEAR/2 b", "NOT", "a NOT b", "{prompt}", "rowid:1", "entry_search", "\\", "%", "_", "a\0b", "\u202e", "😀",
    "'; DROP TABLE entry; --", "a" * 10_000, "a " * 5_000, '"a ' * 500, "-a " * 500, "북", "ﬁ", "İ", "\ud83d", "C++",
]  # fmt: skip


@pytest.mark.parametrize("q", NASTY, ids=lambda q: ascii(q)[:20])
def test_nothing_typed_is_an_error(found, client: TestClient, q: str) -> None:  # type: ignore[no-untyped-def]
    typed = q.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    found(typed)
    for path in ("/datasets/pairs/entries", "/entries/1"):
        assert client.get(path, params={"q": typed}).status_code == 200


@pytest.mark.parametrize(
    ("q", "text", "hits"),
    [
        ("open", "Open the open door; reopen it not.", ["Open", "open"]),
        ('"the door"', "The  door, the-door, thedoor", ["The  door", "the-door"]),
        ("cafe", "Café CAFÉ cafes", ["Café", "CAFÉ"]),
        ("crypto*", "cryptography and crypto", ["cryptography", "crypto"]),
        ("北京", "去北京，北 京", ["北京", "北 京"]),
        ("-open door", "open door", ["door"]),
        ("prompt:door", "door", []),
        ("İ", "İstanbul İ", ["İ"]),
        ("дом", "Дом и домик", ["Дом"]),
    ],
)
def test_hits_are_marked_in_responses(q: str, text: str, hits: list[str]) -> None:
    pieces = marker(parse_search(q), "response").mark(text)
    assert [piece.text for piece in pieces if piece.hit] == hits
    assert "".join(piece.text for piece in pieces) == text


def test_snippet_shows_the_beginning_or_the_first_hit() -> None:
    text = "word " * 100 + "needle in the hay " + "word " * 100
    plain = snippet(text, marker(None, "response"), 60)
    assert plain == [Piece(("word " * 12)[:60].rstrip()), Piece(" …")]
    around = snippet(text, marker(parse_search("needle"), "response"), 60)
    assert around[0] == Piece("… ")
    assert Piece("needle", hit=True) in around
    assert len("".join(piece.text for piece in around)) < 70
