"""A stratum's answers as the few sums that its rate and its variance need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.agreement.estimation.observed import Observed, Population


@dataclass(frozen=True)
class Tally:
    """Of one stratum."""

    share: float  # of the population
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
        """What one more error would add to the rate of the population."""
        return 0.0 if self.fraction >= 1 else self.share * self._more / self.weight

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
    """Of the strata with an answer."""
    drawn: dict[str, list[Observed]] = {name: [] for name in population.strata}
    for entry in observed:
        drawn[entry.stratum].append(entry)
    whole = sum(population.strata[name] for name, entries in drawn.items() if _answered(entries))
    return {
        name: _tally(entries, population, name, population.strata[name] / whole)
        for name, entries in drawn.items()
        if _answered(entries)
    }


def _answered(entries: Iterable[Observed]) -> bool:
    return any(entry.error is not None for entry in entries)


def _tally(drawn: list[Observed], population: Population, name: str, share: float) -> Tally:
    answered = [entry for entry in drawn if entry.error is not None]
    units = _units(answered)
    return Tally(
        share=share,
        fraction=_fraction(drawn, len(answered), population.strata[name], population.clusters, name),
        entries=len(answered),
        units=len(units),
        errors=sum(float(entry.error or 0) for entry in answered),
        weight=sum(weight for weight, _ in units),
        wrong=sum(wrong for _, wrong in units),
        weight_squares=sum(weight**2 for weight, _ in units),
        wrong_squares=sum(wrong**2 for _, wrong in units),
        products=sum(weight * wrong for weight, wrong in units),
        heaviest=1 / min(entry.probability for entry in answered),
    )


def _units(answered: list[Observed]) -> list[tuple[float, float]]:
    """The weight of each that was drawn as one, an entry or a cluster, and of what is wrong in it."""
    alone, together = [], dict[str, tuple[float, float]]()
    for entry in answered:
        weight = 1 / entry.probability
        wrong = weight * float(entry.error or 0)
        if entry.cluster is None:
            alone.append((weight, wrong))
        else:
            former = together.get(entry.cluster, (0.0, 0.0))
            together[entry.cluster] = (former[0] + weight, former[1] + wrong)
    return alone + list(together.values())


def _fraction(drawn: list[Observed], answered: int, size: int, clusters: Mapping[str, int] | None, name: str) -> float:
    """For the finite population correction: never more than was really seen of a stratum."""
    if clusters is None or name not in clusters:
        return min(answered / size, 1.0)
    seen = len({entry.cluster for entry in drawn if entry.cluster is not None})
    # Clusters of which only a part was drawn leave more unseen than the share of clusters says.
    whole = min(seen / clusters[name], max(entry.probability for entry in drawn))
    return min(whole * answered / len(drawn), 1.0)
