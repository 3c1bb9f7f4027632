"""What a session's report tells beside its statistics: how it was done, and which entries are in dispute."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from app.adjudication.queries import find_settled
from app.agreement.statistics import Statistics
from app.agreement.wording import limits_of, methods_of
from app.browsing.memories import Memory
from app.models import Entry, Guideline, Response, Review, ReviewSession, SamplingPlan, SessionEntry
from app.models.label_field import LabelField

MOST_DISPUTED = 50
_Labels = tuple[list[LabelField], list[tuple[LabelField, str]]]  # contested, and settled with the kind of error
_disputed_in: Memory[dict[int, _Labels]] = Memory(16)


@dataclass(frozen=True)
class Disputed:
    """An entry on whose labels reviewers contradict each other, or whose label was settled otherwise."""

    entry_id: int
    split: str
    row: int
    contested: tuple[LabelField, ...]
    settled: tuple[tuple[LabelField, str], ...]  # with the kind of error
    texts: tuple[str, ...] = ()  # the prompt, then the responses


@dataclass(frozen=True)
class Report:
    plan: SamplingPlan | None
    sampled: int
    guideline: int | None  # its version
    began: str  # days
    ended: str
    methods: str
    limits: tuple[str, ...]
    disputed: tuple[Disputed, ...]
    disputed_in_all: int


def make_report(db: Session, found: Statistics, session: ReviewSession, *, with_texts: bool = False) -> Report:
    plan = db.get(SamplingPlan, session.plan_id) if session.plan_id else None
    guideline = db.get(Guideline, session.guideline_id) if session.guideline_id else None
    of_session = (
        select(func.min(Review.created_at), func.max(Review.updated_at), func.sum(cast(Review.seen_before, Integer)))
        .join(SessionEntry, SessionEntry.id == Review.item_id)
        .where(SessionEntry.session_id == session.id)
    )
    first, last, seen_before = db.execute(of_session).one()
    began, ended = (moment.date().isoformat() if moment else "" for moment in (first, last))
    sampled = sum(int(stratum["sampled"]) for stratum in plan.strata) if plan else found.answered.entries
    version = guideline.version if guideline else None
    key = (session.id, session.state)
    disputed = _disputed_in.remember(db, session.dataset_id, key, lambda: _disputed_labels(db, found, session))
    return Report(
        plan=plan,
        sampled=sampled,
        guideline=version,
        began=began,
        ended=ended,
        methods=methods_of(found, session, plan, sampled, version),
        limits=tuple(limits_of(found, session, plan, int(seen_before or 0))),
        disputed=_told(db, dict(islice(disputed.items(), MOST_DISPUTED)), with_texts=with_texts),
        disputed_in_all=len(disputed),
    )


def _disputed_labels(db: Session, found: Statistics, session: ReviewSession) -> dict[int, _Labels]:
    of_entry: dict[int, _Labels] = defaultdict(lambda: ([], []))
    for one in found.fields:
        for entry_id in one.outcomes.contested:
            of_entry[entry_id][0].append(one.field)
    fields = {field.name: field for field in found.scope.fields}
    for (entry_id, name), settled in find_settled(db, session.id).items():
        if name in fields:
            of_entry[entry_id][1].append((fields[name], settled.error_kind))
    return dict(sorted(of_entry.items()))


def _told(db: Session, disputed: dict[int, _Labels], *, with_texts: bool) -> tuple[Disputed, ...]:
    ids = list(disputed)
    texts = _find_texts(db, ids) if with_texts else {}
    places = {row.id: (row.split, row.row) for row in db.execute(_PLACES.where(Entry.id.in_(ids)))}
    return tuple(
        Disputed(entry_id, *places[entry_id], tuple(contested), tuple(settled), tuple(texts.get(entry_id, ())))
        for entry_id, (contested, settled) in disputed.items()
    )


_PLACES = select(Entry.id, Entry.split, Entry.row)


def _find_texts(db: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    texts = {
        entry_id: [prompt] for entry_id, prompt in db.execute(select(Entry.id, Entry.prompt).where(Entry.id.in_(ids)))
    }
    responses = select(Response.entry_id, Response.text).where(Response.entry_id.in_(ids))
    for entry_id, text in db.execute(responses.order_by(Response.entry_id, Response.position)):
        texts[entry_id].append(text)
    return texts
