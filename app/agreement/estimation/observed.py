"""What goes into an estimate, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Observed:
    """One drawn entry and what its reviewers found."""

    stratum: str
    cluster: str | None  # what was drawn as one, such as all pairs of a prompt
    probability: float  # of inclusion, as the plan has it
    error: bool | float | None  # the share of reviewers who disagree; None: nobody answered, or only unsure


@dataclass(frozen=True)
class Population:
    strata: Mapping[str, int]  # entries
    clusters: Mapping[str, int] | None = None  # by stratum, when clusters were drawn; they lie inside a stratum

    @property
    def size(self) -> int:
        return sum(self.strata.values())


@dataclass(frozen=True)
class RateEstimate:
    """The share and the number of wrong labels in a population; all None, with the reason in words, when undefined."""

    rate: float | None
    low: float | None
    high: float | None
    count: float | None
    count_low: float | None
    count_high: float | None
    n: int  # entries with an answer
    population: int  # entries
    method: str  # anchor on /help/statistics
    design_effect: float | None = None  # variance over that of a simple random sample of n; None without errors
    why_undefined: str = ""
    notes: tuple[str, ...] = ()  # sentences that belong beside the numbers
    confidence: float = 0.95
