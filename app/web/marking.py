"""Texts of a dataset for pages: escaped, hits of a search marked, and characters visible that would not be."""

import re
from collections.abc import Sequence

from markupsafe import Markup, escape

from app.browsing.searching.highlighting import Piece

_CONTROLS = {code: chr(0x2400 + code) for code in range(32) if chr(code) not in "\t\n\r"} | {0x7F: "\u2421"}
_NAMES = {
    0x200B: "ZWSP", 0x2060: "WJ", 0xFEFF: "BOM",
    0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
    0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
}  # fmt: skip
_NAMES |= {code: f"U+{code:04X}" for code in range(0x80, 0xA0)}
_SIGNS = _CONTROLS | {code: f"\u27ea{name}\u27eb" for code, name in _NAMES.items()}
_ANY = re.compile("[" + "".join(map(chr, _SIGNS)) + "]")


def visible(text: str) -> str:
    """With a symbol for each control character, and ⟪RLO⟫ and the like for what is not seen at all."""
    return text if text.isprintable() or not _ANY.search(text) else text.translate(_SIGNS)


def marked(pieces: Sequence[Piece]) -> Markup:
    """As a filter, since a list of entries has two hundred texts: a macro takes three times as long."""
    for _, hit in pieces:
        if hit:
            break
    else:
        return escape(visible("".join([text for text, _ in pieces])))
    texts = [(escape(visible(piece.text)), piece.hit) for piece in pieces]
    return Markup("".join(f"<mark>{text}</mark>" if hit else text for text, hit in texts))  # nosec B704 # noqa: S704 - escaped
