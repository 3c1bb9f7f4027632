"""What a dataset card says, picked out of its YAML head and its Markdown.

The passages stay Markdown: how they are shown, and made harmless, is a matter of the door that shows them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.importing.languages import language_name

MOST_CHARACTERS = 100_000  # of a card that are looked at: Markdown can be made to take long
_MOST_WORDS, _LONGEST_WORD = 40, 80  # of a list in the YAML head
_MOST_SECTIONS = 200
_SUMMARY_CHARACTERS = 1_500
_BLOCKS = MarkdownIt("commonmark").enable("table")
_BLOCKS.core.ruler.enableOnly(["normalize", "block"])
_SUMMARY = re.compile(r"\b(summary|description|overview|introduction|about)\b", re.IGNORECASE)
_COLLECTION = re.compile(r"collect|annotat|curat|\b(creation|provenance|how .*(made|built|labell?ed))\b", re.IGNORECASE)
_BIBTEX = re.compile(r"\s*@[A-Za-z]+\s*\{")
_LINE_END = re.compile(r"\r\n?")  # as Markdown sees it: other separators of lines are none
_SIZE = re.compile(r"\s*(?:(\d+[KMBT]?)\s*<)?\s*n\s*([<>])\s*(\d+[KMBT]?)\s*")
_POWERS = {"K": "000", "M": "000000", "B": "000000000", "T": "000000000000"}


@dataclass(frozen=True)
class CardHead:
    """From the YAML head."""

    licences: tuple[str, ...]  # codes
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    tasks: tuple[str, ...]
    sizes: tuple[str, ...]


@dataclass(frozen=True)
class CardBody:
    """From the text below it; passages of Markdown, empty when the card has no such thing."""

    summary: str
    collection: str
    citation: str
    whole: str  # cut to MOST_CHARACTERS
    references: dict[str, Any]  # what links of the form [text][name] point at, for every passage
    is_cut: bool


def read_head(data: Mapping[str, Any], licence: str | None) -> CardHead:
    """`licence` is the one the import found; the head's own list stands in when there is none."""
    codes = _words(licence.split(",") if licence else data.get("license"))
    return CardHead(
        licences=tuple(code.lower() for code in codes),
        languages=tuple(map(language_name, _words(data.get("language")))),
        tags=_words(data.get("tags")),
        tasks=tuple(word.replace("-", " ") for word in _words(data.get("task_categories"))),
        sizes=tuple(map(size_in_words, _words(data.get("size_categories")))),
    )


def _words(value: Any) -> tuple[str, ...]:
    """A head is YAML that anybody may have written: whatever is no text is left out."""
    values = value if isinstance(value, list) else [value]
    words = (one.strip()[:_LONGEST_WORD] for one in values if isinstance(one, str))
    return tuple(dict.fromkeys(filter(None, words)))[:_MOST_WORDS]


def size_in_words(size: str) -> str:
    """10K<n<100K -> 10,000 to 100,000; n<1K -> fewer than 1,000."""
    found = _SIZE.fullmatch(size)
    if found is None:
        return size
    least, sign, bound = found.groups()
    if least is not None:
        return f"{_in_full(least)} to {_in_full(bound)}"
    return f"{'fewer' if sign == '<' else 'more'} than {_in_full(bound)}"


def _in_full(number: str) -> str:
    return f"{int(number.rstrip('KMBT') + _POWERS.get(number[-1], '')):,}"


@lru_cache(maxsize=16)
def read_body(card: str) -> CardBody:
    text = card[:MOST_CHARACTERS]
    env: dict[str, Any] = {}
    tokens = _BLOCKS.parse(text, env)
    lines = _LINE_END.sub("\n", text).split("\n")
    sections = list(_sections(tokens, len(lines)))
    return CardBody(
        summary=_summary(tokens, lines, sections),
        collection="\n".join(_collection(lines, sections)),
        citation=_citation(tokens),
        whole=text,
        references=env.get("references", {}),
        is_cut=len(card) > len(text),
    )


@dataclass(frozen=True)
class _Section:
    title: str
    level: int
    start: int  # line of its heading
    body: int  # line after its heading
    own_end: int  # line of the next heading
    end: int  # line of the next heading that is not below it


def _sections(tokens: list[Token], lines: int) -> Iterator[_Section]:
    headings = [
        (token.map, int(token.tag[1:]), tokens[place + 1].content)
        for place, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0 and token.map
    ][:_MOST_SECTIONS]
    for place, ((start, body), level, title) in enumerate(headings):
        following = headings[place + 1 :]
        own_end = following[0][0][0] if following else lines
        end = next((span[0] for span, other, _ in following if other <= level), lines)
        yield _Section(title, level, start, body, own_end, end)


def _summary(tokens: list[Token], lines: list[str], sections: list[_Section]) -> str:
    """Of the section that calls itself one, else what comes first."""
    named = [(section.body, section.own_end) for section in sections if _SUMMARY.search(section.title)]
    before = (0, sections[0].start if sections else len(lines))
    spans = [*(named or [before]), *((section.body, section.own_end) for section in sections)]
    return next(filter(None, (_beginning(tokens, lines, *span) for span in spans)), "")


def _beginning(tokens: list[Token], lines: list[str], start: int, end: int) -> str:
    """The first whole blocks of these lines; nothing of a block that is too long."""
    kept = start
    for token in tokens:
        if token.level or not token.map or token.map[0] < start or token.nesting < 0:
            continue
        if token.map[1] > end or len("\n".join(lines[start : token.map[1]])) > _SUMMARY_CHARACTERS:
            break
        kept = token.map[1]
    return "\n".join(lines[start:kept]).strip()


def _collection(lines: list[str], sections: list[_Section]) -> Iterator[str]:
    """Each section that speaks of it, with those below it."""
    after = 0
    for place, section in enumerate(sections):
        is_title = place == 0 and section.level == 1
        if section.start >= after and not is_title and _COLLECTION.search(section.title):
            after = section.end
            yield "\n".join(lines[section.start : section.end])


def _citation(tokens: list[Token]) -> str:
    blocks = (token for token in tokens if token.type in ("fence", "code_block"))
    wanted = (b for b in blocks if b.info.strip().lower() in ("bib", "bibtex") or _BIBTEX.match(b.content))
    return "\n\n".join(block.content.strip() for block in wanted)
