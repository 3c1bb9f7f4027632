"""What differs between two texts: sentences side by side, and in them the words that only one of them has."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Indel

from app.comparing.aligning import align

LONGEST_COMPARED = 100_000  # characters of each text
_MOST_SENTENCES, _MOST_WORDS = 4_000, 1_000  # of a text, of a sentence

# Chinese and Japanese are written without spaces: there, characters are what words are elsewhere.
_CHARACTER = "[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af][\ufe00-\ufe0f\u3099\u309a]*"
# Said by what is no part of a word, so that the marks of Indic scripts and joined emoji stay with their letters.
_PUNCTUATION = r"\s!-/:-@\[-^`{-~\u2000-\u200b\u200e-\u206f\u3000-\u3040\uff00-\uff0f\uff1a-\uff20"
_LETTERS = rf"(?:(?!{_CHARACTER})[^{_PUNCTUATION}])+"
_WORD = re.compile(rf"{_CHARACTER}|{_LETTERS}(?:['’]{_LETTERS}|(?<=\d)[.,:]\d+)*|\S")
# A number of a list is no sentence; a line of code is one, with the blank lines behind it.
_END = (
    r"(?<=[.!?…])(?=\s)|(?<=[.!?…][\"'”’»)\]*_`])(?=\s)"
    r"|(?<=[。！？])(?![。！？」』”’）])|(?<=[。！？][」』”’）])|(?=\n)|\Z"
)
_SENTENCE = re.compile(rf"(?:\s*\d{{1,3}}[.)][^\S\n]+)?.+?(?:{_END})(?:\s*\n|[^\S\n]*)", re.DOTALL)
_EMPTY_LINE = re.compile(r"\n\s*\n\Z")


class Run(NamedTuple):
    text: str
    is_own: bool  # the other text has not these words


class Likeness(StrEnum):
    SAME = "same"
    CHANGED = "changed"
    APART = "apart"  # nothing beside it is like it


class Line(NamedTuple):
    likeness: Likeness
    left: tuple[Run, ...]
    right: tuple[Run, ...]
    begins_paragraph: bool


@dataclass(frozen=True)
class Difference:
    lines: tuple[Line, ...]
    in_both: int  # words
    only_left: int
    only_right: int
    left_out: int  # characters that were too many to compare


class _Sentence(NamedTuple):
    text: str
    words: list[tuple[int, int]]  # where each begins and ends
    code: str  # a character for each word, the same for the same word: strings are what is compared fastest


class _Vocabulary(dict[str, str]):
    def __missing__(self, word: str) -> str:
        self[word] = code = chr(len(self))
        return code


def compare_texts(left: str, right: str) -> Difference:
    vocabulary = _Vocabulary()
    texts = [_sentences(text, vocabulary) for text in (left, right)]
    lines = tuple(_lines(*texts))
    own = [sum(_count(run.text) for line in lines for run in side(line) if run.is_own) for side in (_left, _right)]
    compared = [sum(len(sentence.text) for sentence in text) for text in texts]
    return Difference(
        lines,
        in_both=sum(_count(sentence.text) for sentence in texts[0]) - own[0],
        only_left=own[0],
        only_right=own[1],
        left_out=len(left) + len(right) - sum(compared),
    )


def _left(line: Line) -> tuple[Run, ...]:
    return line.left


def _right(line: Line) -> tuple[Run, ...]:
    return line.right


def _count(text: str) -> int:
    """Words; punctuation is compared, but not counted."""
    return sum(text[word.start()].isalnum() for word in _WORD.finditer(text))


def _sentences(text: str, vocabulary: _Vocabulary) -> list[_Sentence]:
    found: list[_Sentence] = []
    for match in _SENTENCE.finditer(text[:LONGEST_COMPARED]):
        found += _pieces(match.group(), vocabulary)
        if len(found) >= _MOST_SENTENCES:
            break
    return found


def _pieces(sentence: str, vocabulary: _Vocabulary) -> Iterator[_Sentence]:
    """One, unless it goes on and on."""
    words = [word.span() for word in _WORD.finditer(sentence)]
    cuts = [0, *(words[at][0] for at in range(_MOST_WORDS, len(words), _MOST_WORDS)), len(sentence)]
    for place, (start, end) in enumerate(pairwise(cuts)):
        inside = words[place * _MOST_WORDS : (place + 1) * _MOST_WORDS]
        code = "".join([vocabulary[sentence[begin:stop]] for begin, stop in inside])
        yield _Sentence(sentence[start:end], [(begin - start, stop - start) for begin, stop in inside], code)


def _lines(left: Sequence[_Sentence], right: Sequence[_Sentence]) -> Iterator[Line]:
    at_left = at_right = 0
    pairs = align([sentence.code for sentence in left], [sentence.code for sentence in right])
    for i, j in [*pairs, (len(left), len(right))]:
        if at_left < i or at_right < j:
            sides = _apart(left[at_left:i]), _apart(right[at_right:j])
            begins = (at_left < i and _begins(left, at_left)) or (at_right < j and _begins(right, at_right))
            yield Line(Likeness.APART, *sides, begins)
        if i < len(left):
            yield _line(left[i], right[j], _begins(left, i) or _begins(right, j))
        at_left, at_right = i + 1, j + 1


def _begins(sentences: Sequence[_Sentence], at: int) -> bool:
    """After an empty line."""
    return at > 0 and _EMPTY_LINE.search(sentences[at - 1].text) is not None


def _apart(sentences: Sequence[_Sentence]) -> tuple[Run, ...]:
    text = "".join(sentence.text for sentence in sentences).rstrip()
    return (Run(text, is_own=True),) if text else ()


def _line(left: _Sentence, right: _Sentence, begins_paragraph: bool) -> Line:
    differing = [step for step in Indel.opcodes(left.code, right.code) if step.tag != "equal"]
    likeness = Likeness.SAME if left.code == right.code else Likeness.CHANGED
    own_left = _runs(left, [(step.src_start, step.src_end) for step in differing])
    own_right = _runs(right, [(step.dest_start, step.dest_end) for step in differing])
    return Line(likeness, tuple(own_left), tuple(own_right), begins_paragraph)


def _runs(sentence: _Sentence, own: Sequence[tuple[int, int]]) -> Iterator[Run]:
    """Blanks round words of one's own are nobody's own."""
    text, at = sentence.text.rstrip(), 0
    for first, last in own:
        if first < last:
            start, end = sentence.words[first][0], sentence.words[last - 1][1]
            if at < start:
                yield Run(text[at:start], is_own=False)
            yield Run(text[start:end], is_own=True)
            at = end
    if at < len(text):
        yield Run(text[at:], is_own=False)
