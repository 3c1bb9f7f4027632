"""Entries with the same prompt whose responses are nearly those of one: what was said of them says something of it."""

from dataclasses import dataclass
from typing import Any

from rapidfuzz.fuzz import ratio
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.browsing.joining import SIDES, with_responses
from app.models import Entry
from app.terms.content_key import PROMPT_KEY_BYTES

LEAST_ALIKE = 90  # per cent of the characters
MOST_COMPARED = 50  # entries
_COMPARED_CHARACTERS = 4_000  # from the beginning of each response

# By id, SQLite would walk the whole table for it.
_CANDIDATES = (
    with_responses(select(Entry.id, *(func.substr(side.text, 1, _COMPARED_CHARACTERS) for side in SIDES)))
    .where(
        Entry.dataset_id == bindparam("dataset_id"),
        Entry.content_key.between(bindparam("lowest"), bindparam("highest")),
        Entry.id != bindparam("id"),
        Entry.withdrawn.is_(False),
    )
    .order_by(Entry.content_key, Entry.occurrence)
    .limit(MOST_COMPARED)
)


@dataclass(frozen=True)
class NearIdentical:
    """Not which response is like which: of an entry that is still to be judged that would tell the order."""

    id: int
    alike: int  # per cent of the characters, of the pair of responses that is less alike


def find_near_identical(db: Session, entry: Entry) -> tuple[NearIdentical, ...]:
    """The most alike first; in either order of the responses."""
    texts = [response.text[:_COMPARED_CHARACTERS] for response in entry.responses]
    if not texts:
        return ()
    rows = db.connection().execute(_CANDIDATES, _about(entry))
    compared = [NearIdentical(other, int(_alikeness(texts, others[: len(texts)]))) for other, *others in rows]
    return tuple(sorted((near for near in compared if near.alike >= LEAST_ALIKE), key=lambda near: -near.alike))


def _alikeness(texts: list[str], others: list[str]) -> float:
    return max(_least(texts, others), _least(texts, others[::-1]))


def _least(texts: list[str], others: list[str]) -> float:
    return min(ratio(text, other, score_cutoff=LEAST_ALIKE) for text, other in zip(texts, others, strict=True))


def _about(entry: Entry) -> dict[str, Any]:
    prefix, rest = entry.content_key[:PROMPT_KEY_BYTES], len(entry.content_key) - PROMPT_KEY_BYTES
    about = {"dataset_id": entry.dataset_id, "id": entry.id}
    return {**about, "lowest": prefix + b"\0" * rest, "highest": prefix + b"\xff" * rest}
