"""Flags on many entries in one go: the same rows and events as if each had been flagged by itself."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session, selectinload

from app.errors import InvalidInput, NotFound, TooLarge
from app.importing.chunks import chunks
from app.models import Comment, Dataset, Entry, Event, Flag, Review, Reviewer, ReviewState
from app.models.base import now
from app.models.event import EVENT_ID, take
from app.reviewing.snapshot import UNDONE, Snapshot, kind_of_save, nothing, says_the_same, take_snapshot

MOST_FLAGGED = 10_000


@dataclass(frozen=True)
class FlagChange:
    """One change of many flags: its events follow each other, so that the first and the last name them all."""

    flagged: bool
    entries: int  # whose flag changed
    first_event: int = 0
    last_event: int = 0
    is_undo: bool = False


def flag_entries(
    db: Session, reviewer: Reviewer, dataset: Dataset, entry_ids: Collection[int], *, flagged: bool
) -> FlagChange:
    """Entries that the reviewer flagged already, or has not flagged, stay as they are."""
    check_number(len(entry_ids))
    ids = sorted(entry_ids)
    _check_presence(db, dataset, ids)
    return _save(db, reviewer, dataset.id, flagged, list(_changes(db, reviewer, ids, flagged)))


def check_number(entries: int) -> None:
    if not entries:
        raise InvalidInput("Select at least one entry.", "entry")
    if entries > MOST_FLAGGED:
        raise TooLarge(
            f"At most {MOST_FLAGGED:,} entries can be flagged at a time, and these are {entries:,}. "
            "Nothing was changed; filter further."
        )


def undo_flags(db: Session, reviewer: Reviewer, first_event: int, last_event: int) -> FlagChange:
    """Gives the entries back what they had; those whose review changed since stay as they are."""
    events = find_flag_events(db, reviewer, first_event, last_event)
    if not events or events[0].kind == UNDONE:
        raise NotFound("There are no flags of yours to undo here.")
    flagged = not events[0].data["after"]["flagged"]
    revisions = {event.entry_id: event.data["after"]["revision"] for event in events if event.entry_id is not None}
    changes = _changes(db, reviewer, sorted(revisions), flagged)
    back = [(review, now) for review, now in changes if now and now["revision"] == revisions[review.entry_id]]
    return _save(db, reviewer, events[0].dataset_id, flagged, back, undo=True)


def find_flag_change(db: Session, reviewer: Reviewer | None, first_event: int, last_event: int) -> FlagChange | None:
    """What became of the reviewer's change; zeros stand for one that changed nothing. None where there was none."""
    if not first_event:
        return FlagChange(False, 0)
    if reviewer is None or not first_event <= last_event < first_event + MOST_FLAGGED:
        return None
    mine = _within(first_event, last_event, reviewer)
    first = db.scalar(select(Event).where(*mine, Event.id == first_event))
    if first is None or not _changes_the_flag_only(first):
        return None
    count = db.scalar(select(func.count()).where(*mine)) or 0
    return FlagChange(first.data["after"]["flagged"], count, first_event, last_event, first.kind == UNDONE)


def find_flag_events(db: Session, reviewer: Reviewer, first_event: int, last_event: int) -> list[Event]:
    last_event = min(last_event, first_event + MOST_FLAGGED - 1)
    events = db.scalars(select(Event).where(*_within(first_event, last_event, reviewer)).order_by(Event.id))
    return [event for event in events if _changes_the_flag_only(event)]


def _within(first_event: int, last_event: int, reviewer: Reviewer) -> tuple[Any, ...]:
    return Event.id.between(first_event, last_event), Event.reviewer_id == reviewer.id, Event.review_id.is_not(None)


def _changes_the_flag_only(event: Event) -> bool:
    before, after = event.data["before"] or nothing(), event.data["after"]
    same = {"flagged": False, "state": ""}
    return before["flagged"] != after["flagged"] and says_the_same({**before, **same}, {**after, **same})


def _check_presence(db: Session, dataset: Dataset, entry_ids: Sequence[int]) -> None:
    missing = set(entry_ids)
    for chunk in chunks(entry_ids):
        missing.difference_update(
            db.scalars(select(Entry.id).where(Entry.dataset_id == dataset.id, Entry.id.in_(chunk)))
        )
    if missing:
        raise NotFound(f"{dataset.slug!r} has no entry {min(missing)}. Nothing was changed.")


def _changes(
    db: Session, reviewer: Reviewer, entry_ids: Sequence[int], flagged: bool
) -> Iterator[tuple[Review, Snapshot | None]]:
    """The reviewer's reviews of the entries whose flag is to change, and what they say now."""
    for chunk in chunks(entry_ids):
        yield from _changes_of(db, reviewer, chunk, flagged)


def _changes_of(
    db: Session, reviewer: Reviewer, entry_ids: Sequence[int], flagged: bool
) -> Iterator[tuple[Review, Snapshot | None]]:

    def mine(table: type[Review] | type[Comment] | type[Flag]) -> tuple[Any, ...]:
        return table.reviewer_id == reviewer.id, table.entry_id.in_(entry_ids)

    wanted = select(Review).where(*mine(Review)).options(selectinload(Review.verdicts))
    reviews = {review.entry_id: review for review in db.scalars(wanted)}
    bodies = db.execute(select(Comment.entry_id, Comment.body).where(*mine(Comment), Comment.of_review))
    comments = {entry_id: body for entry_id, body in bodies}  # noqa: C416 - mypy takes no rows for pairs
    flags = set(db.scalars(select(Flag.entry_id).where(*mine(Flag))))
    for entry_id in entry_ids:
        if (entry_id in flags) is flagged:
            continue
        if review := reviews.get(entry_id):
            yield review, take_snapshot(review, comments.get(entry_id, ""), not flagged)
        else:
            yield Review(reviewer_id=reviewer.id, entry_id=entry_id, blind=False), None


def _save(
    db: Session,
    reviewer: Reviewer,
    dataset_id: int | None,
    flagged: bool,
    changed: Sequence[tuple[Review, Snapshot | None]],
    *,
    undo: bool = False,
) -> FlagChange:
    if not changed:
        return FlagChange(flagged, 0, is_undo=undo)
    moment, events = now(), []
    for review, before in changed:
        after = _after(before or nothing(), flagged)
        review.state, review.revision, review.updated_at = after["state"], after["revision"], moment
        events.append({"kind": UNDONE if undo else kind_of_save(before), "data": {"before": before, "after": after}})
    db.add_all([review for review, _ in changed])
    db.flush()
    _set_flags(db, reviewer, [review.entry_id for review, _ in changed], flagged)
    first = take(db, EVENT_ID, len(events))
    about = {"at": moment, "reviewer_id": reviewer.id, "dataset_id": dataset_id}
    db.execute(
        insert(Event),
        [
            {"id": first + place, "entry_id": review.entry_id, "review_id": review.id, **about, **event}
            for place, (event, (review, _)) in enumerate(zip(events, changed, strict=True))
        ],
    )
    return FlagChange(flagged, len(events), first, first + len(events) - 1, undo)


def _after(before: Snapshot, flagged: bool) -> Snapshot:
    """Without verdict, comment and flag there is no review left."""
    state = ReviewState.DRAFT if flagged or before["comment"] else ReviewState.WITHDRAWN
    return {
        **before,
        "revision": before["revision"] + 1,
        "state": str(ReviewState.SUBMITTED if before["verdicts"] else state),
        "flagged": flagged,
    }


def _set_flags(db: Session, reviewer: Reviewer, entry_ids: Sequence[int], flagged: bool) -> None:
    if flagged:
        db.execute(insert(Flag), [{"reviewer_id": reviewer.id, "entry_id": entry_id} for entry_id in entry_ids])
        return
    for chunk in chunks(entry_ids):
        db.execute(delete(Flag).where(Flag.reviewer_id == reviewer.id, Flag.entry_id.in_(chunk)))
