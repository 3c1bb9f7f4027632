"""A stratum's answers as the few sums that its rate and its variance need."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.agreement.estimation.observed import Observed, Population


@dataclass(frozen=True)
class Tally:
    """Of one stratum."""

    size: int  # entries of the stratum
    fraction: float  # of the stratum that answered
    entries: int
    units: int
    errors: float
    weight: float
    wrong: float
    weight_squares: float  # over units, like the next two
    wrong_squares: float
    products: float
    heaviest: float  # weight of an entry

    @property
    def rate(self) -> float:
        return self.wrong / self.weight

    def variance(self, overall: float) -> float:
        """Of `rate`, by linearisation over the units; a lone unit is held against the overall rate.

        For entries drawn alone it is (1 - f) p (1 - p) / (n - 1).
        """
        centre, scale = (self.rate, self.units / (self.units - 1)) if self.units > 1 else (overall, 1.0)
        squares = self.wrong_squares - 2 * centre * self.products + centre**2 * self.weight_squares
        return max((1 - self.fraction) * scale * squares / self.weight**2, 0.0)

    @property
    def step(self) -> float:
        """What one more error would add to the number of errors in the population."""
        return 0.0 if self.fraction >= 1 else self.size * self._more / self.weight

    @property
    def _more(self) -> float:
        """The weight of what is drawn as one, of average size: in a cluster errors come together."""
        return min(self.heaviest * self.entries / self.units, self.weight - self.wrong)

    def with_one_more_error(self) -> "Tally":
        more = self._more
        return replace(
            self,
            wrong=self.wrong + more,
            wrong_squares=self.wrong_squares + more**2,
            products=self.products + more**2,
        )


def tally_strata(observed: Iterable[Observed], population: Population) -> dict[str, Tally]:
    """Of the strata with an answer, in the order of the population."""
    return {
        name: _tally(drawn, population, name)
        for name, drawn in by_stratum(observed, population).items()
        if any(entry.error is not None for entry in drawn)
    }


def by_stratum(observed: Iterable[Observed], population: Population) -> dict[str, list[Observed]]:
    drawn: dict[str, list[Observed]] = {name: [] for name in population.strata}
    for entry in observed:
        drawn[entry.stratum].append(entry)
    return drawn


def _tally(drawn: list[Observed], population: Population, name: str) -> Tally:
    answered = [entry for entry in drawn if entry.error is not None]
    units = _units(answered).items()
    return Tally(
        size=population.strata[name],
        fraction=_fraction(drawn, len(answered), population, name),
        entries=len(answered),
        units=sum(times for _, times in units),
        errors=sum(float(entry.error or 0) for entry in answered),
        weight=sum(weight * times for (weight, _), times in units),
        wrong=sum(wrong * times for (_, wrong), times in units),
        weight_squares=sum(weight**2 * times for (weight, _), times in units),
        wrong_squares=sum(wrong**2 * times for (_, wrong), times in units),
        products=sum(weight * wrong * times for (weight, wrong), times in units),
        heaviest=1 / min(entry.probability for entry in answered),
    )


def _units(answered: list[Observed]) -> Counter[tuple[float, float]]:
    """The weight of what was drawn as one, an entry or a cluster, and of what is wrong in it; how often it is so."""
    alone = Counter((entry.probability, float(entry.error or 0)) for entry in answered if entry.cluster is None)
    units = Counter({(1 / chance, error / chance): times for (chance, error), times in alone.items()})
    together: dict[str, tuple[float, float]] = {}
    for entry in answered:
        if entry.cluster is not None:
            weight, wrong = together.get(entry.cluster, (0.0, 0.0))
            more = 1 / entry.probability
            together[entry.cluster] = (weight + more, wrong + more * float(entry.error or 0))
    units.update(together.values())
    return units


def _fraction(drawn: list[Observed], answered: int, population: Population, name: str) -> float:
    """For the finite population correction: never more than was really seen of a stratum."""
    if population.clusters is None or name not in population.clusters:
        return min(answered / population.strata[name], 1.0)
    seen = len({entry.cluster for entry in drawn if entry.cluster is not None})
    # Clusters of which only a part was drawn leave more unseen than the share of clusters says.
    whole = min(seen / population.clusters[name], max(entry.probability for entry in drawn))
    return min(whole * answered / len(drawn), 1.0)
