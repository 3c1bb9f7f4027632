"""Changes of many reviews in one go: rows and events as if each were made by itself, and one step of undo for all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import InvalidInput, NotFound, TooLarge
from app.importing.chunks import chunks
from app.models import Dataset, Decision, DecisionKind, Entry, Event, Review, Reviewer, Skip
from app.models.label_field import fields_of
from app.reviewing.applying import Applied, Change, Labels, apply_changes, record_decision
from app.reviewing.snapshot import Snapshot, kind_of_save, nothing, whole
from app.reviewing.undoing import find_snapshots
from app.terms.flag_kind import FlagKind

MOST_AT_ONCE = 10_000
_OF_MANY = (DecisionKind.FLAGS, DecisionKind.VERDICTS)


@dataclass(frozen=True)
class ManyChanged:
    """What a reviewer did to many entries, or that there was nothing to do, as its list tells of it."""

    decision: int = 0  # 0: nothing had to be changed
    entries: int = 0  # that were changed, or that are as before again
    flag: FlagKind | str | None = None  # the kind they have now, "" for none; None: it is about verdicts
    verdict: str = ""
    title: str = ""  # of the label that the verdict is about
    is_undone: bool = False


def check_number(entries: int) -> None:
    if not entries:
        raise InvalidInput("Select at least one entry.", "entry")
    if entries > MOST_AT_ONCE:
        raise TooLarge(
            f"At most {MOST_AT_ONCE:,} entries can be changed at a time, and these are {entries:,}. "
            "Nothing was changed; filter further."
        )


def check_presence(db: Session, dataset: Dataset, entry_ids: Sequence[int]) -> None:
    missing = set(entry_ids)
    for chunk in chunks(entry_ids):
        there = select(Entry.id).where(Entry.dataset_id == dataset.id, Entry.id.in_(chunk))
        missing.difference_update(db.scalars(there))
    if missing:
        raise NotFound(f"{dataset.slug!r} has no entry {min(missing)}. Nothing was changed.")


def find_mine(
    db: Session, reviewer: Reviewer, entry_ids: Sequence[int]
) -> Iterator[tuple[int, Review | None, Snapshot | None]]:
    """Each entry with the reviewer's review of it, where there is one, and what that says; at most a chunk of them."""
    found = find_snapshots(db, reviewer.id, entry_ids)
    mine = {review.entry_id: (review, said) for review, said in found if not review.item_id}
    return ((entry_id, *mine.get(entry_id, (None, None))) for entry_id in entry_ids)


def change_of(
    reviewer: Reviewer, entry_id: int, review: Review | None, before: Snapshot | None, **after: Any
) -> Change:
    said = before or nothing()
    review = review or Review(reviewer_id=reviewer.id, entry_id=entry_id, item_id=0)
    return Change(review, before, {**said, "revision": said["revision"] + 1, **after})


def save_changes(
    db: Session,
    reviewer: Reviewer,
    dataset: Dataset,
    kind: DecisionKind,
    parts: Iterable[tuple[Sequence[Change], Labels]],
) -> ManyChanged:
    """Part by part, so that never all of them are in memory; yet in one transaction. Drafts stay as they are."""
    done, entries = [], 0
    forgets = (Skip,) if kind is DecisionKind.VERDICTS else ()
    for changes, labels in parts:
        if changes:
            done.append(apply_changes(db, reviewer.id, dataset.id, changes, _kind, labels, forgets=forgets))
            entries += len(changes)
    if not done:
        return ManyChanged()
    # Nobody else was given numbers of events meanwhile: they are dealt out within transactions.
    applied = Applied(done[0].first_event, done[-1].last_event)
    return ManyChanged(record_decision(db, reviewer.id, dataset.id, kind, applied), entries)


def _kind(change: Change) -> str:
    return kind_of_save(change.before)


def find_many_changed(
    db: Session, reviewer: Reviewer | None, dataset: Dataset, decision_id: int, undone: int = 0
) -> ManyChanged | None:
    """None where the reviewer made no such change. `undone` is of how many entries it has just been taken back."""
    if not decision_id:
        return ManyChanged()
    decision = db.get(Decision, decision_id)
    if reviewer is None or decision is None or decision.reviewer_id != reviewer.id or decision.kind not in _OF_MANY:
        return None
    first = db.get_one(Event, decision_id)
    is_undone = decision.undone_at is not None
    before, after = whole(first.data["before"]), whole(first.data["after"])
    entries = undone if is_undone else decision.last_event - decision.id + 1
    if decision.kind == DecisionKind.FLAGS:
        flag = before["flag"] if is_undone else after["flag"]
        return ManyChanged(decision_id, entries, flag and FlagKind(flag), is_undone=is_undone)
    given = next(verdict for verdict in after["verdicts"] if verdict not in before["verdicts"])
    title = next((field.full_title for field in fields_of(dataset) if field.name == given["label_field"]), "")
    return ManyChanged(decision_id, entries, None, given["verdict"], title, is_undone)
