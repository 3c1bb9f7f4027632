"""Drawing samples."""

from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from app.browsing.engine.index import BrowseIndexes
from app.cli.context import Json, opened_database, print_json, print_line
from app.errors import InvalidInput
from app.importing.queries import get_dataset
from app.models import Dataset, SamplingPlan
from app.sampling.actions import draw_plan
from app.sampling.populations import find_population
from app.sampling.queries import COLUMNS, find_revision, find_sampled
from app.sampling.reading import Given, design_of, read_typed
from app.settings import load_settings


def register(cli: typer.Typer) -> None:
    cli.command()(sample)


def sample(
    slug: Annotated[str, typer.Argument(help="The dataset, as in its URL.")],
    size: Annotated[int, typer.Option(help="Entries to draw.")] = 100,
    query: Annotated[str, typer.Option("--filter", help="A browse page's query string: what to draw from.")] = "",
    strata: Annotated[
        str, typer.Option(help="What to divide by: safety,severity; contradiction (any or none); category:SLUG.")
    ] = "",
    allocation: Annotated[str, typer.Option(help="proportional, equal, neyman or own.")] = "proportional",
    own: Annotated[list[str] | None, typer.Option(help="STRATUM=NUMBER, for --allocation own; repeatable.")] = None,
    rate: Annotated[list[str] | None, typer.Option(help="STRATUM=PERCENT guessed wrong, for neyman.")] = None,
    cluster: Annotated[bool, typer.Option("--cluster", help="Draw prompts, with all their pairs.")] = False,
    overlap: Annotated[int, typer.Option(help="Reviewers of each entry, for the session that is made of it.")] = 2,
    second_share: Annotated[float, typer.Option(help="Percent of the entries that one more reviews.")] = 0,
    acceptance: Annotated[str, typer.Option(help="none, single, double, sequential or beavertails.")] = "none",
    limit: Annotated[float, typer.Option(help="Reject a batch with so many percent wrong.")] = 5,
    allowed: Annotated[int, typer.Option(help="Wrong ones allowed in the sample.")] = 0,
    good: Annotated[float, typer.Option(help="Sequential: accept a batch with so many percent wrong.")] = 1,
    seed: Annotated[int, typer.Option(help="The same seed draws the same entries again.")] = 1,
    title: Annotated[str, typer.Option(help="What the sample is called.")] = "",
    json: Json = False,
) -> None:
    """Draw a sample and keep it, for a review session to be made of.

    Example: saferlhf-review sample sample --size 60 --strata safety --allocation equal --seed 7
    """
    facets = [name.strip() for name in strata.split(",") if name.strip()]
    if cluster and facets:
        raise InvalidInput("A sample is of --strata or of prompts (--cluster), not both.", "strata")
    given = {
        "title": [title or f"{size} of {slug}, seed {seed}"],
        "filter": [query],
        "kind": ["clusters" if cluster else "stratified" if facets else "simple"],
        "n": [str(size)],
        "strata": facets,
        "allocation": [allocation],
        "seed": [str(seed)],
        "overlap": [str(overlap)],
        "second_share": [str(second_share)],
        "acceptance": [acceptance],
        "limit": [str(limit)],
        "allowed": [str(allowed)],
        "good": [str(good)],
        **_by_stratum("own", own),
        **_by_stratum("rate", rate),
    }
    with opened_database(load_settings()) as database, database.write() as db:
        dataset = get_dataset(db, slug)
        plan = _draw(db, BrowseIndexes(database), dataset, given)
        told = _told(db, dataset, plan)
    if json:
        print_json(told)
        return
    print_line(
        f"Drew {told['sampled']:,} of {told['population']:,} entries with seed {told['seed']}: {told['address']}"
    )
    for stratum in told["strata"]:
        print_line(f"{stratum['sampled']:>8,} of {stratum['size']:>9,}  {stratum['name']}")


def _by_stratum(name: str, pairs: list[str] | None) -> dict[str, list[str]]:
    found = {}
    for pair in pairs or []:
        stratum, equals, number = pair.rpartition("=")
        if not equals:
            raise InvalidInput(f"--{name} is given as NAME=NUMBER.", name)
        found[f"{name}.{stratum}"] = [number]
    return found


def _draw(db: Session, indexes: BrowseIndexes, dataset: Dataset, given: Given) -> SamplingPlan:
    typed = read_typed(given)
    population = find_population(db, indexes, dataset, typed.pairs, typed.strata)
    design = design_of(typed, population.size)
    return draw_plan(db, None, dataset, population, design, typed.title, find_revision(db, dataset))


def _told(db: Session, dataset: Dataset, plan: SamplingPlan) -> dict[str, Any]:
    return {
        "id": plan.id,
        "title": plan.title,
        "address": f"/datasets/{dataset.slug}/plans/{plan.id}",
        "query": plan.query,
        "seed": plan.seed,
        "population": plan.population,
        "sampled": sum(int(stratum["sampled"]) for stratum in plan.strata),
        "strata": plan.strata,
        "entries": [dict(zip(COLUMNS, row, strict=True)) for row in find_sampled(db, plan)],
    }
