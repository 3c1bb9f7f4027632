"""What reviewers may learn from their own reviews beside others', for themselves and their leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.queries import get_reviewer
from app.accounts.visitors import Visitor
from app.agreement.calibration.found import find_calibration
from app.agreement.calibration.looking import Look, look
from app.errors import Forbidden, InvalidInput, NotFound
from app.importing.queries import find_datasets, get_dataset, get_dataset_by_id
from app.models import Dataset, Reviewer, ReviewSession
from app.models.label_field import LABEL_FIELDS, decode_value, fields_of
from app.sessions.holding import get_session
from app.sessions.people import takes_part
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, Id, ReadDb
from app.web.rendering import render
from app.web.week_plots import plot_weeks

router = APIRouter()
Slug = Annotated[str, Query(max_length=200)]
SessionId = Annotated[int | None, Query(ge=1, le=2**63 - 1)]


@dataclass(frozen=True)
class Asked:
    """Whose calibration, and over what."""

    reviewer: Reviewer
    dataset: Dataset | None  # None: every one
    session: ReviewSession | None
    datasets: Sequence[Dataset]  # that the visitor sees
    looks: tuple[Look, ...]

    @property
    def query(self) -> str:
        if self.session is not None:
            return f"?session={self.session.id}"
        return f"?dataset={self.dataset.slug}" if self.dataset is not None else ""


@router.get("/reviewers/{reviewer_id}/calibration", dependencies=[needs(Action.READ)])
def show_calibration(
    request: Request,
    reviewer_id: Id,
    db: ReadDb,
    visitor: CurrentVisitor,
    dataset: Slug = "",
    session: SessionId = None,
) -> Response:
    asked = find_asked(db, visitor, reviewer_id, dataset, session)
    found = find_calibration(db, asked.looks)
    context = {
        "asked": asked,
        "found": found,
        "is_own": visitor.reviewer_id == asked.reviewer.id,
        "titles": _titles(asked),
        "words": _words_of(asked),
        "plot": plot_weeks(found.weeks),
        "reviewer": visitor.reviewer,
        "others": [] if asked.dataset else [one for one in asked.datasets if one.id in found.datasets],
        "nav": "reviewers",
        "nav_dataset": asked.dataset or next(iter(asked.datasets), None),
    }
    return render(request, "agreement/reviewer.html", context)


def find_asked(db: ReadDb, visitor: Visitor, reviewer_id: int, slug: str, session_id: int | None) -> Asked:
    if visitor.reviewer_id != reviewer_id and not visitor.may(Action.SEE_PROGRESS):
        raise Forbidden("What reviews say of a reviewer is shown to the reviewer and to leads.")
    reviewer, every = get_reviewer(db, reviewer_id), find_datasets(db, visitor.datasets)
    dataset = get_dataset(db, slug, visitor.datasets) if slug else None
    session = None if session_id is None else _session(db, visitor, session_id)
    if session is not None:
        if dataset is not None and dataset.id != session.dataset_id:
            raise InvalidInput("This review session is one of another dataset. Leave out one of the two.", "session")
        dataset = get_dataset_by_id(db, session.dataset_id)
    looks = tuple(
        look(db, reviewer_id, one.id, session_id, visitor.reviewer, leads=visitor.may(Action.PLAN))
        for one in ([dataset] if dataset else every)
    )
    return Asked(reviewer, dataset, session, every, looks)


def _session(db: ReadDb, visitor: Visitor, session_id: int) -> ReviewSession:
    session = get_session(db, session_id)
    if not visitor.sees(session.dataset_id):
        raise NotFound(f"There is no review session {session_id}.")
    if not (visitor.may(Action.PLAN) or takes_part(db, session_id, visitor.reviewer_id)):
        raise Forbidden("This session is shown to who takes part in it, and to leads.")
    return session


def _titles(asked: Asked) -> dict[str, str]:
    """Of label fields; a response has a number where all are of pairs."""
    titles = {name: field.full_title.rstrip("?") for name, field in LABEL_FIELDS.items()}
    if asked.dataset is not None:
        titles |= {field.name: field.full_title.rstrip("?") for field in fields_of(asked.dataset)}
    return titles


def _words_of(asked: Asked) -> Callable[[str, str], str]:
    """Of values of labels, given as field and canonical JSON."""
    taxonomies = [one.taxonomy for one in ([asked.dataset] if asked.dataset else asked.datasets)]

    def words(field: str, value: str) -> str:
        return LABEL_FIELDS[field].words(decode_value(value), taxonomies[0])

    return words
