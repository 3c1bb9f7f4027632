"""How a sample is to be drawn, as people say it and as it is stored: the population, the strata, how many, the seed."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.sampling.allocation import Allocation


class Kind(StrEnum):
    SIMPLE = "simple"
    STRATIFIED = "stratified"
    CLUSTERS = "clusters"  # all pairs of prompts that are drawn


@dataclass(frozen=True)
class Design:
    query: tuple[tuple[str, str], ...] = ()  # of the population, as the list of entries takes it
    kind: Kind = Kind.SIMPLE
    n: int = 100
    strata: tuple[str, ...] = ()  # facets that are crossed
    allocation: Allocation = Allocation.PROPORTIONAL
    rates: dict[str, float] = field(default_factory=dict)  # guessed, by stratum: for Neyman
    own: dict[str, int] = field(default_factory=dict)  # numbers by stratum
    seed: int = 1
    overlap: int = 2  # reviewers of an entry
    second_share: float = 0.0  # of the entries, that one more reviews
    acceptance: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": str(self.kind),
            "n": self.n,
            "strata": list(self.strata),
            "allocation": str(self.allocation),
            "rates": self.rates,
            "own": self.own,
            "overlap": self.overlap,
            "second_share": self.second_share,
            "acceptance": self.acceptance,
        }
