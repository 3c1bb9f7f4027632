"""Agreement with one stored label, by what the entries are and by who judged them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement.label_agreement import Groups, by_group
from app.agreement.ratings import Rating, find_field_ratings
from app.agreement.scopes import Scope, within
from app.browsing.memories import Memory
from app.models import Entry, Response, Review, SessionEntry
from app.models.label_field import LabelField

NONE = "none"
_breakdowns: Memory["Breakdown"] = Memory(64)


@dataclass(frozen=True)
class Breakdown:
    """Of several harm categories or sources, a verdict counts in each."""

    by_stratum: Groups  # empty where there is one only
    by_category: Groups  # that the responses are labelled with, by their codes
    by_source: Groups  # models of the responses
    by_prompt_source: Groups
    by_reviewer: Groups


@dataclass(frozen=True)
class _Traits:
    categories: frozenset[str]
    sources: frozenset[str]
    prompt_source: str


def find_breakdown(db: Session, scope: Scope, field: LabelField) -> Breakdown:
    def find() -> Breakdown:
        ratings = find_field_ratings(db, scope, field.name)
        return _break_down(ratings, _find_traits(db, scope, field))

    return _breakdowns.remember(db, scope.dataset.id, (*scope.key, field.name), find)


def _break_down(ratings: Sequence[Rating], traits: Mapping[int, _Traits]) -> Breakdown:
    return Breakdown(
        by_stratum=_unless_one(by_group(ratings, lambda rating: [rating.stratum or ""])),
        by_category=by_group(ratings, lambda rating: sorted(traits[rating.entry].categories) or [NONE]),
        by_source=_unless_one(by_group(ratings, lambda rating: sorted(traits[rating.entry].sources))),
        by_prompt_source=_unless_one(by_group(ratings, lambda rating: [traits[rating.entry].prompt_source])),
        by_reviewer=by_group(ratings, lambda rating: [rating.name]),
    )


def _unless_one(groups: Groups) -> Groups:
    return groups if len(groups) > 1 else ()


def _find_traits(db: Session, scope: Scope, field: LabelField) -> dict[int, _Traits]:
    """Of the response that the label speaks of, or of both."""
    reviewed = (
        select(Review.entry_id)
        .join(Entry, Entry.id == Review.entry_id)
        .outerjoin(SessionEntry, SessionEntry.id == Review.item_id)
    )
    rows = (
        select(Entry.id, Entry.prompt_source, Response.source, Response.harm_categories)
        .outerjoin(Response, Response.entry_id == Entry.id)
        .where(Entry.id.in_(within(scope, reviewed)))
    )
    if field.position is not None:
        rows = rows.where(Response.position == field.position)
    bits: dict[int, int] = defaultdict(int)
    sources: dict[int, set[str]] = defaultdict(set)
    prompts: dict[int, str] = {}
    for entry_id, prompt_source, source, categories in db.connection().execute(rows):
        bits[entry_id] |= categories or 0
        sources[entry_id].add(source or "unknown")
        prompts[entry_id] = prompt_source or "unknown"
    taxonomy = scope.dataset.taxonomy
    codes = {mask: frozenset(taxonomy.codes(mask)) for mask in set(bits.values())}
    return {
        entry_id: _Traits(codes[bits[entry_id]], frozenset(sources[entry_id]), prompts[entry_id])
        for entry_id in prompts
    }
