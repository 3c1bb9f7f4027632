"""Whatever is typed finds what it says, and never errors."""

from pathlib import Path
from random import Random

import pytest
from starlette.testclient import TestClient

from app.browsing.searching.highlighting import Marker, Piece, marker, snippet
from app.browsing.searching.search import parse_search
from app.browsing.searching.words import words_of
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
        ("kettle & open", [0, 1]),
        ("kettle -***", [0, 1]),
        ("kettle kettle", [0, 1]),
        ("kettle -kettle", []),
        ("prompt:-cabbage", []),
        ("“open air”", [1]),
        ('"nothing but the cryp"*', [3]),
        ('"open air', [1]),
        ("-kettle -北京", [3, 4]),
    ],
)
def test_search_finds(found, q: str, expected: list[int]) -> None:  # type: ignore[no-untyped-def]
    assert found(q) == expected


def test_more_searches_than_are_remembered(found) -> None:  # type: ignore[no-untyped-def]
    for number in range(140):
        assert found(f"kettle -nothing{number}") == [0, 1]


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
        ("cafe", "cafe\u0301s, cafe\u0301", ["cafe\u0301"]),
        ("ёлка", "Ёлка, елка", ["Ёлка"]),
        ("北", "北京abc北", ["北", "北"]),
        ("abc", "北京abc北, abcd", ["abc"]),
        ('open "open air"', "open air, open", ["open air", "open"]),
        ('"a b" "b c"', "a b c", ["a b c"]),
        ("🤔", "well 🤔 then", ["🤔"]),
        ("a_b", "a_b, a-b, ab", ["a_b", "a-b"]),
    ],
)
def test_hits_are_marked_in_responses(q: str, text: str, hits: list[str]) -> None:
    pieces = marker(parse_search(q), "response").mark(text)
    assert [piece.text for piece in pieces if piece.hit] == hits
    assert "".join(piece.text for piece in pieces) == text


def shown(text: str, q: str, length: int = 120) -> str:
    return "".join(f"[{piece.text}]" if piece.hit else piece.text for piece in snippet(text, sought(q), length))


def sought(q: str) -> Marker:
    return marker(parse_search(q), "response")


def test_snippet_shows_the_beginning_or_the_first_hit() -> None:
    text = "word " * 100 + "needle in the hay " + "word " * 100
    plain = snippet(text, marker(None, "response"), 60)
    assert plain == [Piece(("word " * 12)[:60].rstrip()), Piece(" …")]
    around = snippet(text, sought("needle"), 60)
    assert around[0] == Piece("… ")
    assert Piece("needle", hit=True) in around
    assert len("".join(piece.text for piece in around)) < 70


def test_snippet_shows_where_most_of_what_is_sought_stands_together() -> None:
    text = "A lamp. " + "word " * 60 + "The lamp and the kettle. " + "word " * 60 + "Another kettle, another lamp."
    assert shown(text, "lamp kettle").startswith("… word word word word word The [lamp] and the [kettle]. word")
    assert shown(text, "lamp").startswith("A [lamp]. word")
    assert shown(text, "lamp -kettle").startswith("A [lamp]. word")
    assert shown(text, '"another lamp"').endswith("Another kettle, [another lamp].")


def test_snippet_marks_no_word_that_it_cuts() -> None:
    assert shown("open and opener", "open", 13) == "[open] and open …"


def test_hit_at_the_end_of_a_long_text_is_shown(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1, response_1="fern moss " * 100_000 + "walnut")])
    assert "<mark>walnut</mark>" in client.get("/datasets/pairs/entries?q=walnut").text
    assert "<mark>walnut</mark>" in client.get("/entries/1?q=walnut").text


def odd_texts(count: int) -> list[str]:
    """Words of characters from all of Unicode, with accents of their own, without spaces between many."""
    random = Random(4)
    blocks = [0x20, 0xC0, 0x300, 0x370, 0x400, 0x590, 0x600, 0x900, 0xE00, 0x1100, 0x1E00, 0x2000, 0x2100, 0x2600]
    blocks += [0x3000, 0x4E00, 0xAC00, 0xE000, 0xFB00, 0xFF00, 0x1F300, 0x1F900, 0x20000, 0x30]
    return [
        "".join(chr(random.choice(blocks) + random.randrange(96)) if random.random() < 0.7 else " " for _ in range(60))
        for _ in range(count)
    ]


def test_every_entry_that_is_found_shows_a_hit(client: TestClient, database: Database, tmp_path: Path) -> None:
    texts = odd_texts(60)
    import_rows(database, tmp_path, [row(n, response_0=text) for n, text in enumerate(texts)])
    client.cookies.set("texts", "shown")
    words = sorted({word for text in texts for word in words_of(text)})
    for word in Random(5).sample(words, 150):
        page = client.get("/datasets/pairs/entries", params={"q": f'"{word}"'}).text
        found = page.split('<li class="row')[1:]
        assert found, ascii(word)
        assert all("<mark>" in entry for entry in found), ascii(word)


def test_what_a_search_leaves_out_is_said(client: TestClient, database: Database, tmp_path: Path) -> None:
    import_rows(database, tmp_path, [row(1)])

    def sentence(q: str) -> str:
        return str(client.get("/api/v1/datasets/pairs/entries", params={"q": q}).json()["sentence"])

    assert "mention “cactus”, leaving out “&”" in sentence("cactus &")
    assert "leaving out “***”" in sentence("cactus -***")
    assert "“***”, which holds nothing to search for" in sentence("***")
    assert "leaving out the last 5 words" in sentence(" ".join(f"-no{n}" for n in range(45)))
    assert "leaving out the last word" in sentence(f'"{"cactus " * 201}"')
    assert "leaving out" not in sentence(" ".join(f"-no{n}" for n in range(40)))
    assert len(sentence("x" * 10_000)) < 200
