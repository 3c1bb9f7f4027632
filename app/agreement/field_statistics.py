"""All that is said of one label field, from its ratings alone."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.agreement.estimation import Observed, Population, RateEstimate, estimate_by_stratum, estimate_error_rate
from app.agreement.label_agreement import LabelAgreement, label_agreement
from app.agreement.outcomes import (
    CategoryChanges,
    Direction,
    Outcomes,
    Settled,
    find_category_changes,
    find_direction,
    find_outcomes,
)
from app.agreement.ratings import Rating
from app.agreement.reliability import Rated, Reliability, Row, collect, reliability, with_intervals
from app.models import VerdictKind
from app.models.label_field import LabelField, LabelKind, decode_value

UNKNOWN = "null"


@dataclass(frozen=True)
class CategoryReliability:
    """Of one harm category as a label of its own: there or not."""

    code: str
    raters: Reliability
    stored: Reliability


@dataclass(frozen=True)
class FieldStatistics:
    field: LabelField
    blind: LabelAgreement
    open: LabelAgreement
    error_rate: RateEstimate | None  # None where nothing was drawn that speaks for more than itself
    by_stratum: Mapping[str, RateEstimate]
    raters: Reliability  # reviewers among themselves; of blind reviews the first answers
    stored: Reliability  # these answers and the stored label
    final: Reliability | None  # reviewers among themselves, after the stored labels were revealed to them
    outcomes: Outcomes
    direction: Direction | None
    category_changes: tuple[CategoryChanges, ...]
    by_category: tuple[CategoryReliability, ...]
    errors: int  # entries counted as wrong by an acceptance plan, and of how many
    judged: int

    @property
    def verdicts(self) -> int:
        return self.blind.n + self.open.n


@dataclass(frozen=True)
class FieldRatings:
    """Of one label field, with what is needed to make sense of them."""

    field: LabelField
    values: Sequence[Any]  # that the label may have
    ratings: Sequence[Rating]
    population: Population | None
    settled: Settled

    @property
    def present(self) -> list[Rating]:
        """On the value that is stored now."""
        return [rating for rating in self.ratings if not rating.outdated]


def field_statistics(given: FieldRatings) -> FieldStatistics:
    field, present = given.field, given.present
    by_entry = _by_entry(present)
    observed = [_observed(rated, given.settled) for rated in by_entry]
    certain = [one for one in observed if one.error is not None]
    among, with_stored = rated_among(by_entry), rated_with_stored(present)
    outcomes = find_outcomes(by_entry, given.settled)
    population = given.population
    return FieldStatistics(
        field=field,
        blind=label_agreement([rating for rating in given.ratings if rating.blind]),
        open=label_agreement([rating for rating in given.ratings if not rating.blind]),
        error_rate=estimate_error_rate(observed, population) if population else None,
        by_stratum=estimate_by_stratum(observed, population) if population and len(population.strata) > 1 else {},
        raters=reliability(field.kind, given.values, among),
        stored=reliability(field.kind, given.values, with_stored),
        final=reliability(field.kind, given.values, rated_among(by_entry, is_final=True))
        if _has_blind(present)
        else None,
        outcomes=outcomes,
        direction=find_direction(field, outcomes),
        category_changes=find_category_changes(outcomes),
        by_category=_by_category(among, with_stored) if field.kind is LabelKind.CATEGORIES else (),
        errors=sum(1 for one in certain if one.error and one.error >= 0.5),
        judged=len(certain),
    )


def add_intervals(found: FieldStatistics, given: FieldRatings, seed: int) -> FieldStatistics:
    """To the coefficients, by drawing the prompts again: the same ones for the same seed."""
    present, kind = given.present, given.field.kind
    among, with_stored = rated_among(_by_entry(present)), rated_with_stored(present)
    return replace(
        found,
        raters=with_intervals(found.raters, kind, given.values, among, seed),
        stored=with_intervals(found.stored, kind, given.values, with_stored, seed),
    )


def _by_entry(ratings: Sequence[Rating]) -> list[list[Rating]]:
    found: dict[int, list[Rating]] = defaultdict(list)
    for rating in ratings:
        found[rating.entry].append(rating)
    return list(found.values())


def _has_blind(ratings: Sequence[Rating]) -> bool:
    return any(rating.blind for rating in ratings)


def _observed(rated: Sequence[Rating], settled: Settled) -> Observed:
    """An adjudicated value decides; without one the share of reviewers who disagree."""
    one = rated[0]
    decided = [rating.verdict == VerdictKind.DISAGREE for rating in rated if rating.verdict != VerdictKind.UNSURE]
    error: float | bool | None = sum(decided) / len(decided) if decided else None
    if one.entry in settled:
        error = settled[one.entry] != one.stored
    return Observed(one.stratum or "", one.cluster, one.probability or 1.0, error)


@lru_cache(4096)
def comparable(text: str | None) -> Hashable:
    """A value that can be counted: sets of categories are sets."""
    if text is None:
        return None
    value = decode_value(text)
    return frozenset(value) if isinstance(value, list) else value


def rated_among(by_entry: Sequence[Sequence[Rating]], *, is_final: bool = False) -> Rated:
    """Cohen's kappa asks who is who, so of two people all over a row has the one's value first."""
    people = sorted({rating.reviewer for rated in by_entry for rating in rated})
    is_table = len(people) == 2

    def row(rated: Sequence[Rating]) -> tuple[Hashable, ...]:
        said = {r.reviewer: comparable(r.value if is_final else r.independent) for r in rated}
        return tuple(said.get(person) for person in people) if is_table else tuple(said.values())

    return collect(((row(rated), rated[0].prompt) for rated in by_entry), is_table=is_table)


def rated_with_stored(ratings: Sequence[Rating]) -> Rated:
    """Each rating beside the stored label that it was given on."""
    pairs = (
        ((comparable(rating.stored), comparable(rating.independent)), rating.prompt)
        for rating in ratings
        if rating.independent is not None and rating.stored != UNKNOWN
    )
    return collect(pairs, is_table=True)


def _by_category(among: Rated, with_stored: Rated) -> tuple[CategoryReliability, ...]:
    """Of those that anybody named."""
    named = {code for rows in (among.rows, with_stored.rows) for row in rows for value in row for code in value or ()}  # type: ignore[attr-defined]
    return tuple(
        CategoryReliability(code, _of_category(among, code), _of_category(with_stored, code)) for code in sorted(named)
    )


def _of_category(rated: Rated, code: str) -> Reliability:
    def simpler(row: Row) -> Row:
        return tuple(None if value is None else code in value for value in row)  # type: ignore[operator]

    return reliability(LabelKind.SAFE, [True, False], rated.simplified(simpler))
