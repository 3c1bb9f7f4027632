"""A plan as it was typed, into a form, an address or a command: read strictly, one sentence per mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from app.errors import InvalidInput
from app.sampling.acceptance import (
    AcceptancePlan,
    SequentialPlan,
    beavertails_plan,
    double_plan,
    limiting_quality_plan,
)
from app.sampling.allocation import Allocation
from app.sampling.designs import Design, Kind

Given = Mapping[str, Sequence[str]]  # a form, or a query string
_MOST = 10**12
ACCEPTANCES = ("none", "single", "double", "sequential", "beavertails")
_OWN, _RATE = "own.", "rate."  # before the name of a stratum


@dataclass(frozen=True)
class Typed:
    title: str
    filter: str
    kind: Kind
    n: int
    strata: tuple[str, ...]
    allocation: Allocation
    own: Mapping[str, int]
    rates: Mapping[str, float]
    overlap: int
    second_share: float  # of the entries, that one more reviews
    seed: int
    rate: float  # guessed
    half_width: float  # wanted
    confidence: float
    out_of: int | None  # another population, to calculate with
    acceptance: str
    limit: float  # of errors in a batch that is to be rejected
    good: float  # of errors in a batch that is to be accepted
    allowed: int

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Of the filter."""
        return parse_qsl(self.filter.removeprefix("?"), keep_blank_values=True)


def read_typed(given: Given) -> Typed:
    """Shares are typed in percent. Raises InvalidInput that names the field."""
    names = [value for value in given.get("strata", ()) if value]
    pairs = [(name, values[-1]) for name, values in given.items() if values]
    return Typed(
        title=_text(given, "title"),
        filter=_text(given, "filter"),
        kind=Kind(_one_of(given, "kind", [str(kind) for kind in Kind], Kind.SIMPLE)),
        n=_whole(given, "n", 1, 50_000, 100),
        strata=tuple(dict.fromkeys(names)),
        allocation=Allocation(_one_of(given, "allocation", [str(one) for one in Allocation], Allocation.PROPORTIONAL)),
        own={key.removeprefix(_OWN): _number(key, value) for key, value in pairs if key.startswith(_OWN) and value},
        rates={key.removeprefix(_RATE): _share(key, value) for key, value in pairs if key.startswith(_RATE) and value},
        overlap=_whole(given, "overlap", 1, 20, 2),
        second_share=_percent(given, "second_share", 0),
        seed=_whole(given, "seed", 0, 2**62, 1),
        rate=_percent(given, "rate", 5),
        half_width=_percent(given, "half_width", 3),
        confidence=_percent(given, "confidence", 95),
        out_of=_whole(given, "out_of", 1, _MOST, 0) or None,
        acceptance=_one_of(given, "acceptance", list(ACCEPTANCES), "none"),
        limit=_percent(given, "limit", 5),
        good=_percent(given, "good", 1),
        allowed=_whole(given, "allowed", 0, 1_000, 0),
    )


def acceptance_of(typed: Typed, lot: int) -> AcceptancePlan | None:
    """Of a batch of so many entries."""
    if typed.acceptance == "none" or not lot:
        return None
    if typed.acceptance == "beavertails":
        return beavertails_plan(lot)
    if typed.acceptance == "sequential":
        if not 0 < typed.good < typed.limit < 1:
            raise InvalidInput("The error rate to accept is above 0 and below the one to reject.", "good")
        return SequentialPlan(typed.good, typed.limit)
    plan = double_plan if typed.acceptance == "double" else limiting_quality_plan
    return plan(lot, typed.limit, typed.allowed)


def design_of(typed: Typed, lot: int) -> Design:
    if typed.kind is Kind.STRATIFIED and not typed.strata:
        raise InvalidInput("Choose by what the entries are divided into strata.", "strata")
    plan = acceptance_of(typed, lot)
    allocation = typed.allocation if typed.kind is Kind.STRATIFIED else Allocation.PROPORTIONAL
    return Design(
        kind=typed.kind,
        n=typed.n,
        strata=typed.strata if typed.kind is Kind.STRATIFIED else (),
        allocation=allocation,
        rates=dict(typed.rates),
        own=dict(typed.own),
        seed=typed.seed,
        overlap=typed.overlap,
        second_share=typed.second_share,
        acceptance=plan.to_json() if plan else None,
    )


def _text(given: Given, name: str) -> str:
    values = given.get(name)
    return values[-1] if values else ""


def _one_of(given: Given, name: str, valid: list[str], default: str) -> str:
    typed = _text(given, name) or default
    if typed not in valid:
        raise InvalidInput(f"{name} is one of {', '.join(valid)}.", name, valid)
    return typed


def _whole(given: Given, name: str, least: int, most: int, default: int) -> int:
    typed = _text(given, name).strip()
    if not typed:
        return default
    number = _number(name, typed)
    if not least <= number <= most:
        raise InvalidInput(f"{name} is a whole number from {least:,} to {most:,}.", name)
    return number


def _number(name: str, value: object) -> int:
    typed = str(value).strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) < 20):
        raise InvalidInput(f"{name[:60]} is a whole number.", name[:60])
    return int(typed)


def _percent(given: Given, name: str, default: float) -> float:
    return _share(name, _text(given, name).strip() or str(default))


def _share(name: str, value: object) -> float:
    """From percent."""
    try:
        share = float(str(value)) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise InvalidInput(f"{name[:60]} is a number of percent, from 0 to 100.", name[:60])
    return share
