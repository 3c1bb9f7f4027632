"""Finds the contradictions of one row, and those that only several rows together have."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.importing.schemas import MappedResponse, MappedRow
from app.importing.schemas.rows import hash_matches
from app.terms.contradiction import Contradiction

C = Contradiction
_NONE = C(0)  # made once: an import asks for it with every row, and making a flag is slow


def contradictions_of(row: MappedRow) -> Contradiction:
    found = _NONE
    for response in row.responses:
        of_response = _of_response(response)
        if of_response is not None:
            found |= of_response
        if not hash_matches(row.prompt, response):
            found |= C.HASH_MISMATCH
    if len(row.responses) == 2 and row.responses[0].text == row.responses[1].text:
        found |= C.SAME_TEXTS
    if row.safer_response_id is not None:
        safer = row.responses[row.safer_response_id]
        if _is_less_safe(safer, row.responses[1 - row.safer_response_id]):
            found |= C.SAFER_IS_LESS_SAFE
    return found


def _of_response(response: MappedResponse) -> Contradiction | None:
    if response.is_safe is True and (response.severity_level or response.harm_categories):
        return C.SAFE_BUT_SEVERE
    if response.is_safe is False and 0 in (response.severity_level, response.harm_categories):
        return C.UNSAFE_WITHOUT_CAUSE
    return None


def _is_less_safe(one: MappedResponse, other: MappedResponse) -> bool:
    """By the safe flag, then by severity; unknown compares with nothing."""
    if one.is_safe is None or other.is_safe is None:
        return False
    if one.is_safe != other.is_safe:
        return other.is_safe
    if one.severity_level is None or other.severity_level is None:
        return False
    return one.severity_level > other.severity_level


@dataclass(frozen=True)
class Copy:
    """One of several entries with the same prompt and responses."""

    entry_id: int
    content_key: bytes
    split: str
    labels: tuple[object, ...]


def contradictions_across(copies: Iterable[Copy]) -> dict[int, Contradiction]:
    """Entry id to what it has in common, or at odds, with the other copies of its pair."""
    groups: dict[bytes, list[Copy]] = defaultdict(list)
    for copy in copies:
        groups[copy.content_key].append(copy)
    return {copy.entry_id: _of_group(group) for group in groups.values() if len(group) > 1 for copy in group}


def _of_group(group: Sequence[Copy]) -> Contradiction:
    found = C.DUPLICATE
    if len({copy.labels for copy in group}) > 1:
        found |= C.DUPLICATE_LABELS_DIFFER
    if len({copy.split for copy in group}) > 1:
        found |= C.TRAIN_AND_TEST
    return found
