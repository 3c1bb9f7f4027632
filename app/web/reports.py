"""A session's report, and what is downloaded of its statistics."""

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from app.accounts.permissions import Action
from app.agreement.methods import METHODS
from app.models import ReviewSession
from app.resources import resource
from app.sessions.holding import get_session
from app.terms.exported import guarded
from app.web.access import needs
from app.web.agreement import about, plot_up_to, session_scope
from app.web.dependencies import CurrentVisitor, Id, ReadDb
from app.web.rendering import ENVIRONMENT, render

if TYPE_CHECKING:
    from app.agreement.scopes import Scope

router = APIRouter()


@router.get("/sessions/{session_id}/report", dependencies=[needs(Action.READ)])
def show_report(
    request: Request, session_id: Id, db: ReadDb, visitor: CurrentVisitor, texts: bool = False, intervals: bool = False
) -> Response:
    """One page to be printed; texts of entries are on it only when asked for."""
    scope = session_scope(db, visitor, session_id)
    told = report_of(db, scope, get_session(db, session_id), with_texts=texts, with_intervals=intervals)
    return render(request, "agreement/report.html", {**about(visitor, scope), "told": told})


def report_of(
    db: ReadDb, scope: "Scope", session: ReviewSession, *, with_texts: bool, with_intervals: bool
) -> Mapping[str, Any]:
    """All that its template shows."""
    from app.agreement.report import make_report
    from app.agreement.statistics import find_statistics, values_of
    from app.agreement.wording import compare_agreement
    from app.web.heat_maps import changes, heat_map

    found, taxonomy = find_statistics(db, scope, with_intervals=with_intervals), scope.dataset.taxonomy
    return {
        "found": found,
        "fields": [
            {
                "one": one,
                "field": one.field,
                "title": one.field.full_title.rstrip("?"),
                "comparison": compare_agreement(one),
                "map": heat_map(one.field, list(values_of(one.field, taxonomy)), one.outcomes, taxonomy),
                "changes": changes(one.field, one.outcomes, taxonomy),
            }
            for one in found.fields
        ],
        "report": make_report(db, found, session, with_texts=with_texts),
        "session": session,
        "dataset": scope.dataset,
        "with_texts": with_texts,
        "with_intervals": with_intervals,
        "plot_up_to": plot_up_to(found.fields),
    }


def report_file(db: ReadDb, scope: "Scope", session: ReviewSession, *, with_texts: bool, with_intervals: bool) -> str:
    """The same as one file of HTML that needs nothing beside it."""
    css = "\n".join((resource("static") / name).read_text("utf-8") for name in ("app.css", "sessions.css"))
    told = report_of(db, scope, session, with_texts=with_texts, with_intervals=with_intervals)
    page = ENVIRONMENT.get_template("agreement/report_file.html")
    text = page.render(told=told, methods=METHODS, css=Markup(css))  # nosec B704 # noqa: S704 - our own files
    return text.replace('href="/help/statistics#', 'href="#')


@router.get("/sessions/{session_id}/card.md", dependencies=[needs(Action.READ)])
def download_card(session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """What the card of the dataset on a Hub may say of its labels."""
    from app.agreement.report import make_report
    from app.agreement.statistics import find_statistics
    from app.agreement.wording import card

    scope = session_scope(db, visitor, session_id)
    found = find_statistics(db, scope)
    report = make_report(db, found, get_session(db, session_id))
    headers = {"Content-Disposition": f'attachment; filename="session-{session_id}-card.md"'}
    text = card(found, report.methods, report.limits)
    return Response(text, media_type="text/markdown; charset=utf-8", headers=headers)


@router.get("/sessions/{session_id}/ratings.csv", dependencies=[needs(Action.EXPORT)])
def download_ratings(session_id: Id, db: ReadDb, visitor: CurrentVisitor) -> Response:
    """What every figure is made of."""
    from app.agreement.ratings import COLUMNS, find_rows

    scope = session_scope(db, visitor, session_id)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(_cells(row) for row in find_rows(db, scope))
    headers = {"Content-Disposition": f'attachment; filename="session-{session_id}-ratings.csv"'}
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/help/statistics", dependencies=[needs(Action.READ)])
def show_methods(request: Request, visitor: CurrentVisitor) -> Response:
    context = {"methods": METHODS, "reviewer": visitor.reviewer, "nav": "help", "nav_dataset": None}
    return render(request, "agreement/methods.html", context)


def _cells(row: tuple[object, ...]) -> list[object]:
    """No cell is a formula to a spreadsheet."""
    return [guarded(cell) if isinstance(cell, str) else cell for cell in row]
