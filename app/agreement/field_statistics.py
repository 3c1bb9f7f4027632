"""All that is said of one label field in one session, from its ratings alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.agreement.estimation import Observed, Population, RateEstimate, estimate_by_stratum, estimate_error_rate
from app.agreement.measures.intervals import Interval, clopper_pearson_interval, wilson_interval
from app.agreement.measures.many_raters import (
    fleiss_kappa,
    gwet_ac1,
    gwet_ac2,
    krippendorff_alpha,
    percent_agreement,
)
from app.agreement.measures.measure import Measure
from app.agreement.measures.paradox import explain_paradox
from app.agreement.measures.sets import jaccard_distance, masi_distance
from app.agreement.measures.tables import contingency
from app.agreement.measures.two_raters import cohen_kappa, weighted_kappa
from app.agreement.ratings import Rating
from app.models import VerdictKind
from app.models.label_field import LabelField, LabelKind, decode_value

Settled = Mapping[int, str]  # entry id -> the adjudicated value


@dataclass(frozen=True)
class LabelAgreement:
    """Verdicts "agree" among "agree" and "disagree"."""

    agree: int
    disagree: int
    unsure: int
    outdated: int

    @property
    def n(self) -> int:
        return self.agree + self.disagree

    @property
    def share(self) -> float | None:
        return self.agree / self.n if self.n else None

    @property
    def wilson(self) -> Interval | None:
        return wilson_interval(self.agree, self.n) if self.n else None

    @property
    def exact(self) -> Interval | None:
        return clopper_pearson_interval(self.agree, self.n) if self.n else None


@dataclass(frozen=True)
class Change:
    """How often the stored value was held to be another one."""

    stored: Any
    value: Any
    count: int


@dataclass(frozen=True)
class FieldStatistics:
    field: LabelField
    blind: LabelAgreement
    open: LabelAgreement
    error_rate: RateEstimate
    by_stratum: Mapping[str, RateEstimate]
    raters: tuple[Measure, ...]  # reviewers among themselves
    stored: tuple[Measure, ...]  # reviewers and the stored label
    paradox: str
    confusion: tuple[Change, ...]
    errors: int  # entries counted as wrong in the error rate, and of how many
    judged: int


def field_statistics(
    field: LabelField,
    values: Sequence[Any],
    ratings: Sequence[Rating],
    population: Population,
    settled: Settled,
) -> FieldStatistics:
    """`values` are all that the label may be; `ratings` are of this field and of sampled items."""
    present = [rating for rating in ratings if not rating.outdated]
    by_item: dict[int, list[Rating]] = defaultdict(list)
    for rating in present:
        by_item[rating.item].append(rating)
    observed = [_observed(rated, settled) for rated in by_item.values()]
    among, paradox = _among_raters(field, values, list(by_item.values()))
    certain = [one for one in observed if one.error is not None]
    return FieldStatistics(
        field=field,
        blind=_label_agreement([rating for rating in ratings if rating.blind]),
        open=_label_agreement([rating for rating in ratings if not rating.blind]),
        error_rate=estimate_error_rate(observed, population),
        by_stratum=estimate_by_stratum(observed, population) if len(population.strata) > 1 else {},
        raters=among,
        stored=_with_stored(field, values, present),
        paradox=paradox,
        confusion=_confusion(present, settled),
        errors=sum(1 for one in certain if one.error and one.error >= 0.5),
        judged=len(certain),
    )


def _label_agreement(ratings: Sequence[Rating]) -> LabelAgreement:
    kinds = Counter("outdated" if rating.outdated else str(rating.verdict) for rating in ratings)
    return LabelAgreement(*(kinds[kind] for kind in ("agree", "disagree", "unsure", "outdated")))


def _observed(rated: Sequence[Rating], settled: Settled) -> Observed:
    """An adjudicated value decides; without one the share of reviewers who disagree."""
    one = rated[0]
    decided = [rating.verdict == VerdictKind.DISAGREE for rating in rated if rating.verdict != VerdictKind.UNSURE]
    error: float | bool | None = sum(decided) / len(decided) if decided else None
    if one.entry in settled:
        error = settled[one.entry] != one.stored
    return Observed(one.stratum, one.cluster, one.probability or 1.0, error)


def _comparable(text: str | None) -> Any:
    """A value that can be counted: sets of categories are sets."""
    if text is None:
        return None
    value = decode_value(text)
    return frozenset(value) if isinstance(value, list) else value


def _among_raters(
    field: LabelField, values: Sequence[Any], items: Sequence[Sequence[Rating]]
) -> tuple[tuple[Measure, ...], str]:
    ratings = [[_comparable(rating.value) for rating in rated] for rated in items]
    observed = percent_agreement(ratings)
    if field.kind is LabelKind.CATEGORIES:
        alphas = (krippendorff_alpha(ratings, distance) for distance in (jaccard_distance, masi_distance))
        named = [_renamed(alpha, name) for alpha, name in zip(alphas, ("Alpha, Jaccard", "Alpha, MASI"), strict=True)]
        return (observed, *named), ""
    known = [*values, *sorted({v for row in ratings for v in row if v is not None and v not in values}, key=str)]
    measures = [observed, fleiss_kappa(ratings), krippendorff_alpha(ratings), gwet_ac1(ratings, known)]
    if field.kind is LabelKind.SEVERITY:
        measures += [krippendorff_alpha(ratings, "ordinal"), gwet_ac2(ratings, known)]
    pairs = _pairs_of_two(items)
    if pairs is not None:
        table = contingency([(_comparable(a), _comparable(b)) for a, b in pairs], known)
        measures.insert(1, cohen_kappa(table))
        if field.kind is LabelKind.SEVERITY:
            measures.append(weighted_kappa(table))
    given = Counter(value for row in ratings for value in row if value is not None)
    commonest = max(given.values()) / given.total() if given else 0.0
    kappa = next((m.value for m in measures[1:] if m.value is not None), None)
    return tuple(measures), explain_paradox(observed.value, kappa, commonest)


def _renamed(measure: Measure, name: str) -> Measure:
    return Measure(name, measure.method, measure.value, measure.n, measure.why_undefined, measure.interval)


def _pairs_of_two(items: Sequence[Sequence[Rating]]) -> list[tuple[str, str]] | None:
    """Where the same two people rated: Cohen's kappa asks who they are. None where there are more."""
    people = sorted({rating.reviewer for rated in items for rating in rated})
    if len(people) != 2:
        return None
    by_person = [{rating.reviewer: rating.value for rating in rated} for rated in items]
    both = [(said.get(people[0]), said.get(people[1])) for said in by_person]
    return [(one, other) for one, other in both if one is not None and other is not None]


def _with_stored(field: LabelField, values: Sequence[Any], ratings: Sequence[Rating]) -> tuple[Measure, ...]:
    """Each rating beside the stored label that it was given on."""
    pairs = [
        (_comparable(rating.stored), _comparable(rating.value))
        for rating in ratings
        if rating.value is not None and rating.stored != "null"
    ]
    if field.kind is LabelKind.CATEGORIES:
        return (percent_agreement(pairs), _renamed(krippendorff_alpha(pairs, masi_distance), "Alpha, MASI"))
    known = [*values, *sorted({v for pair in pairs for v in pair if v not in values}, key=str)]
    table = contingency(pairs, known)
    measures = [percent_agreement(pairs), cohen_kappa(table), gwet_ac1(pairs, known)]
    return tuple(measures + ([weighted_kappa(table)] if field.kind is LabelKind.SEVERITY else []))


def _confusion(ratings: Sequence[Rating], settled: Settled) -> tuple[Change, ...]:
    """Of each entry once where it is adjudicated, else of each rating that is sure; the most frequent first."""
    found: Counter[tuple[str, str]] = Counter()
    done: set[int] = set()
    for rating in ratings:
        if rating.entry in settled:
            if rating.entry not in done:
                found[rating.stored, settled[rating.entry]] += 1
                done.add(rating.entry)
        elif rating.value is not None:
            found[rating.stored, rating.value] += 1
    return tuple(Change(decode_value(s), decode_value(v), count) for (s, v), count in found.most_common())
