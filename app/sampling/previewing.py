"""What a sample would be, before it is drawn: what it costs, and how exact it would be."""

from dataclasses import dataclass
from math import sqrt
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Entry, Review, ReviewState
from app.sampling.actions import allocation_of
from app.sampling.designs import Design, Kind
from app.sampling.drawing import number_of_prompts
from app.sampling.populations import Population, find_units
from app.sampling.reading import Typed
from app.sampling.sizes import half_width

ASSUMED_SECONDS = 45  # of attention to an entry, where nobody has reviewed any yet
_LOOKED_AT = 1_000  # of the latest reviews


@dataclass(frozen=True)
class PlannedStratum:
    name: str
    size: int
    sampled: int
    half_width: float | None  # of its own error rate


@dataclass(frozen=True)
class Preview:
    strata: tuple[PlannedStratum, ...]
    n: int
    prompts: int | None  # that are drawn, where prompts are
    reviews: int
    seconds: float  # of attention to an entry
    is_assumed: bool  # nobody has reviewed any yet
    half_width: float | None  # of the error rate of all; without what clusters cost

    @property
    def hours(self) -> float:
        return self.reviews * self.seconds / 3600


def preview(db: Session, dataset_id: int, population: Population, design: Design, typed: Typed) -> Preview:
    """Raises InvalidInput for what cannot be drawn."""
    rate, confidence = typed.rate, typed.confidence
    numbers = allocation_of(population, design)
    strata = tuple(
        PlannedStratum(s.name, s.size, numbers[s.name], half_width(numbers[s.name], rate, s.size, confidence))
        for s in population.strata
    )
    n, prompts = sum(numbers.values()), None
    if design.kind is Kind.CLUSTERS:
        prompts = number_of_prompts(population.size, _count_prompts(db, population), n)
    seconds = _seconds(db, dataset_id)
    reviews = n * typed.overlap + round(n * typed.second_share)
    exactness = _whole(strata, population.size)
    return Preview(strata, n, prompts, reviews, seconds or ASSUMED_SECONDS, seconds is None, exactness)


def _whole(strata: tuple[PlannedStratum, ...], size: int) -> float | None:
    """Of the weighted mean of the strata (Cochran 1977, 5.6)."""
    if any(stratum.half_width is None for stratum in strata):
        return None
    return sqrt(sum((stratum.size / size * (stratum.half_width or 0)) ** 2 for stratum in strata))


def _count_prompts(db: Session, population: Population) -> int:
    return len({unit.prompt_key for unit in find_units(db, population)})


def _seconds(db: Session, dataset_id: int) -> float | None:
    latest = (
        select(Review.active_seconds)
        .join(Entry, Entry.id == Review.entry_id)
        .where(Entry.dataset_id == dataset_id, Review.state == ReviewState.SUBMITTED, Review.active_seconds > 0)
        .order_by(Review.id.desc())
        .limit(_LOOKED_AT)
    )
    seconds = [value for value in db.scalars(latest) if value]
    return float(median(seconds)) if seconds else None
