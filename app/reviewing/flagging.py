"""Flags on many entries at once."""

from collections.abc import Collection, Sequence

from sqlalchemy.orm import Session

from app.importing.chunks import chunks
from app.models import Dataset, DecisionKind, Reviewer, ReviewState
from app.reviewing.applying import Change, Labels
from app.reviewing.many import ManyChanged, change_of, check_number, check_presence, find_mine, save_changes
from app.reviewing.snapshot import nothing
from app.terms.flag_kind import FlagKind


def flag_entries(
    db: Session, reviewer: Reviewer, dataset: Dataset, entry_ids: Collection[int], flag: FlagKind | None
) -> ManyChanged:
    """None takes the flags away. Entries that the reviewer flagged so already stay as they are."""
    check_number(len(entry_ids))
    check_presence(db, dataset, sorted(entry_ids))
    no_labels: Labels = {}  # no verdict changes
    parts = ((_changes(db, reviewer, chunk, str(flag or "")), no_labels) for chunk in chunks(sorted(entry_ids)))
    return save_changes(db, reviewer, dataset, DecisionKind.FLAGS, parts)


def _changes(db: Session, reviewer: Reviewer, entry_ids: Sequence[int], flag: str) -> list[Change]:
    changes = []
    for entry_id, review, before in find_mine(db, reviewer, entry_ids):
        said = before or nothing()
        if said["flag"] == flag:
            continue
        state = _state_without_verdicts(bool(flag or said["comment"] or said["first_answers"]))
        after = {"flagged": bool(flag), "flag": flag, "state": said["state"] if said["verdicts"] else state}
        changes.append(change_of(reviewer, entry_id, review, before, **after))
    return changes


def _state_without_verdicts(says_something: bool) -> str:
    """Without verdict, answer, comment and flag there is no review left."""
    return str(ReviewState.DRAFT if says_something else ReviewState.WITHDRAWN)
