"""Looks at a source before anything is written: its files, its schema, and whether the dataset can take it."""

from dataclasses import dataclass, replace

from app.db import Database
from app.errors import InvalidInput
from app.importing.plans import Look, ReadingPlan
from app.importing.queries import find_dataset
from app.importing.reading import Limits
from app.importing.reading.formats import bare_name
from app.importing.reading_process import recognised
from app.importing.requests import ImportRequest
from app.importing.schemas import Layout
from app.importing.sources import Source, resolve_source, slugify
from app.importing.splits import split_of
from app.terms.unit import Unit


@dataclass(frozen=True)
class Prepared:
    source: Source
    slug: str
    plan: ReadingPlan

    @property
    def schema(self) -> str:
        """As it is said aloud: "PKU-SafeRLHF pairs, 19 categories, 2 splits"."""
        return self.plan.layout.sentence(len(self.source.splits))


def prepare(database: Database, request: ImportRequest, limits: Limits) -> Prepared:
    """Raises InvalidInput or Failed, saying what is wrong with which source."""
    source = resolve_source(
        request.sources,
        subset=request.subset,
        revision=request.revision,
        splits=request.splits,
        file_format=request.format,
    )
    if request.title:  # of an upload, whose file has no name of its own
        source = _titled(source, request.title)
    layout = recognised(Look(source.files, request.columns, source.location, limits))
    slug = request.slug or source.slug
    _refuse_another_dataset(database, slug, layout)
    return Prepared(source, slug, ReadingPlan(source.files, layout, limits, request.limit))


def _titled(source: Source, title: str) -> Source:
    files = tuple(replace(file, name=title, split=split_of(title)) for file in source.files)
    bare = bare_name(title)
    return replace(source, files=files, title=bare, slug=slugify(bare), location=title)


def _refuse_another_dataset(database: Database, slug: str, layout: Layout) -> None:
    with database.read() as db:
        dataset = find_dataset(db, slug)
    if dataset is None:
        return
    difference = layout.differs_from(Unit(dataset.unit), dataset.taxonomy, dataset.schema)
    if difference:
        raise InvalidInput(f"This cannot go into the dataset {slug}. {difference} Name another one with --as.", "as")
