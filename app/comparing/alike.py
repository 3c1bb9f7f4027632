"""Entries with the same prompt whose responses are nearly those of one: what was said of them says something of it."""

from dataclasses import dataclass

from rapidfuzz.fuzz import ratio
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.browsing.joining import SIDES, with_responses
from app.comparing.others import WITHIN_KEYS, keys_of_prompt
from app.models import Entry

LEAST_ALIKE = 90  # per cent of the characters
MOST_COMPARED = 50  # entries
_COMPARED_CHARACTERS = 4_000  # from the beginning of each response

# By id, SQLite would walk the whole table for it.
_CANDIDATES = (
    with_responses(select(Entry.id, *(func.substr(side.text, 1, _COMPARED_CHARACTERS) for side in SIDES)))
    .where(*WITHIN_KEYS)
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
    rows = db.connection().execute(_CANDIDATES, keys_of_prompt(entry))
    compared = [NearIdentical(other, int(_alikeness(texts, others[: len(texts)]))) for other, *others in rows]
    return tuple(sorted((near for near in compared if near.alike >= LEAST_ALIKE), key=lambda near: -near.alike))


def _alikeness(texts: list[str], others: list[str]) -> float:
    return max(_least(texts, others), _least(texts, others[::-1]))


def _least(texts: list[str], others: list[str]) -> float:
    return min(ratio(text, other, score_cutoff=LEAST_ALIKE) for text, other in zip(texts, others, strict=True))
