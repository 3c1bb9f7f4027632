"""Undo: a reviewer's own decisions taken back one after the other, the latest first, across entries and reloads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, delete, insert, select
from sqlalchemy.orm import Session, selectinload

from app.errors import Conflict, NotFound
from app.importing.chunks import chunks
from app.models import (
    Comment,
    Dataset,
    Decision,
    DecisionKind,
    Entry,
    Event,
    Flag,
    Review,
    Reviewer,
    ReviewSession,
    SessionEntry,
    SessionState,
    Skip,
)
from app.models.base import now
from app.models.event import record_event
from app.reviewing.applying import Change, apply_changes, find_labels
from app.reviewing.queries import LATEST_DECISION
from app.reviewing.snapshot import UNDONE, Snapshot, says_the_same, take_snapshot, whole

_LATEST = select(Decision).where(Decision.id == LATEST_DECISION)


@dataclass(frozen=True)
class Undone:
    dataset_id: int
    entry_id: int | None  # None when many entries were changed
    kind: DecisionKind
    entries: int  # that are as before again
    item_id: int = 0  # of the session's queue that it was reviewed in


def undo_decision(
    db: Session, reviewer: Reviewer, decision_id: int | None = None, within: Collection[int] | None = None
) -> Undone:
    """Undone already, it is not undone again: a form sent twice takes back one decision. Without an id the latest.

    `within` are the ids of the datasets that the reviewer sees, where they do not see all.
    """
    if decision_id is not None:
        decision = db.get(Decision, decision_id)
    else:
        decision = (
            _find_latest_within(db, reviewer, within)
            if within is not None
            else db.scalar(_LATEST, {"reviewer_id": reviewer.id})
        )
    is_theirs = decision is not None and decision.reviewer_id == reviewer.id
    if decision is None or not is_theirs or not (within is None or decision.dataset_id in within):
        raise NotFound("There is nothing of yours left to undo.")
    kind, is_undone = DecisionKind(decision.kind), decision.undone_at is not None
    if not is_undone:
        _refuse_after_closing(db, _item_of(db, decision))
    entries = 0 if is_undone else _take_back(db, reviewer, decision)
    decision.undone_at = decision.undone_at or now()
    db.flush()
    if not entries and not is_undone:  # its entries are gone, or say something else by now
        if decision_id is not None:
            raise Conflict("This was changed since; open the entry to see what your review says now.")
        return undo_decision(db, reviewer, within=within)
    return Undone(decision.dataset_id, decision.entry_id, kind, entries, _item_of(db, decision))


_ITEM = select(Review.item_id).join(Event, Event.review_id == Review.id).where(Event.id == bindparam("event"))


def _item_of(db: Session, decision: Decision) -> int:
    return db.scalar(_ITEM, {"event": decision.id}) or 0


def _refuse_after_closing(db: Session, item_id: int) -> None:
    wanted = select(ReviewSession).join(SessionEntry).where(SessionEntry.id == item_id)
    session = db.scalar(wanted.where(ReviewSession.state == SessionState.CLOSED)) if item_id else None
    if session is not None:
        raise Conflict(f"The review session “{session.name}” is closed: its reviews stay as they are.")


def _find_latest_within(db: Session, reviewer: Reviewer, within: Collection[int]) -> Decision | None:
    mine = (Decision.reviewer_id == reviewer.id, Decision.undone_at.is_(None), Decision.dataset_id.in_(within))
    return db.scalar(select(Decision).where(*mine).order_by(Decision.id.desc()).limit(1))


def _take_back(db: Session, reviewer: Reviewer, decision: Decision) -> int:
    """Returns of how many entries."""
    if db.get(Dataset, decision.dataset_id) is None:
        return 0
    return (_undo_skip if decision.kind == DecisionKind.SKIP else _undo)(db, reviewer, decision)


def _undo_skip(db: Session, reviewer: Reviewer, decision: Decision) -> int:
    event = db.get_one(Event, decision.id)
    if db.scalar(select(Entry.id).where(Entry.id == decision.entry_id)) is None:
        return 0
    mine = {"reviewer_id": reviewer.id, "entry_id": decision.entry_id}
    db.execute(delete(Skip).filter_by(**mine))
    before = event.data["before"]
    if before is not None:  # it was put off once before
        db.execute(insert(Skip).values(**mine, kind=before["kind"], reason=before["reason"]))
    data = {"before": event.data["after"], "after": before, "undoes": event.id}
    record_event(
        db,
        "review.unskipped",
        data,
        reviewer_id=reviewer.id,
        dataset_id=decision.dataset_id,
        entry_id=decision.entry_id,
    )
    return 1


def _undo(db: Session, reviewer: Reviewer, decision: Decision) -> int:
    """Of many entries, those whose review was changed since stay as they are."""
    dataset, undone = db.get_one(Dataset, decision.dataset_id), 0
    for events in chunks(range(decision.id, decision.last_event + 1)):
        changes = _changes_back(db, reviewer, events[0], events[-1])
        if changes:
            labels = find_labels(db, dataset, [change.review.entry_id for change in changes])
            # What was typed since stays: it is no part of what is taken back.
            apply_changes(db, reviewer.id, dataset.id, changes, lambda _: UNDONE, labels, forgets=())
            undone += len(changes)
    return undone


def _changes_back(db: Session, reviewer: Reviewer, first_event: int, last_event: int) -> list[Change]:
    mine = (Event.id.between(first_event, last_event), Event.reviewer_id == reviewer.id, Event.review_id.is_not(None))
    events = db.execute(
        select(Event.id, Event.entry_id, Event.review_id, Event.data).where(*mine).order_by(Event.id)
    ).all()
    entry_ids = [event.entry_id for event in events if event.entry_id is not None]
    present = {review.id: (review, said) for review, said in find_snapshots(db, reviewer.id, entry_ids)}
    changes = []
    for event in events:
        review, snapshot = present.get(event.review_id or 0, (None, None))
        if review is None or snapshot is None or not says_the_same(snapshot, whole(event.data["after"])):
            continue
        after = {**whole(event.data["before"]), "revision": review.revision + 1}
        changes.append(Change(review, snapshot, after, undoes=event.id))
    return changes


def find_snapshots(db: Session, reviewer_id: int, entry_ids: Sequence[int]) -> list[tuple[Review, Snapshot]]:
    """What the reviewer's reviews of these entries say now, also those for sessions; at most a chunk of them."""

    def mine(table: type[Review] | type[Comment] | type[Flag]) -> tuple[ColumnElement[bool], ...]:
        return table.reviewer_id == reviewer_id, table.entry_id.in_(entry_ids)

    reviews = db.scalars(select(Review).where(*mine(Review)).options(selectinload(Review.verdicts)))
    said = db.execute(select(Comment.entry_id, Comment.item_id, Comment.body).where(*mine(Comment), Comment.of_review))
    comments = {(entry_id, item_id): body for entry_id, item_id, body in said}
    flagged = db.execute(select(Flag.entry_id, Flag.item_id, Flag.kind).where(*mine(Flag)))
    flags = {(entry_id, item_id): kind for entry_id, item_id, kind in flagged}
    own = [(review, (review.entry_id, review.item_id)) for review in reviews]
    return [(review, take_snapshot(review, comments.get(of, ""), flags.get(of, ""))) for review, of in own]
