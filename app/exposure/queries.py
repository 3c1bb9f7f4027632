"""What a reviewer has read: the entries they judged or skipped, by their stored labels. It is shown to them alone."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from itertools import groupby
from operator import itemgetter
from operator import or_ as or_bits

from sqlalchemy import Boolean, and_, func, literal, or_, select, type_coerce
from sqlalchemy.orm import Session, defer, load_only

from app.models import Dataset, Decision, DecisionKind, Entry, Response, Review, Reviewer
from app.models.base import now
from app.terms.blurring import is_severe
from app.terms.taxonomy import HarmCategory


@dataclass(frozen=True)
class Count:
    today: int
    week: int


@dataclass(frozen=True)
class CategoryExposure:
    code: str
    name: str
    read: Count


@dataclass(frozen=True)
class Exposure:
    """Days and weeks (from Monday on) are those of UTC, as all times here."""

    entries: Count
    severe: Count
    unknown: Count  # judged blind and not revealed yet: counted nowhere else, since that would tell their labels
    categories: tuple[CategoryExposure, ...]  # the most read first


@dataclass(frozen=True)
class _ReadEntry:
    id: int
    dataset_id: int
    is_today: bool
    is_known: bool
    is_severe: bool
    categories: frozenset[HarmCategory]


def find_exposure(db: Session, reviewer: Reviewer, within: Collection[int] | None = None) -> Exposure:
    """In all datasets, or in those of these ids."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    read = [entry for entry in _find_read(db, reviewer, today) if within is None or entry.dataset_id in within]
    known = [entry for entry in read if entry.is_known]
    week = Counter(category for entry in known for category in entry.categories)
    day = Counter(category for entry in known if entry.is_today for category in entry.categories)
    return Exposure(
        entries=_count(read),
        severe=_count(entry for entry in known if entry.is_severe),
        unknown=_count(entry for entry in read if not entry.is_known),
        categories=tuple(
            CategoryExposure(category.code, category.name, Count(day[category], count))
            for category, count in week.most_common()
        ),
    )


def _count(entries: Iterable[_ReadEntry]) -> Count:
    of_today = [entry.is_today for entry in entries]
    return Count(sum(of_today), len(of_today))


def _find_read(db: Session, reviewer: Reviewer, today: datetime) -> Iterator[_ReadEntry]:
    """Since Monday."""
    decided = (
        select(Decision.entry_id, func.max(Decision.at).label("at"))
        .where(
            Decision.reviewer_id == reviewer.id,
            Decision.undone_at.is_(None),
            Decision.kind.in_((DecisionKind.REVIEW, DecisionKind.SKIP)),
            Decision.at >= today - timedelta(days=today.weekday()),
        )
        .group_by(Decision.entry_id)
        .subquery()
    )
    # As in app.reviewing.sight: who has not seen the labels, and reviews blind, is not to learn them here.
    is_open = literal(not reviewer.is_blind)
    is_known = or_(Review.labels_seen_at.is_not(None), and_(is_open, func.coalesce(Review.blind, False).is_(False)))
    rows = db.execute(
        select(decided.c.entry_id, decided.c.at, type_coerce(is_known, Boolean), Dataset, Response)
        .join(Entry, Entry.id == decided.c.entry_id)
        .join(Dataset, Dataset.id == Entry.dataset_id)
        .outerjoin(Response, Response.entry_id == Entry.id)
        .outerjoin(Review, and_(Review.entry_id == Entry.id, Review.reviewer_id == reviewer.id, Review.item_id == 0))
        .options(load_only(Dataset.id, Dataset.taxonomy), defer(Response.text))
        .order_by(decided.c.entry_id)
    )
    for entry_id, of_entry in groupby(rows, itemgetter(0)):
        responses = list(of_entry)
        _, at, is_known_, dataset, _ = responses[0]
        labels = _labels(dataset, [row[-1] for row in responses])
        yield _ReadEntry(entry_id, dataset.id, at >= today, is_known_, *labels)


def _labels(dataset: Dataset, responses: list[Response | None]) -> tuple[bool, frozenset[HarmCategory]]:
    """Whether any is severe, and what categories they have together."""
    given = [response for response in responses if response is not None]
    mask = reduce(or_bits, (response.harm_categories or 0 for response in given), 0)
    severe = any(is_severe(response.is_safe, response.severity_level) for response in given)
    return severe, frozenset(dataset.taxonomy.in_mask(mask))
