"""How far each person of a team is: how much, how fast and when, and nothing of what they said."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, case, cast, func, literal, null, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.models import Dataset, Entry, Flag, Review, Reviewer, ReviewState, Skip, SkipKind
from app.models.base import now
from app.terms.role import Role


@dataclass(frozen=True)
class Work:
    """In one dataset, or in all: entries that are withdrawn do not count."""

    reviews: int = 0
    today: int = 0
    this_week: int = 0
    skipped: int = 0
    flags: int = 0
    last_at: datetime | None = None

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.reviews + other.reviews,
            self.today + other.today,
            self.this_week + other.this_week,
            self.skipped + other.skipped,
            self.flags + other.flags,
            max(filter(None, (self.last_at, other.last_at)), default=None),
        )


@dataclass
class Person:
    id: int
    name: str
    note: str  # what is unusual about the account, or ""
    median_seconds: float | None  # of attention to an entry, over all datasets
    datasets: list[tuple[str, str, Work]] = field(default_factory=list)  # slug and title

    @property
    def total(self) -> Work:
        return sum((work for _, _, work in self.datasets), Work())


def find_team(db: Session, within: Collection[int] | None) -> list[Person]:
    """Who may review, and who did, by name; one statement. Days and weeks (from Monday) are those of UTC."""
    people: dict[int, Person] = {}
    for row in db.execute(_statement(now(), within)):
        person = people.setdefault(row.id, Person(row.id, row.name, _note(row), row.median))
        if row.slug is not None:
            work = Work(row.reviews, row.today, row.this_week, row.skipped, row.flags, row.last_at)
            person.datasets.append((row.slug, row.title, work))
    return list(people.values())


def _note(row: Any) -> str:
    if not row.is_account:
        return "local name"
    return "deactivated" if row.disabled_at else "" if row.role == Role.REVIEWER else str(row.role)


def _statement(moment: datetime, within: Collection[int] | None) -> Any:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    week = day - timedelta(days=day.weekday())
    deeds = _deeds(within).cte("deeds")
    median = _medians(deeds)
    counts = [
        func.sum(case((condition, 1), else_=0)).label(name)
        for name, condition in {
            "reviews": deeds.c.what == "review",
            "today": and_(deeds.c.what == "review", deeds.c.at >= day),
            "this_week": and_(deeds.c.what == "review", deeds.c.at >= week),
            "skipped": deeds.c.what == "skip",
            "flags": deeds.c.what == "flag",
        }.items()
    ]
    about = (Reviewer.id, Reviewer.name, Reviewer.role, Reviewer.is_account, Reviewer.disabled_at)
    may_review = and_(Reviewer.is_account, Reviewer.disabled_at.is_(None), Reviewer.role != Role.VIEWER)
    return (
        select(*about, Dataset.slug, Dataset.title, *counts, func.max(deeds.c.at).label("last_at"), median.c.median)
        .select_from(Reviewer)
        .outerjoin(deeds, deeds.c.reviewer_id == Reviewer.id)
        .outerjoin(Dataset, Dataset.id == deeds.c.dataset_id)
        .outerjoin(median, median.c.reviewer_id == Reviewer.id)
        .where(or_(may_review, Dataset.id.is_not(None)))
        .group_by(Reviewer.id, Dataset.id)
        .order_by(Reviewer.name_key, Dataset.title, Dataset.id)
    )


def _deeds(within: Collection[int] | None) -> Any:
    """Each review, skip and flag."""
    seen = [Entry.withdrawn.is_(False)] + ([] if within is None else [Entry.dataset_id.in_(within)])

    def deeds(table: Any, what: str, at: InstrumentedAttribute[datetime], *which: ColumnElement[bool]) -> Any:
        seconds = Review.active_seconds if table is Review else cast(null(), Integer)
        columns = (table.reviewer_id, Entry.dataset_id, literal(what).label("what"), at.label("at"))
        joined = select(*columns, seconds.label("seconds")).join(Entry, Entry.id == table.entry_id)
        return joined.where(*seen, *which)

    return union_all(
        deeds(Review, "review", Review.updated_at, Review.state == ReviewState.SUBMITTED),
        deeds(Skip, "skip", Skip.at, Skip.kind == SkipKind.PUT_OFF),
        deeds(Flag, "flag", Flag.created_at),
    )


def _medians(deeds: Any) -> Any:
    """The middle one, or the mean of the two in the middle; SQLite has no function for it."""
    of_one = {"partition_by": deeds.c.reviewer_id}
    ranked = (
        select(
            deeds.c.reviewer_id,
            deeds.c.seconds,
            func.row_number().over(**of_one, order_by=deeds.c.seconds).label("rank"),
            func.count().over(**of_one).label("n"),
        )
        .where(deeds.c.seconds.is_not(None))
        .subquery()
    )
    middle = ranked.c.rank.in_([(ranked.c.n + 1) // 2, (ranked.c.n + 2) // 2])
    mean = func.avg(ranked.c.seconds).label("median")
    return select(ranked.c.reviewer_id, mean).where(middle).group_by(ranked.c.reviewer_id).subquery()
