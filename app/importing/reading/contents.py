"""Looks at the beginning of a text file: whether it is text at all, and which of the JSON formats it is in truth."""

import re
from pathlib import Path

from app.errors import InvalidInput

HEAD_BYTES = 64 * 1024
_MARKS = {
    b"\xff\xfe\0\0": "UTF-32", b"\0\0\xfe\xff": "UTF-32", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16",
}  # fmt: skip
_OTHERS = {
    b"PAR1": "is a Parquet file: name it .parquet, or say --format parquet",
    b"ARROW1": "is an Arrow file: name it .arrow, or say --format arrow",
    b"PK\x03\x04": "is a ZIP archive: unpack it first",
    b"BZh": "is packed with bzip2: unpack it first",
    b"version https://git-lfs": "is a Git LFS pointer, not the file itself: run git lfs pull",
}
# Of all characters. A damaged row may hold some; a picture holds nothing else.
_MOST_UNREADABLE = 0.05
_ARRAY = re.compile(rb"\s*\[")
_ARRAY_OF_OBJECTS = re.compile(rb"\s*\[\s*\{")  # what a line of JSON lines hardly begins with


def refuse_what_is_no_text(path: Path, head: bytes) -> None:
    for first, what in _OTHERS.items():
        if head.startswith(first):
            raise InvalidInput(f"{path}: {what}.", "source")
    if encoding := _wide_encoding(head):
        raise InvalidInput(
            f"{path}: is {encoding}: convert it, for example with iconv -f {encoding} -t UTF-8.", "source"
        )
    text = head.decode(errors="replace")
    if text.count("\ufffd") + text.count("\0") > _MOST_UNREADABLE * len(text):
        raise InvalidInput(f"{path}: holds no text but binary data, so it is not what its name says.", "source")


def _wide_encoding(head: bytes) -> str | None:
    """By its mark, or by where the zero bytes of ordinary letters stand."""
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    empty = [head[offset::4].count(0) > len(head) // 8 for offset in range(4)]
    if sum(empty) == 3:
        return "UTF-32"
    return "UTF-16" if empty in ([True, False] * 2, [False, True] * 2) else None


def is_json_array(head: bytes, file_format: str) -> bool:
    return (_ARRAY if file_format == "json" else _ARRAY_OF_OBJECTS).match(head) is not None


def is_spread_object(head: bytes) -> bool:
    """One JSON object over many lines, as a program writes it that has something else to say than rows."""
    first_line, end, _ = head.lstrip().partition(b"\n")
    return bool(end) and first_line.rstrip() == b"{"
