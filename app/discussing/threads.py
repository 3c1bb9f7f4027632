"""What people say of an entry beside their verdicts, as one thread, and the threads that wait for somebody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, exists, func, or_, select, text
from sqlalchemy.orm import Session, aliased

from app.discussing.mentions import Mentions, Piece
from app.errors import Forbidden
from app.models import Comment, Dataset, Entry, Review, Reviewer
from app.models.remark import WAITS
from app.reviewing.queries import find_review
from app.reviewing.sight import may_read_others

MOST_SHOWN = 200
MOST_WAITING = 10
_EXCERPT = 140
_COUNT = select(func.count()).where(Comment.entry_id == bindparam("entry_id"))


@dataclass(frozen=True)
class ShownComment:
    id: int
    reviewer_id: int
    by: str
    body: str
    pieces: tuple[Piece, ...]
    of_review: bool
    at: datetime
    edited_at: datetime | None
    is_own: bool

    @property
    def may_change(self) -> bool:
        """The comment of a review changes with the review."""
        return self.is_own and not self.of_review


@dataclass(frozen=True)
class Thread:
    """Resolved until somebody says something more."""

    entry_id: int
    comments: tuple[ShownComment, ...]  # oldest first
    is_resolved: bool = False
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    earlier: int | None = None  # comments before the one with this id are not shown

    @property
    def count(self) -> int:
        return len(self.comments)


def check_reading(db: Session, reviewer: Reviewer | None, entry_id: int) -> None:
    """Whoever judges blind says first what they think."""
    review = None if reviewer is None else find_review(db, reviewer.id, entry_id)
    if not may_read_others(reviewer, review):
        raise Forbidden(
            "What others say of this entry, and what became of it, you see once you have submitted your own review."
        )


def count_comments(db: Session, entry_id: int) -> int:
    return db.connection().scalar(_COUNT, {"entry_id": entry_id}) or 0


def find_thread(db: Session, reviewer: Reviewer | None, entry_id: int, before: int | None = None) -> Thread:
    """The latest comments, or the latest of those before one; raises Forbidden while they would tell too much."""
    check_reading(db, reviewer, entry_id)
    author, resolver = aliased(Reviewer), aliased(Reviewer)
    wanted = (
        select(Comment, author.name, resolver.name)
        .join(author, author.id == Comment.reviewer_id)
        .outerjoin(resolver, resolver.id == Comment.resolved_by)
        .where(Comment.entry_id == entry_id)
        .order_by(Comment.id.desc())
        .limit(MOST_SHOWN + 1)
    )
    if before is not None:
        wanted = wanted.where(Comment.id < before)
    rows = db.execute(wanted).all()
    shown = rows[:MOST_SHOWN][::-1]
    if not shown:
        return Thread(entry_id, ())
    mentions = find_mentions(db)
    comments = tuple(_shown(comment, by, mentions, reviewer) for comment, by, _ in shown)
    earlier = comments[0].id if len(rows) > MOST_SHOWN else None
    latest, _, resolved_by = max(shown, key=lambda row: (row[0].resolved_at is None, row[0].id))
    is_resolved = latest.resolved_at is not None
    return Thread(entry_id, comments, is_resolved, resolved_by, latest.resolved_at, earlier)


def find_mentions(db: Session) -> Mentions:
    return Mentions(db.scalars(select(Reviewer.name)))


def _shown(comment: Comment, by: str, mentions: Mentions, reviewer: Reviewer | None) -> ShownComment:
    was_edited = not comment.of_review and comment.updated_at != comment.created_at
    return ShownComment(
        comment.id,
        comment.reviewer_id,
        by,
        comment.body,
        mentions.split(comment.body),
        comment.of_review,
        comment.created_at,
        comment.updated_at if was_edited else None,
        reviewer is not None and comment.reviewer_id == reviewer.id,
    )


@dataclass(frozen=True)
class WaitingComment:
    """Somebody's latest word in a thread that is not resolved."""

    id: int
    entry_id: int
    dataset: str
    by: str
    at: datetime
    excerpt: str
    is_mention: bool  # otherwise it stands in a thread in which one takes part


def find_waiting(db: Session, reviewer: Reviewer, within: Collection[int] | None = None) -> list[WaitingComment]:
    """What was said to the reviewer, by name or in their threads, and is not resolved: the latest of each entry.

    In all datasets, or in those of these ids.
    """
    own, author = aliased(Comment), aliased(Reviewer)
    # SQLite compares letters beyond ASCII as they are; each comment is looked at again below.
    name = reviewer.name if reviewer.name.isascii() else ""
    takes_part = exists().where(own.entry_id == Comment.entry_id, own.reviewer_id == reviewer.id, own.id < Comment.id)
    wanted = (
        select(Comment, author.name, Dataset.title)
        .join(author, author.id == Comment.reviewer_id)
        .join(Entry, Entry.id == Comment.entry_id)
        .join(Dataset, Dataset.id == Entry.dataset_id)
        .where(
            text(WAITS),
            Comment.reviewer_id != reviewer.id,
            or_(Comment.body.icontains(f"@{name}", autoescape=True), (~Comment.of_review) & takes_part),
        )
    )
    rows = db.execute(wanted if within is None else wanted.where(Dataset.id.in_(within))).all()
    readable = _readable(db, reviewer, {comment.entry_id for comment, *_ in rows})
    mentions, found = find_mentions(db), dict[int, WaitingComment]()
    for comment, by, dataset in sorted(rows, key=lambda row: row[0].id):
        is_mention = mentions.are_in(comment.body, reviewer.name)
        if comment.entry_id in readable and (is_mention or not comment.of_review):
            found[comment.entry_id] = WaitingComment(
                comment.id, comment.entry_id, dataset, by, comment.created_at, _excerpt(comment.body), is_mention
            )
    return sorted(found.values(), key=lambda waiting: waiting.id, reverse=True)[:MOST_WAITING]


def _readable(db: Session, reviewer: Reviewer, entry_ids: set[int]) -> set[int]:
    wanted = select(Review).where(
        Review.reviewer_id == reviewer.id, Review.entry_id.in_(entry_ids), Review.item_id == 0
    )
    reviews = {review.entry_id: review for review in db.scalars(wanted)}
    return {entry_id for entry_id in entry_ids if may_read_others(reviewer, reviews.get(entry_id))}


def _excerpt(body: str) -> str:
    words = " ".join(body.split())
    return words if len(words) <= _EXCERPT else f"{words[:_EXCERPT].rstrip()}…"
