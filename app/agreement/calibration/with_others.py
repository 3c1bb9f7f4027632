"""How often a reviewer says the same as others of the same entry, and reviewers on average."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.agreement.calibration.looking import FIRST_TIME, SUBMITTED, VALUE, Look, value_of, with_entries
from app.agreement.calibration.share import Share
from app.agreement.measures.measure import Measure
from app.models import Entry, Review, ReviewState, SessionEntry, Verdict
from app.models.label_field import LABEL_FIELDS, LabelKind

Pairs = Counter[tuple[str, str, str]]  # of label field, the reviewer's value and another's
Team = Counter[tuple[str, str]]  # of label field: "pairs", and those that are "equal"
_OtherReview, _OtherVerdict = aliased(Review), aliased(Verdict)
_OTHERS_VALUE = value_of(_OtherVerdict)


def find_pairs(db: Session, look: Look) -> Pairs:
    of = (Verdict.label_field, VALUE, _OTHERS_VALUE)
    found = db.execute(_pairs(look, *of, func.count()).group_by(*of))
    return Counter({(field, own, others): count for field, own, others, count in found})


def find_compared(db: Session, look: Look) -> Counter[str]:
    """Entries that these pairs are of, by label field."""
    found = _pairs(look, Verdict.label_field, func.count(Review.entry_id.distinct())).group_by(Verdict.label_field)
    return Counter(dict(db.execute(found).all()))


def _pairs(look: Look, *columns: Any) -> Select[*tuple[Any, ...]]:
    """Of reviews of the same item, or both outside of sessions; who is unsure says no value."""
    same_item = and_(_OtherReview.entry_id == Review.entry_id, _OtherReview.item_id == Review.item_id)
    same_label = and_(_OtherVerdict.review_id == _OtherReview.id, _OtherVerdict.label_field == Verdict.label_field)
    by_others = and_(_OtherReview.reviewer_id != look.reviewer_id, _OtherReview.state == ReviewState.SUBMITTED)
    found = look.mine(*columns, is_told=True).join(_OtherReview, same_item).join(_OtherVerdict, same_label)
    found = found.where(FIRST_TIME, by_others, Verdict.outdated.is_(False), _OtherVerdict.outdated.is_(False))
    return found.where(VALUE.is_not(None), _OTHERS_VALUE.is_not(None))


def find_team(db: Session, look: Look) -> Team:
    """All pairs of reviewers, in the sessions that this one took part in, and on the entries they judged outside."""
    given = _of_team(look, Verdict.label_field, func.count().label("times"))
    values = given.group_by(Review.item_id, Review.entry_id, Verdict.label_field, VALUE)
    times = values.add_columns(Review.item_id, Review.entry_id).subquery()
    raters, equal = func.sum(times.c.times), func.sum(times.c.times * (times.c.times - 1) / 2)
    items = select(times.c.label_field, (raters * (raters - 1) / 2).label("pairs"), equal.label("equal"))
    of_item = items.group_by(times.c.item_id, times.c.entry_id, times.c.label_field).subquery()
    sums = select(of_item.c.label_field, func.sum(of_item.c.pairs), func.sum(of_item.c.equal))
    team: Team = Counter()
    for field, pairs, alike in db.execute(sums.group_by(of_item.c.label_field)):
        team[field, "pairs"], team[field, "equal"] = int(pairs), int(alike)
    return team


def _of_team(look: Look, *columns: Any) -> Select[*tuple[Any, ...]]:
    mine = select(Review.item_id).where(Review.reviewer_id == look.reviewer_id, SUBMITTED)
    entries = select(Review.entry_id).where(Review.reviewer_id == look.reviewer_id, SUBMITTED, Review.item_id == 0)
    sessions = select(SessionEntry.session_id).where(SessionEntry.id.in_(mine))
    found = with_entries(select(*columns).select_from(Review)).join(Verdict, Verdict.review_id == Review.id)
    shared = or_(and_(Review.item_id == 0, Review.entry_id.in_(entries)), SessionEntry.session_id.in_(sessions))
    found = found.where(SUBMITTED, FIRST_TIME, look.is_here, look.is_told, shared, VALUE.is_not(None))
    return found.where(Verdict.outdated.is_(False), Entry.dataset_id == look.dataset_id)


@dataclass(frozen=True)
class FieldWithOthers:
    field: str
    share: Share  # of pairs
    entries: int
    team: Share  # of pairs
    kappa: Measure | None  # none of sets of categories
    values: tuple[str, ...]  # of the table's rows and columns, canonical JSON
    table: tuple[tuple[int, ...], ...]  # the reviewer's values in rows, others' in columns


def with_others(pairs: Pairs, compared: Counter[str], team: Team) -> tuple[FieldWithOthers, ...]:
    """Label by label, those that somebody else judged too."""
    return tuple(_field(name, pairs, compared[name], team) for name in LABEL_FIELDS if compared[name])


def _field(name: str, pairs: Pairs, compared: int, team: Team) -> FieldWithOthers:
    cells = {(own, others): count for (field, own, others), count in pairs.items() if field == name}
    same = sum(count for (own, others), count in cells.items() if own == others)
    share = Share(same, sum(cells.values()))
    average = Share(team[name, "equal"], team[name, "pairs"])
    if LABEL_FIELDS[name].kind is LabelKind.CATEGORIES:
        return FieldWithOthers(name, share, compared, average, None, (), ())
    values = sorted({value for cell in cells for value in cell})
    table = tuple(tuple(cells.get((own, others), 0) for others in values) for own in values)
    return FieldWithOthers(name, share, compared, average, _kappa(table), tuple(values), table)


def _kappa(table: Sequence[Sequence[int]]) -> Measure:
    import numpy as np  # not at the start of the web process

    from app.agreement.measures.two_raters import cohen_kappa

    return cohen_kappa(np.array(table, dtype=np.float64))
