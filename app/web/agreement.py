"""What review sessions say about the labels."""

import csv
import io

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.permissions import Action
from app.accounts.visitors import Visitor
from app.agreement.methods import METHODS
from app.agreement.ratings import COLUMNS, as_row, find_ratings
from app.errors import Forbidden
from app.models import ReviewSession, SessionState
from app.sessions.holding import get_session
from app.sessions.people import takes_part
from app.terms.exported import guarded
from app.web.access import needs
from app.web.dependencies import CurrentVisitor, Id, ReadDb
from app.web.rendering import render

router = APIRouter()


@router.get("/sessions/{session_id}/agreement", dependencies=[needs(Action.READ)])
def show_agreement(request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    from app.agreement.session_statistics import find_session_statistics  # brings NumPy: not at every start

    session = get_session(db, session_id)
    check_may_see(db, visitor, session)
    found = find_session_statistics(db, session)
    context = {
        "found": found,
        "session": session,
        "dataset": found.dataset,
        "reviewer": visitor.reviewer,
        "nav": "sessions",
        "nav_dataset": found.dataset,
    }
    return render(request, "agreement/show.html", context)


@router.get("/sessions/{session_id}/report", dependencies=[needs(Action.READ)])
def show_report(request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """One page to be printed; no text of an entry is on it."""
    from app.agreement.report import make_report
    from app.agreement.session_statistics import find_session_statistics

    session = get_session(db, session_id)
    check_may_see(db, visitor, session)
    found = find_session_statistics(db, session)
    context = {
        "found": found,
        "report": make_report(db, found),
        "session": session,
        "dataset": found.dataset,
        "reviewer": visitor.reviewer,
        "nav": "sessions",
        "nav_dataset": found.dataset,
    }
    return render(request, "agreement/report.html", context)


@router.get("/sessions/{session_id}/card.md", dependencies=[needs(Action.READ)])
def download_card(session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """What the card of the dataset on a Hub may say of its labels."""
    from app.agreement.report import card, make_report
    from app.agreement.session_statistics import find_session_statistics

    session = get_session(db, session_id)
    check_may_see(db, visitor, session)
    found = find_session_statistics(db, session)
    headers = {"Content-Disposition": f'attachment; filename="session-{session.id}-card.md"'}
    return Response(card(found, make_report(db, found)), media_type="text/markdown; charset=utf-8", headers=headers)


@router.get("/sessions/{session_id}/ratings.csv", dependencies=[needs(Action.EXPORT)])
def download_ratings(session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """What every figure is made of."""
    session = get_session(db, session_id)
    check_may_see(db, visitor, session)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(as_row(rating)) for rating in find_ratings(db, session))
    headers = {"Content-Disposition": f'attachment; filename="session-{session.id}-ratings.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/help/statistics", dependencies=[needs(Action.READ)])
def show_methods(request: Request, visitor: CurrentVisitor) -> Response:
    context = {"methods": METHODS, "reviewer": visitor.reviewer, "nav": "help", "nav_dataset": None}
    return render(request, "agreement/methods.html", context)


def _cells(row: tuple[object, ...]) -> list[object]:
    """No cell is a formula to a spreadsheet."""
    return [guarded(cell) if isinstance(cell, str) else cell for cell in row]


def check_may_see(db: ReadDb, visitor: Visitor, session: ReviewSession) -> None:
    """Who still judges does not learn what others said; who neither took part nor leads has no business here."""
    part = takes_part(db, session.id, visitor.reviewer_id)
    if part and session.state != SessionState.CLOSED:
        raise Forbidden(f"You review in “{session.name}”: what others said in it you see once the session is closed.")
    if not (part or visitor.may(Action.PLAN)):
        raise Forbidden("What a session says is shown to who took part in it, and to leads.")
