"""Makes the rows of reviews say what they are to say, one or ten thousand, with their events and the undo step."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.comparing.queries import stored_labels
from app.importing.chunks import chunks
from app.models import (
    Comment,
    Dataset,
    Decision,
    DecisionKind,
    Draft,
    Entry,
    Flag,
    Reservation,
    Response,
    Review,
    ReviewState,
    SessionEntry,
    Skip,
    Verdict,
)
from app.models.base import now
from app.models.event import record_events
from app.models.label_field import LabelField, encode_value, fields_of
from app.reviewing.snapshot import Snapshot, nothing

Labels = Mapping[int, Mapping[str, str]]  # entry id -> label field -> the stored value as canonical JSON
_OF_PAIRS = select(Entry.id, Entry.better_response_id, Entry.safer_response_id)
_OF_RESPONSES = select(
    Response.entry_id, Response.position, Response.is_safe, Response.severity_level, Response.harm_categories
)


# Put together once: every save asks for them.
_OLD_VERDICTS = delete(Verdict).where(Verdict.review_id.in_(bindparam("review_ids", expanding=True)))
_UNFINISHED = {
    table: delete(table).where(
        table.reviewer_id == bindparam("of_reviewer"),
        table.entry_id.in_(bindparam("entry_ids", expanding=True)),
        *([Draft.item_id == bindparam("item")] if table is Draft else []),
    )
    for table in (Draft, Skip)
}


_SUBMITTED = (
    select(func.count())
    .where(Review.item_id == bindparam("item"), Review.state == ReviewState.SUBMITTED)
    .scalar_subquery()
)
_COUNT_DONE = update(SessionEntry).where(SessionEntry.id == bindparam("item")).values(done=_SUBMITTED)
_LET_GO = delete(Reservation).where(
    Reservation.item_id == bindparam("item"), Reservation.reviewer_id == bindparam("of_reviewer")
)


@dataclass(frozen=True)
class Change:
    """Of one review. `after` counts the revision on by one."""

    review: Review  # new, or as it is saved
    before: Snapshot | None  # None: there was none
    after: Snapshot
    undoes: int | None = None  # the event that it takes back


@dataclass(frozen=True)
class Applied:
    first_event: int
    last_event: int


def labels_of(entry: Entry) -> Mapping[str, str]:
    return {label.field.name: encode_value(label.value) for label in stored_labels(entry, entry.dataset)}


def find_labels(db: Session, dataset: Dataset, entry_ids: Sequence[int]) -> Labels:
    """Of many entries, without their texts; at most a chunk of them."""
    taxonomy, fields = dataset.taxonomy, fields_of(dataset)
    stored = {entry.id: entry for entry in db.execute(_OF_PAIRS.where(Entry.id.in_(entry_ids)))}
    of_responses = db.execute(_OF_RESPONSES.where(Response.entry_id.in_(entry_ids)))
    responses = {(response.entry_id, response.position): response for response in of_responses}

    def text(field: LabelField, entry_id: int) -> str:
        if field.position is None:
            return encode_value(getattr(stored[entry_id], field.name))
        return encode_value(field.value_of(responses[entry_id, field.position], taxonomy))

    return {entry_id: {field.name: text(field, entry_id) for field in fields} for entry_id in stored}


def apply_changes(
    db: Session,
    reviewer_id: int,
    dataset_id: int,
    changes: Sequence[Change],
    kind: Callable[[Change], str],
    labels: Labels,
    *,
    forgets: Sequence[type[Draft] | type[Skip]] = (Draft, Skip),
) -> Applied:
    """One event for each. `labels` of every entry whose verdicts change: it tells which of them are outdated.

    A save makes its draft needless and what was put off done; a change from elsewhere leaves a draft as it is.
    """
    moment = now()
    for change in changes:
        _set_review(change.review, change.after, moment)
    db.add_all([change.review for change in changes])
    db.flush()
    _set_verdicts(db, changes, labels)
    _set_comments(db, reviewer_id, changes)
    _set_flags(db, reviewer_id, changes)
    _forget(db, reviewer_id, [change.review for change in changes], forgets)
    _settle_items(db, [change.review for change in changes if change.review.item_id])
    return _log(db, reviewer_id, dataset_id, changes, kind, moment)


def record_decision(
    db: Session,
    reviewer_id: int,
    dataset_id: int,
    kind: DecisionKind,
    applied: Applied,
    entry_id: int | None = None,
    key: str | None = None,
) -> int:
    """One step that its reviewer may undo; returns its id."""
    decision = {
        "id": applied.first_event,
        "last_event": applied.last_event,
        "reviewer_id": reviewer_id,
        "dataset_id": dataset_id,
        "entry_id": entry_id,
        "kind": str(kind),
        "key": key,
        "at": now(),
    }
    db.connection().execute(insert(Decision), decision)
    return applied.first_event


def _set_review(review: Review, after: Snapshot, moment: datetime) -> None:
    review.state = after["state"]
    review.revision = after["revision"]
    review.blind = after["blind"]
    review.shuffled = after["shuffled"]
    review.left_position = after["left_position"]
    review.first_answers = after["first_answers"]
    review.guideline_id = after["guideline_id"]
    review.active_seconds = after["seconds"]
    review.updated_at = moment
    if review.labels_seen_at is None and (
        after["state"] == ReviewState.SUBMITTED or after["first_answers"] is not None
    ):
        review.labels_seen_at = moment


def _set_verdicts(db: Session, changes: Sequence[Change], labels: Labels) -> None:
    changed = [change for change in changes if _was(change)["verdicts"] != change.after["verdicts"]]
    for chunk in chunks([change.review.id for change in changed if _was(change)["verdicts"]]):
        db.connection().execute(_OLD_VERDICTS, {"review_ids": chunk})
    rows = [
        {"review_id": change.review.id, "outdated": _is_outdated(verdict, labels[change.review.entry_id]), **verdict}
        for change in changed
        for verdict in change.after["verdicts"]
    ]
    if rows:
        db.connection().execute(insert(Verdict), rows)


def _is_outdated(verdict: Mapping[str, Any], present: Mapping[str, str]) -> bool:
    return bool(verdict["stored_value"] != present.get(verdict["label_field"], verdict["stored_value"]))


def _set_comments(db: Session, reviewer_id: int, changes: Sequence[Change]) -> None:
    changed = [change for change in changes if _was(change)["comment"] != change.after["comment"]]
    for item_id, entry_ids in _by_item(change for change in changed if not change.after["comment"]).items():
        for chunk in chunks(entry_ids):
            db.execute(delete(Comment).where(*_comments_of(reviewer_id, item_id, Comment.entry_id.in_(chunk))))
    new = []
    for change in changed:
        of, body = {"entry_id": change.review.entry_id, "item_id": change.review.item_id}, change.after["comment"]
        if body and _was(change)["comment"]:  # it keeps its place in the thread
            here = _comments_of(reviewer_id, of["item_id"], Comment.entry_id == of["entry_id"])
            db.execute(update(Comment).where(*here).values(body=body, updated_at=now()))
        elif body:
            new.append({"reviewer_id": reviewer_id, **of, "of_review": True, "body": body})
    if new:
        db.connection().execute(insert(Comment), new)


def _comments_of(reviewer_id: int, item_id: int, entries: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return Comment.reviewer_id == reviewer_id, Comment.item_id == item_id, entries, Comment.of_review.is_(True)


def _by_item(changes: Iterable[Change]) -> dict[int, list[int]]:
    """Entries by the item that their review is of: 0 for many outside of sessions."""
    found: dict[int, list[int]] = defaultdict(list)
    for change in changes:
        found[change.review.item_id].append(change.review.entry_id)
    return found


def _set_flags(db: Session, reviewer_id: int, changes: Sequence[Change]) -> None:
    changed = [change for change in changes if _was(change)["flag"] != change.after["flag"]]
    for item_id, entry_ids in _by_item(change for change in changed if _was(change)["flag"]).items():
        for chunk in chunks(entry_ids):
            here = (Flag.reviewer_id == reviewer_id, Flag.item_id == item_id, Flag.entry_id.in_(chunk))
            db.execute(delete(Flag).where(*here))
    rows = [
        {
            "reviewer_id": reviewer_id,
            "entry_id": change.review.entry_id,
            "item_id": change.review.item_id,
            "kind": change.after["flag"],
        }
        for change in changed
        if change.after["flag"]
    ]
    if rows:
        db.connection().execute(insert(Flag), rows)


def _forget(
    db: Session, reviewer_id: int, reviews: Sequence[Review], tables: Sequence[type[Draft] | type[Skip]]
) -> None:
    """Saving a review of a session leaves what was begun or put off outside, and the other way round."""
    for item in {review.item_id for review in reviews}:
        entry_ids = [review.entry_id for review in reviews if review.item_id == item]
        for chunk in chunks(entry_ids):
            about = {"of_reviewer": reviewer_id, "entry_ids": chunk, "item": item}
            for table in tables:
                if table is Draft or not item:  # what is put off in a session stands in its queue
                    db.connection().execute(_UNFINISHED[table], about)


def _settle_items(db: Session, reviews: Sequence[Review]) -> None:
    """The queues of sessions know how many reviews an item has; who has submitted theirs holds it no longer."""
    for review in reviews:
        db.connection().execute(_COUNT_DONE, {"item": review.item_id})
        if review.state == ReviewState.SUBMITTED:
            db.connection().execute(_LET_GO, {"item": review.item_id, "of_reviewer": review.reviewer_id})


def _log(
    db: Session,
    reviewer_id: int,
    dataset_id: int,
    changes: Sequence[Change],
    kind: Callable[[Change], str],
    moment: datetime,
) -> Applied:
    about = {"at": moment, "reviewer_id": reviewer_id, "dataset_id": dataset_id}
    first = record_events(
        db,
        [
            {
                "kind": kind(change),
                "entry_id": change.review.entry_id,
                "review_id": change.review.id,
                "data": {"before": change.before, "after": change.after}
                | ({} if change.undoes is None else {"undoes": change.undoes}),
                **about,
            }
            for change in changes
        ],
    )
    return Applied(first, first + len(changes) - 1)


def _was(change: Change) -> Snapshot:
    return change.before or nothing()
