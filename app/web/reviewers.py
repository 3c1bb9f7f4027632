from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.actions import sign_in_as
from app.accounts.permissions import Action
from app.accounts.queries import find_reviewers
from app.errors import InvalidInput
from app.importing.queries import find_datasets
from app.reviewing.team import find_team
from app.web.access import needs
from app.web.dependencies import REVIEWER_COOKIE, CurrentReviewer, CurrentVisitor, ReadDb, WriteDb
from app.web.rendering import leave_page, render

router = APIRouter()
_YEAR = 365 * 24 * 3600


@router.get("/reviewers", dependencies=[needs(Action.SEE_PROGRESS)])
def list_reviewers(request: Request, db: ReadDb, visitor: CurrentVisitor, next: str = "/") -> Response:  # noqa: A002
    """Alone one chooses a name here; in a team leads see how far everybody is."""
    if not visitor.is_team:
        return _page(request, db, visitor.reviewer, next)
    datasets = find_datasets(db, visitor.datasets)
    context = {
        "people": find_team(db, visitor.datasets),
        "reviewer": visitor.reviewer,
        "nav": "reviewers",
        "nav_dataset": datasets[0] if datasets else None,
    }
    return render(request, "reviewers/team.html", context)


@router.post("/reviewers", dependencies=[needs(Action.CHOOSE_NAME)])
def choose_reviewer(
    request: Request,
    db: WriteDb,
    read_db: ReadDb,
    name: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002
) -> Response:
    try:
        chosen = sign_in_as(db, name)
    except InvalidInput as error:
        return _page(request, read_db, None, next, typed=name, error=error.message)
    response = leave_page(request, next)
    response.set_cookie(REVIEWER_COOKIE, str(chosen.id), max_age=_YEAR, httponly=True, samesite="lax")
    return response


def _page(
    request: Request, db: ReadDb, reviewer: CurrentReviewer, back_to: str, typed: str = "", error: str | None = None
) -> Response:
    context = {
        "reviewers": find_reviewers(db),
        "reviewer": reviewer,
        "error": error,
        "typed": typed,
        "next": back_to,
        "nav": "reviewers",
        "nav_dataset": next(iter(find_datasets(db)), None),
    }
    return render(request, "reviewers/index.html", context, status=422 if error else 200)
