"""How many entries of each stratum are drawn: whole numbers that add up, and never more than there are."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import floor, sqrt

from app.errors import InvalidInput


class Allocation(StrEnum):
    PROPORTIONAL = "proportional"
    EQUAL = "equal"
    NEYMAN = "neyman"  # Neyman 1934: by size times the standard deviation of the guessed rate
    OWN = "own"  # numbers of one's own, by stratum


def allocate(
    sizes: Sequence[int], n: int, allocation: Allocation, rates: Sequence[float] = (), own: Sequence[int] = ()
) -> list[int]:
    """Of strata of these sizes; `rates` are the guessed error rates (for Neyman), `own` the numbers of one's own.

    Every stratum that has entries gets at least one where `n` suffices, for of none nothing can be said.
    """
    if allocation is Allocation.OWN:
        return [_of_own(number, size) for number, size in zip(own, sizes, strict=True)]
    weights: list[float] = [float(size) for size in sizes]
    if allocation is Allocation.EQUAL:
        weights = [1.0 if size else 0.0 for size in sizes]
    if allocation is Allocation.NEYMAN:
        weights = [size * sqrt(rate * (1 - rate)) for size, rate in zip(sizes, rates, strict=True)]
    return _share_out(sizes, min(n, sum(sizes)), weights)


def _of_own(number: int, size: int) -> int:
    if not 0 <= number <= size:
        raise InvalidInput(f"A stratum of {size:,} entries cannot give {number:,}.", "own")
    return number


def _share_out(sizes: Sequence[int], n: int, weights: Sequence[float]) -> list[int]:
    """By largest remainder; what a stratum is too small for goes to the others."""
    least = 1 if n >= sum(1 for size in sizes if size) else 0
    given = [min(size, least) for size in sizes]
    while (left := n - sum(given)) > 0:
        open_strata = [place for place, size in enumerate(sizes) if given[place] < size]
        shares = _shares(open_strata, weights, given, left)
        for place, more in shares.items():
            given[place] = min(sizes[place], given[place] + more)
    return given


def _shares(places: Sequence[int], weights: Sequence[float], given: Sequence[int], left: int) -> Mapping[int, int]:
    """What each still gets of `left`, when what all of these have together is to stand as their weights do."""
    total = sum(weights[place] for place in places)
    wanted = left + sum(given[place] for place in places)
    exact = {
        place: max(0.0, (wanted * weights[place] / total if total else wanted / len(places)) - given[place])
        for place in places
    }
    scale = left / sum(exact.values())
    whole = {place: floor(scale * share) for place, share in exact.items()}
    by_remainder = sorted(places, key=lambda place: (whole[place] - scale * exact[place], place))
    for place in by_remainder[: left - sum(whole.values())]:
        whole[place] += 1
    return whole
