"""What its lead does with a session: open, pause, close and reopen it, and say who reviews what."""

from collections.abc import Collection

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.errors import Conflict, InvalidInput, NotFound
from app.models import ItemKind, Participant, Reservation, Reviewer, ReviewSession, SessionEntry, SessionState
from app.models.base import now
from app.models.event import record_event
from app.sessions.people import find_choosable, find_participants, takes_part

# What is done, from which states, to which one, and the kind of its event.
_STEPS = {
    "open": ({SessionState.DRAFT, SessionState.PAUSED}, SessionState.OPEN, "session.opened"),
    "pause": ({SessionState.OPEN}, SessionState.PAUSED, "session.paused"),
    "close": ({SessionState.OPEN, SessionState.PAUSED}, SessionState.CLOSED, "session.closed"),
    "reopen": ({SessionState.CLOSED}, SessionState.OPEN, "session.reopened"),
}
STEPS = tuple(_STEPS)


def steps_of(session: ReviewSession) -> list[str]:
    """What may be done with it now."""
    return [step for step, (before, _, _) in _STEPS.items() if session.state in before]


def take_step(db: Session, lead: Reviewer | None, session: ReviewSession, step: str) -> None:
    """Asked for twice, it is done once; raises Conflict for what the state does not allow."""
    before, after, kind = _STEPS[step]
    if session.state == after:
        return
    if session.state not in before:
        raise Conflict(f"A session that is {session.state} cannot be asked to {step}.")
    data = {"session": session.id, "name": session.name, "before": str(session.state), "after": str(after)}
    session.state, session.closed_at = after, now() if after is SessionState.CLOSED else None
    if after is SessionState.CLOSED:
        db.execute(delete(Reservation).where(Reservation.session_id == session.id, Reservation.skipped_at.is_(None)))
    _record(db, kind, lead, session, data)


def set_participants(db: Session, lead: Reviewer | None, session: ReviewSession, reviewer_ids: Collection[int]) -> None:
    """Who leaves keeps their reviews; what they had before them is free again."""
    wanted, before = set(reviewer_ids), {person.id for person in find_participants(db, session.id)}
    if not wanted:
        raise InvalidInput("Somebody has to review. To stop for now, pause the session.", "reviewers")
    if not (wanted - before) <= {person.id for person in find_choosable(db, session.dataset_id)}:
        raise InvalidInput("Choose among those who may review this dataset.", "reviewers")
    if wanted == before:
        return
    for reviewer_id in wanted - before:
        _join(db, session, reviewer_id)
    for reviewer_id in before - wanted:
        _leave(db, session, reviewer_id)
    practice = (SessionEntry.session_id == session.id, SessionEntry.kind == ItemKind.PRACTICE)
    db.execute(update(SessionEntry).where(*practice).values(wanted=func.max(SessionEntry.done, len(wanted))))
    data = {"session": session.id, "name": session.name, "before": sorted(before), "after": sorted(wanted)}
    _record(db, "session.participants_changed", lead, session, data)


def _join(db: Session, session: ReviewSession, reviewer_id: int) -> None:
    there = db.get(Participant, (session.id, reviewer_id))
    if there is None:
        db.add(Participant(session_id=session.id, reviewer_id=reviewer_id))
    else:
        there.left_at = None
    db.flush()


def _leave(db: Session, session: ReviewSession, reviewer_id: int) -> None:
    db.get_one(Participant, (session.id, reviewer_id)).left_at = now()
    db.execute(delete(Reservation).filter_by(session_id=session.id, reviewer_id=reviewer_id))
    theirs = update(SessionEntry).where(SessionEntry.session_id == session.id)
    db.execute(theirs.where(SessionEntry.only_reviewer_id == reviewer_id).values(only_reviewer_id=None))


def get_item(db: Session, session: ReviewSession, item_id: int) -> SessionEntry:
    item = db.get(SessionEntry, item_id)
    if item is None or item.session_id != session.id:
        raise NotFound(f"The session has no item {item_id}.")
    return item


def requeue(db: Session, lead: Reviewer | None, session: ReviewSession, item: SessionEntry) -> None:
    """One more person reviews it."""
    if item.wanted >= len(find_participants(db, session.id)):
        raise Conflict("Everybody who takes part reviews this entry already. Add a reviewer first.")
    item.wanted += 1
    _record_item(db, "session.requeued", lead, session, item, {"wanted": item.wanted})


def reassign(db: Session, lead: Reviewer | None, session: ReviewSession, item: SessionEntry, reviewer_id: int) -> None:
    """What is still to be reviewed of it is this person's alone."""
    if not takes_part(db, session.id, reviewer_id):
        raise InvalidInput("They do not take part in this session.", "reviewer")
    if item.done >= item.wanted:
        raise Conflict("This entry has all its reviews. Ask for one more first.")
    item.only_reviewer_id = reviewer_id
    others = (Reservation.item_id == item.id, Reservation.reviewer_id != reviewer_id)
    db.execute(delete(Reservation).where(*others))
    _record_item(db, "session.reassigned", lead, session, item, {"reviewer": reviewer_id})


def count_items(db: Session, session: ReviewSession) -> int:
    return db.scalar(select(func.count()).select_from(SessionEntry).filter_by(session_id=session.id)) or 0


def _record_item(
    db: Session, kind: str, lead: Reviewer | None, session: ReviewSession, item: SessionEntry, more: dict[str, object]
) -> None:
    data = {"session": session.id, "name": session.name, "item": item.id, **more}
    record_event(
        db,
        kind,
        data,
        reviewer_id=lead.id if lead else None,
        dataset_id=session.dataset_id,
        entry_id=item.entry_id,
    )


def _record(db: Session, kind: str, lead: Reviewer | None, session: ReviewSession, data: dict[str, object]) -> None:
    record_event(db, kind, data, reviewer_id=lead.id if lead else None, dataset_id=session.dataset_id)
