"""A review with its verdicts, comment and flag as plain data: what the event log keeps before and after a change."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.models import Review, ReviewState, Verdict
from app.models.label_field import LABEL_FIELDS
from app.terms.flag_kind import FlagKind

Snapshot = dict[str, Any]
UNDONE = "review.undone"  # an event's kind
REVEALED = "review.revealed"
_ORDER = list(LABEL_FIELDS)
_VERDICT = ("label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason")
_NOT_SAID = {"revision": 0, "seconds": None, "guideline_id": None, "shuffled": False, "left_position": None}


def take_snapshot(review: Review, comment: str, flag: str) -> Snapshot:
    return {
        "revision": review.revision,
        "state": str(review.state),
        "blind": review.blind,
        "shuffled": review.shuffled,
        "left_position": review.left_position,
        "first_answers": review.first_answers,
        "guideline_id": review.guideline_id,
        "seconds": review.active_seconds,
        "verdicts": [as_data(verdict) for verdict in review.verdicts],
        "comment": comment,
        "flagged": bool(flag),
        "flag": flag,
    }


def nothing() -> Snapshot:
    """Of a review that there is not."""
    return {
        "revision": 0,
        "state": str(ReviewState.WITHDRAWN),
        "blind": False,
        "shuffled": False,
        "left_position": None,
        "first_answers": None,
        "guideline_id": None,
        "seconds": None,
        "verdicts": [],
        "comment": "",
        "flagged": False,
        "flag": "",
    }


def whole(snapshot: Mapping[str, Any] | None) -> Snapshot:
    """Of an event of any release: what it does not mention is as in a review of its time."""
    found = {**nothing(), **(snapshot or {})}
    if found["flagged"] and not found["flag"]:
        found["flag"] = str(FlagKind.OTHER)
    return found


def kind_of_save(before: Snapshot | None) -> str:
    """The kind of event that a save is."""
    return "review.revised" if before and before["state"] != ReviewState.WITHDRAWN else "review.recorded"


def as_data(verdict: Verdict) -> dict[str, Any]:
    """Without `outdated`: imports set that, and it follows from the label that is stored now."""
    return {name: getattr(verdict, name) for name in _VERDICT}


def in_label_order(verdicts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """As every snapshot has its verdicts, so that equal ones are equal."""
    return sorted(verdicts, key=lambda verdict: _ORDER.index(verdict["label_field"]))


def says_the_same(one: Snapshot, other: Snapshot) -> bool:
    """Equal but for when and how it was said."""
    return {**one, **_NOT_SAID} == {**other, **_NOT_SAID}
