"""Say something in an entry's thread, change one's own words, and settle the thread. The event log keeps all of it."""

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.discussing.threads import check_reading
from app.errors import Forbidden, InvalidInput, NotFound
from app.models import Comment, Entry, Reviewer
from app.models.base import now
from app.models.event import record_event
from app.reviewing.judging import LONGEST_COMMENT


def add_comment(db: Session, reviewer: Reviewer, entry: Entry, typed: str) -> int:
    """Said twice in a row, as when a browser sends a form again, it is said once. Returns the comment's id."""
    check_reading(db, reviewer, entry.id)
    body = _read_body(typed)
    latest = db.scalars(
        select(Comment).where(Comment.entry_id == entry.id, ~Comment.of_review).order_by(Comment.id.desc()).limit(1)
    ).first()
    if latest is not None and (latest.reviewer_id, latest.body) == (reviewer.id, body):
        return latest.id
    moment = now()
    comment = Comment(
        reviewer_id=reviewer.id, entry_id=entry.id, of_review=False, body=body, created_at=moment, updated_at=moment
    )
    db.add(comment)
    db.flush()
    _log(db, "comment.added", reviewer, entry, {"comment": comment.id, "before": None, "after": body})
    return comment.id


def edit_comment(db: Session, reviewer: Reviewer, comment: Comment, entry: Entry, typed: str) -> None:
    body, before = _read_body(typed), comment.body
    if body != before:
        comment.body, comment.updated_at = body, now()
        db.flush()
        _log(db, "comment.edited", reviewer, entry, {"comment": comment.id, "before": before, "after": body})


def delete_comment(db: Session, reviewer: Reviewer, comment: Comment, entry: Entry) -> None:
    db.delete(comment)
    db.flush()
    _log(db, "comment.deleted", reviewer, entry, {"comment": comment.id, "before": comment.body, "after": None})


def settle_thread(db: Session, reviewer: Reviewer, entry: Entry, *, resolved: bool) -> None:
    """Whatever is said afterwards opens it again."""
    check_reading(db, reviewer, entry.id)
    is_other = Comment.resolved_at.is_(None) if resolved else Comment.resolved_at.is_not(None)
    change = {"resolved_at": now(), "resolved_by": reviewer.id} if resolved else dict.fromkeys(_RESOLUTION)
    changed = update(Comment).where(Comment.entry_id == entry.id, is_other).values(**change).returning(Comment.id)
    ids = sorted(db.scalars(changed))
    if ids:
        _log(db, "comment.resolved" if resolved else "comment.reopened", reviewer, entry, {"comments": ids})


_RESOLUTION = ("resolved_at", "resolved_by")


def get_own_comment(db: Session, reviewer: Reviewer, comment_id: int) -> Comment:
    """One that its reviewer may change here."""
    comment = db.get(Comment, comment_id)
    if comment is None:
        raise NotFound("There is no such comment; it may have been deleted.")
    if comment.reviewer_id != reviewer.id:
        raise Forbidden("This is somebody else's comment.")
    if comment.of_review:
        raise Forbidden("This comment belongs to your review: change it there.")
    return comment


def _read_body(typed: str) -> str:
    body = typed.replace("\r\n", "\n").strip()
    if not body:
        raise InvalidInput("Type something to say.", "body")
    if len(body) > LONGEST_COMMENT or "\0" in body:
        raise InvalidInput(f"A comment has at most {LONGEST_COMMENT:,} characters and no NUL.", "body")
    return body


def _log(db: Session, kind: str, reviewer: Reviewer, entry: Entry, data: dict[str, Any]) -> None:
    record_event(db, kind, data, reviewer_id=reviewer.id, dataset_id=entry.dataset_id, entry_id=entry.id)
