"""Plans that say when a batch of labels is good enough, each with what it does at any error rate.

Single and double plans count on an isolated lot, hypergeometric (ISO 2859-2, procedure A); SPRT is Wald 1945.
"""

from dataclasses import asdict, dataclass
from math import ceil, exp, log
from typing import Any, Literal, Protocol

from app.errors import InvalidInput

Decision = Literal["accept", "reject", "continue"]


class AcceptancePlan(Protocol):
    def decide(self, errors: int, n: int) -> Decision: ...
    def probability_of_acceptance(self, rate: float) -> float: ...
    def to_json(self) -> dict[str, Any]: ...


def _at_most(errors: int, lot: int, bad: int, n: int) -> float:
    """P(at most so many errors in n of the lot)."""
    from scipy.stats import hypergeom

    return float(hypergeom.cdf(errors, lot, bad, n))


@dataclass(frozen=True)
class SinglePlan:
    """Accept when `n` entries show at most `allowed` errors."""

    lot: int
    n: int
    allowed: int

    def decide(self, errors: int, n: int) -> Decision:
        if errors > self.allowed:
            return "reject"
        return "accept" if n >= self.n else "continue"

    def probability_of_acceptance(self, rate: float) -> float:
        return _at_most(self.allowed, self.lot, round(rate * self.lot), self.n)

    def to_json(self) -> dict[str, Any]:
        return {"kind": "single", **asdict(self)}


@dataclass(frozen=True)
class DoublePlan:
    """Accept at most `first_allowed` of the first `first_n`, reject `first_rejected` and more; else as many again."""

    lot: int
    first_n: int
    first_allowed: int
    first_rejected: int
    n: int  # of both together
    allowed: int

    def decide(self, errors: int, n: int) -> Decision:
        if errors > self.allowed or (n <= self.first_n and errors >= self.first_rejected):
            return "reject"
        if n == self.first_n and errors <= self.first_allowed:
            return "accept"
        return "accept" if n >= self.n else "continue"

    def probability_of_acceptance(self, rate: float) -> float:
        from scipy.stats import hypergeom

        bad = round(rate * self.lot)
        at_once = _at_most(self.first_allowed, self.lot, bad, self.first_n)
        later = sum(
            float(hypergeom.pmf(found, self.lot, bad, self.first_n))
            * _at_most(self.allowed - found, self.lot - self.first_n, max(bad - found, 0), self.n - self.first_n)
            for found in range(self.first_allowed + 1, self.first_rejected)
        )
        return at_once + later

    def to_json(self) -> dict[str, Any]:
        return {"kind": "double", **asdict(self)}


@dataclass(frozen=True)
class SequentialPlan:
    """Wald's sequential probability ratio test of a good rate against a bad one, looked at after every entry."""

    good: float
    bad: float
    producers_risk: float = 0.05
    consumers_risk: float = 0.05

    def decide(self, errors: int, n: int) -> Decision:
        ratio = errors * log(self.bad / self.good) + (n - errors) * log((1 - self.bad) / (1 - self.good))
        if ratio >= log((1 - self.consumers_risk) / self.producers_risk):
            return "reject"
        return "accept" if ratio <= log(self.consumers_risk / (1 - self.producers_risk)) else "continue"

    def probability_of_acceptance(self, rate: float) -> float:
        """Wald's approximation (1945, section 3.4): found by the root h of its equation."""
        if rate <= 0:
            return 1.0
        if rate >= 1:
            return 0.0
        upper = (1 - self.consumers_risk) / self.producers_risk
        lower = self.consumers_risk / (1 - self.producers_risk)
        h = self._root(rate)
        if abs(h) < 1e-9:
            return log(upper) / (log(upper) - log(lower))
        if h * log(upper) > 500:  # both powers would be beyond what a number holds
            return 1.0
        return float((upper**h - 1) / (upper**h - lower**h))

    def _root(self, rate: float) -> float:
        """The h other than 0 with rate * (bad/good)^h + (1 - rate) * ((1-bad)/(1-good))^h = 1."""
        up, down = log(self.bad / self.good), log((1 - self.bad) / (1 - self.good))

        def off(h: float) -> float:
            return rate * exp(min(h * up, 700)) + (1 - rate) * exp(min(h * down, 700)) - 1

        slope = rate * up + (1 - rate) * down
        if abs(slope) < 1e-12:
            return 0.0
        near, far = (1e-12, 1.0) if slope < 0 else (-1e-12, -1.0)
        while off(far) < 0:
            far *= 2
        for _ in range(200):
            middle = (near + far) / 2
            near, far = (middle, far) if off(middle) < 0 else (near, middle)
        return far

    def to_json(self) -> dict[str, Any]:
        return {"kind": "sequential", **asdict(self)}


_KINDS: dict[str, type[SinglePlan] | type[DoublePlan] | type[SequentialPlan]] = {
    "single": SinglePlan,
    "double": DoublePlan,
    "sequential": SequentialPlan,
}


def from_json(data: dict[str, Any]) -> AcceptancePlan:
    about = {name: value for name, value in data.items() if name != "kind"}
    return _KINDS[data["kind"]](**about)


def limiting_quality_plan(lot: int, limit: float, allowed: int, consumers_risk: float = 0.05) -> SinglePlan:
    """The smallest sample of the lot that passes one with `limit` errors with at most the consumer's risk.

    Raises InvalidInput where even the whole lot does not show that many.
    """
    bad = ceil(limit * lot - 1e-9)
    if bad <= allowed:
        raise InvalidInput(f"{lot:,} entries at this limit hold no more than {bad:,} errors.", "allowed")
    low, high = allowed + 1, lot
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _at_most(allowed, lot, bad, middle) <= consumers_risk else (middle + 1, high)
    return SinglePlan(lot, low, allowed)


def double_plan(lot: int, limit: float, allowed: int, consumers_risk: float = 0.05) -> DoublePlan:
    """Two samples of the same size: no error in the first accepts, more than `allowed` in either rejects."""
    n = limiting_quality_plan(lot, limit, allowed, consumers_risk).n
    while True:
        plan = DoublePlan(lot, ceil(n / 2), 0, allowed + 1, 2 * ceil(n / 2), allowed)
        if plan.probability_of_acceptance(limit) <= consumers_risk or plan.n >= lot:
            return plan
        n += 1


def beavertails_plan(lot: int) -> SinglePlan:
    """As BeaverTails was made (Ji et al. 2023): 10 % of a batch looked at, at least 90 % agreement."""
    n = max(1, ceil(lot / 10))
    return SinglePlan(lot, n, n // 10)


def curve(plan: AcceptancePlan, up_to: float, points: int = 40) -> list[tuple[float, float]]:
    """The operating characteristic: error rates, and with which probability a batch with them is accepted.

    In an isolated lot so many entries are wrong: rates between do not occur.
    """
    lot = getattr(plan, "lot", None)
    if lot is None:
        rates = [up_to * point / points for point in range(points + 1)]
    else:
        step = max(1, round(up_to * lot / points))
        rates = [bad / lot for bad in range(0, int(up_to * lot) + 1, step)]
    return [(rate, plan.probability_of_acceptance(rate)) for rate in rates]
