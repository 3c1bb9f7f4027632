"""A review with its verdicts, comment and flag as plain data: what the event log keeps before and after a change."""

from typing import Any

from app.models import Review, ReviewState, Verdict

Snapshot = dict[str, Any]
UNDONE = "review.undone"  # an event's kind
_VERDICT = ("label_field", "stored_value", "first_value", "verdict", "corrected_value", "reason")


def take_snapshot(review: Review, comment: str, flagged: bool) -> Snapshot:
    return {
        "revision": review.revision,
        "state": str(review.state),
        "blind": review.blind,
        "verdicts": [as_data(verdict) for verdict in review.verdicts],
        "comment": comment,
        "flagged": flagged,
    }


def nothing() -> Snapshot:
    """Of a review that there is not."""
    return {
        "revision": 0,
        "state": str(ReviewState.WITHDRAWN),
        "blind": False,
        "verdicts": [],
        "comment": "",
        "flagged": False,
    }


def kind_of_save(before: Snapshot | None) -> str:
    """The kind of event that a save is."""
    return "review.revised" if before and before["state"] != ReviewState.WITHDRAWN else "review.recorded"


def as_data(verdict: Verdict) -> dict[str, Any]:
    """Without `outdated`: imports set that, and it follows from the label that is stored now."""
    return {name: getattr(verdict, name) for name in _VERDICT}


def says_the_same(one: Snapshot, other: Snapshot) -> bool:
    """Equal but for the revision counter."""
    return {**one, "revision": 0} == {**other, "revision": 0}
