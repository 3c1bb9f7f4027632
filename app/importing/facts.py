"""An entry that is here already, as an import compares it with a row of the source."""

from typing import Any, NamedTuple


class RawLabels(NamedTuple):
    """Every label as the tables hold it; of a response (is_safe, severity_level, harm_categories)."""

    better_response_id: int | None
    safer_response_id: int | None
    responses: tuple[tuple[Any, ...], ...]


class Facts(NamedTuple):
    """All of an entry that a revision may say differently; its texts are what it is known by."""

    subset: str | None
    row: int
    prompt_source: str | None
    contradictions: int
    extra: str | None
    sources: tuple[str | None, ...]  # of its responses
    hashes: tuple[str | None, ...]
    labels: RawLabels


class Existing(NamedTuple):
    id: int
    content_key: bytes
    occurrence: int
    split: str
    withdrawn: bool
    facts: Facts
