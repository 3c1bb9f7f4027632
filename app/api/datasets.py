from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.agreement.queries import find_agreement, find_non_response
from app.api.conditional import answer, json_response
from app.api.documents import dataset_summary, statistics, whole_dataset
from app.api.own_parameters import Pairs, refuse, taken_out
from app.browsing.blindness import without_labels
from app.browsing.charting.statistics import find_outline, find_statistics
from app.browsing.versions import version_of, version_of_all
from app.errors import InvalidInput
from app.importing.queries import find_datasets, find_imports, get_dataset
from app.models import Dataset, DatasetImport, Reviewer
from app.reviewing.sight import refuse_while_blind
from app.web.access import needs
from app.web.blindness import hides_others, is_blind
from app.web.dependencies import CurrentReviewer, CurrentVisitor, Indexes, ReadDb

router = APIRouter(tags=["datasets"])
# What a list is ordered and cut by: numbers have neither.
_OF_LISTS = ("sort", "seed", "after", "page", "entry", "limit")


@router.get("/datasets", dependencies=[needs(Action.READ, takes_tokens=True)])
def list_datasets(request: Request, db: ReadDb, indexes: Indexes, visitor: CurrentVisitor) -> Response:
    datasets = find_datasets(db, visitor.datasets)

    def make() -> Response:
        found = [dataset_summary(d, find_outline(db, indexes, d), _find_changes(db, d)) for d in datasets]
        return json_response({"datasets": found})

    return answer(request, version_of_all(db, indexes, datasets), make)


@router.get("/datasets/{slug}", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_dataset(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset, hides_labels = get_dataset(db, slug), is_blind(reviewer)

    def make() -> Response:
        outline = find_outline(db, indexes, dataset)
        shown = without_labels(outline) if hides_labels else outline
        return json_response(whole_dataset(dataset, shown, _find_changes(db, dataset)))

    return answer(request, (*version_of(db, indexes, dataset), hides_labels), make)


def _find_changes(db: ReadDb, dataset: Dataset) -> Sequence[DatasetImport]:
    return [record for record in find_imports(db, dataset.id) if not record.is_dry_run]


@router.get("/datasets/{slug}/statistics", dependencies=[needs(Action.READ, takes_tokens=True)])
def show_statistics(request: Request, slug: str, db: ReadDb, indexes: Indexes, reviewer: CurrentReviewer) -> Response:
    dataset = get_dataset(db, slug)
    refuse_while_blind(reviewer, "statistics")
    pairs = request.query_params.multi_items()
    # What a queue passes over is no event, and makes no new version.
    versions = (*version_of(db, indexes, dataset), find_non_response(db, dataset))
    return answer(request, versions, lambda: _statistics(db, indexes, dataset, pairs, reviewer))


def _statistics(db: ReadDb, indexes: Indexes, dataset: Dataset, pairs: Pairs, reviewer: Reviewer | None) -> Response:
    own, pairs = taken_out(pairs, ("rows", "columns"))
    refuse(pairs, _OF_LISTS, "numbers have no order and no pages")
    if len(own) == 1:
        raise InvalidInput("rows and columns go together: each names a facet.", *own)
    found = find_statistics(db, indexes, dataset, pairs, (own["rows"], own["columns"]) if own else None)
    if any(value for _, value in pairs) or hides_others(reviewer):
        return json_response(statistics(dataset, found, None, None))
    return json_response(statistics(dataset, found, find_agreement(db, dataset), find_non_response(db, dataset)))
