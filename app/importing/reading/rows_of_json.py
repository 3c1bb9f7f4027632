"""One JSON text to one record: the row, or the sentence that says what is wrong with it."""

import json
import re

import orjson

from app.importing.reading.records import RAW_BYTES, Record

REPEATED_KEY = "a key is given twice; the last one counts"
CUT_OFF = "is cut off: the file ends in the middle of this row"
_NO_NUMBER = re.compile(r"-?(?:NaN|Infinity)")


def read_row(number: int, raw: bytes, *, is_last: bool) -> Record:
    """`is_last`: nothing follows it, so that it may be cut off."""
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Record(number, raw[:RAW_BYTES], None, _why_not_json(raw, error, is_last))
    if type(row) is not dict:
        return Record(number, raw[:RAW_BYTES], None, "is JSON, but not an object")
    if raw.count(b":") != _keys_on_top(row) and _repeats_a_key(raw, row):
        return Record(number, raw, row, None, (REPEATED_KEY,))
    return Record(number, raw, row)


def _why_not_json(raw: bytes, error: orjson.JSONDecodeError, is_last: bool) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError as undecodable:
        if is_last and undecodable.end == len(raw) and "end of data" in undecodable.reason:
            return CUT_OFF
        return f"is not valid UTF-8 at byte {undecodable.start + 1}"
    if error.msg == "unexpected end of data":
        return CUT_OFF if is_last else "is not JSON: it ends too early"
    if "surrogate" in error.msg:
        return f"holds half of a surrogate pair at column {error.colno}"
    if "depth" in error.msg:
        return "is nested too deeply"
    if found := _NO_NUMBER.match(text, max(0, error.pos - (error.msg == "no digit after sign"))):
        return f"is not JSON: {found[0]} is no number in JSON"
    return f"is not JSON: {error.msg} at column {error.colno}"


def _keys_on_top(row: dict[str, object]) -> int:
    """Of the row, and of the objects in it."""
    count = len(row)
    for value in row.values():
        if type(value) is dict:
            count += len(value)
    return count


def _repeats_a_key(raw: bytes, row: dict[str, object]) -> bool:
    """Asked when there are more colons than keys: texts hold some too, so look closer, dearer step by step."""
    ends = raw.count(b'":')
    if ends == _keys_on_top(row) or ends - raw.count(b'\\":') == _keys(row):
        return False
    repeated = False

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        nonlocal repeated
        made = dict(pairs)
        repeated = repeated or len(made) < len(pairs)
        return made

    try:
        json.loads(raw, object_pairs_hook=look, parse_int=len, parse_float=len)
    except RecursionError:
        return False
    return repeated


def _keys(row: dict[str, object]) -> int:
    """In all of it, however deep."""
    count = 0
    waiting: list[object] = [row]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            count += len(value)
            waiting += value.values()
        elif type(value) is list:
            waiting += value
    return count
