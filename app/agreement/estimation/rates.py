"""The error rate of a population and of each of its strata."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from app.agreement.estimation.intervals import midp_interval, overall_rate, variance
from app.agreement.estimation.observed import Observed, Population, RateEstimate
from app.agreement.estimation.tally import Tally, by_stratum, tally_strata
from app.agreement.measures.intervals import Interval

SIMPLE, STRATIFIED, CLUSTERED = "error-rate-simple", "error-rate-stratified", "error-rate-clustered"
METHODS = (SIMPLE, STRATIFIED, CLUSTERED)  # anchors on /help/statistics

# Strata without an answer are taken to be like the rest as long as they are no larger a share of the population.
UNSEEN_AT_MOST = 0.05


def estimate_error_rate(observed: Sequence[Observed], population: Population, confidence: float = 0.95) -> RateEstimate:
    """Weighted by stratum: each counts as it does in the population, however many of it were drawn or answered.

    Raises ValueError for a stratum that the population has not, and a probability outside (0, 1].
    """
    _refuse_strangers(observed, population)
    strata = {name: size for name, size in population.strata.items() if size > 0}
    tallies = tally_strata(observed, replace(population, strata=strata))
    seen = sum(strata[name] for name in tallies)
    estimate = RateEstimate(
        rate=None,
        low=None,
        high=None,
        count=None,
        count_low=None,
        count_high=None,
        n=sum(tally.entries for tally in tallies.values()),
        population=population.size,
        method=_method(observed, strata),
        confidence=confidence,
    )
    unseen = {name: size for name, size in strata.items() if name not in tallies}
    if seen == 0 or sum(unseen.values()) > UNSEEN_AT_MOST * population.size:
        return replace(estimate, why_undefined=_why_undefined(unseen, population, bool(tallies)))
    found = list(tallies.values())
    rate, limits = overall_rate(found), _limits(observed, population, found, confidence)
    return replace(
        estimate,
        rate=rate,
        low=limits.low,
        high=limits.high,
        count=rate * population.size,
        count_low=limits.low * population.size,
        count_high=limits.high * population.size,
        design_effect=_design_effect(found, population),
        notes=tuple(_notes(tallies, unseen, population)),
    )


def estimate_by_stratum(
    observed: Sequence[Observed], population: Population, confidence: float = 0.95
) -> Mapping[str, RateEstimate]:
    """In the order of the population, the strata without an answer too."""
    _refuse_strangers(observed, population)
    return {
        name: estimate_error_rate(drawn, Population({name: population.strata[name]}, population.clusters), confidence)
        for name, drawn in by_stratum(observed, population).items()
    }


def _refuse_strangers(observed: Sequence[Observed], population: Population) -> None:
    if any(population.strata.get(name, 0) <= 0 for name in {entry.stratum for entry in observed}):
        raise ValueError("Something was drawn from a stratum in which the population has nothing")
    if any(not 0 < chance <= 1 for chance in {entry.probability for entry in observed}):
        raise ValueError("A probability of inclusion is above 0 and at most 1")


def _method(observed: Sequence[Observed], strata: Mapping[str, int]) -> str:
    if any(entry.cluster is not None for entry in observed):
        return CLUSTERED
    return STRATIFIED if len(strata) > 1 else SIMPLE


def _limits(
    observed: Sequence[Observed], population: Population, tallies: Sequence[Tally], confidence: float
) -> Interval:
    if overall_rate(tallies) > 0.5:
        right = [replace(entry, error=None if entry.error is None else 1 - entry.error) for entry in observed]
        rarer = midp_interval(list(tally_strata(right, population).values()), confidence)
        limits = Interval(1 - rarer.high, 1 - rarer.low)
    else:
        limits = midp_interval(tallies, confidence)
    # What was seen is certain: as many are wrong, and as many are right.
    rate, size = overall_rate(tallies), population.size
    wrong = sum(tally.errors for tally in tallies)
    not_right = size - sum(tally.entries for tally in tallies) + wrong
    return Interval(min(max(limits.low, wrong / size), rate), max(min(limits.high, not_right / size), rate))


def _design_effect(tallies: Sequence[Tally], population: Population) -> float | None:
    rate, n = overall_rate(tallies), sum(tally.entries for tally in tallies)
    if n < 2 or n >= population.size or not 0 < rate < 1:
        return None
    return variance(tallies) / (rate * (1 - rate) / (n - 1) * (1 - n / population.size))


def _why_undefined(unseen: Mapping[str, int], population: Population, some_answered: bool) -> str:
    if population.size == 0:
        return "The population is empty."
    if not some_answered:
        return "Nothing drawn has an answer yet."
    return (
        f"No answer yet from {_named(unseen)}, {sum(unseen.values()):,} of {population.size:,} entries: "
        f"too many to take them to be like the rest (at most {UNSEEN_AT_MOST:.0%})."
    )


def _notes(tallies: Mapping[str, Tally], unseen: Mapping[str, int], population: Population) -> list[str]:
    notes = []
    if unseen:
        notes.append(
            f"No answer from {_named(unseen)}, {sum(unseen.values()):,} of {population.size:,} entries: "
            "taken to be like the rest."
        )
    lone = [name for name, tally in tallies.items() if tally.units == 1 and tally.fraction < 1]
    if lone and len(tallies) > 1:
        notes.append(
            f"A single answer from {_named(lone)}: its variance is taken from its distance to the overall rate."
        )
    return notes


def _named(strata: Mapping[str, int] | Sequence[str]) -> str:
    names = list(strata)
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"the {'stratum' if len(names) == 1 else 'strata'} {listed}"
