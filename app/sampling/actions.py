"""Draws a sample and keeps it as it is: the plan, the seed, and the list with its inclusion probabilities."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.models import Dataset, Reviewer, SampledEntry, SamplingPlan
from app.models.event import record_event
from app.names import readable_name
from app.sampling.allocation import allocate
from app.sampling.designs import Design, Kind
from app.sampling.drawing import Drawn, Unit, draw, draw_clusters
from app.sampling.populations import Population, find_units

LONGEST_TITLE = 120
MOST_ENTRIES = 50_000


def allocation_of(population: Population, design: Design) -> Mapping[str, int]:
    """Entries to be drawn of each stratum; raises InvalidInput for what cannot be drawn."""
    if not population.size:
        raise InvalidInput("No entry passes these filters: there is nothing to draw from.", "q")
    if not 1 <= design.n <= MOST_ENTRIES:
        raise InvalidInput(f"A sample has from 1 to {MOST_ENTRIES:,} entries.", "n")
    sizes = [stratum.size for stratum in population.strata]
    names = [stratum.name for stratum in population.strata]
    rates = [design.rates.get(name, 0.1) for name in names]
    own = [design.own.get(name, 0) for name in names]
    numbers = allocate(sizes, design.n, design.allocation, rates, own)
    if not sum(numbers):
        raise InvalidInput("Nothing would be drawn: say how many entries of which stratum.", "own")
    return dict(zip(names, numbers, strict=True))


def draw_plan(
    db: Session,
    reviewer: Reviewer | None,
    dataset: Dataset,
    population: Population,
    design: Design,
    title: str,
    revision: str | None,
) -> SamplingPlan:
    """Raises InvalidInput, and then has written nothing."""
    name = readable_name(title, LONGEST_TITLE)
    if name is None:
        raise InvalidInput(f"Give the sample a title of at most {LONGEST_TITLE} characters that can be seen.", "title")
    numbers = allocation_of(population, design)
    units = find_units(db, population)
    if design.kind is Kind.CLUSTERS:
        drawn = draw_clusters(units, design.n, design.seed)
    else:
        drawn = draw(units, numbers, design.seed)
    plan = SamplingPlan(
        dataset_id=dataset.id,
        title=name,
        design=design.to_json(),
        query=population.query,
        seed=design.seed,
        population=population.size,
        strata=_strata(population, units, drawn, design.kind),
        data_version=dataset.data_version,
        revision=revision,
        created_by=reviewer.id if reviewer else None,
    )
    db.add(plan)
    db.flush()
    db.execute(insert(SampledEntry), [_row(plan, place, one) for place, one in enumerate(drawn)])
    _record(db, reviewer, plan, len(drawn))
    return plan


def _strata(
    population: Population, units: Sequence[Unit], drawn: Sequence[Drawn], kind: Kind
) -> list[dict[str, object]]:
    """Also how many prompts there are, where prompts were drawn: what was not seen is estimated from it."""
    sampled = Counter(one.stratum for one in drawn)
    prompts: defaultdict[str, set[str]] = defaultdict(set)
    if kind is Kind.CLUSTERS:
        for unit in units:
            prompts[unit.stratum].add(unit.prompt_key)
    return [
        {"name": stratum.name, "size": stratum.size, "sampled": sampled[stratum.name]}
        | ({"clusters": len(prompts[stratum.name])} if prompts else {})
        for stratum in population.strata
    ]


def _row(plan: SamplingPlan, place: int, one: Drawn) -> dict[str, object]:
    return {
        "plan_id": plan.id,
        "place": place,
        "entry_id": one.entry_id,
        "stratum": one.stratum,
        "inclusion_probability": one.inclusion_probability,
        "cluster": one.cluster,
    }


def _record(db: Session, reviewer: Reviewer | None, plan: SamplingPlan, entries: int) -> None:
    data = {
        "plan": plan.id,
        "title": plan.title,
        "design": plan.design,
        "query": plan.query,
        "seed": plan.seed,
        "population": plan.population,
        "entries": entries,
    }
    record_event(db, "plan.drawn", data, reviewer_id=reviewer.id if reviewer else None, dataset_id=plan.dataset_id)
