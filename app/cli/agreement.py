"""What reviews say about the labels, in a terminal or as a file."""

import csv
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.orm import Session

from app.cli.context import Json, opened_database, print_json, print_line
from app.importing.queries import get_dataset
from app.sessions.holding import get_session
from app.settings import load_settings

if TYPE_CHECKING:
    from app.agreement.scopes import Scope
    from app.agreement.statistics import Statistics


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def register(cli: typer.Typer) -> None:
    cli.command()(agreement)


def agreement(
    of: Annotated[str, typer.Argument(metavar="SESSION|SLUG", help="The number of a session, or a dataset's name.")],
    format: Annotated[  # noqa: A002
        Format, typer.Option(help="text: error rates; json: every figure; csv: the ratings; html: the report.")
    ] = Format.TEXT,
    intervals: Annotated[bool, typer.Option("--intervals", help="Also bootstrap intervals; takes a moment.")] = False,
    texts: Annotated[bool, typer.Option("--texts", help="In the report: the texts of disputed entries.")] = False,
    json: Json = False,
) -> None:
    """Say how many labels are wrong, as a review session found it, or what all reviews of a dataset say.

    Example: saferlhf-review agreement 1 --format html > report.html
    """
    chosen = Format.JSON if json else format
    with opened_database(load_settings()) as database, database.read() as db:
        scope = _scope(db, of)
        if chosen is Format.CSV:
            _print_ratings(db, scope)
        elif chosen is Format.HTML:
            print_line(_report(db, scope, with_texts=texts, with_intervals=intervals))
        else:
            _print_statistics(db, scope, is_json=chosen is Format.JSON, with_intervals=intervals)


def _scope(db: Session, of: str) -> "Scope":
    from app.agreement.scopes import of_dataset, of_session

    return of_session(db, get_session(db, int(of))) if of.isdecimal() else of_dataset(get_dataset(db, of))


def _print_statistics(db: Session, scope: "Scope", *, is_json: bool, with_intervals: bool) -> None:
    from app.agreement.documents import document  # they bring NumPy, which no other command needs
    from app.agreement.statistics import find_statistics

    found = find_statistics(db, scope, with_intervals=with_intervals)
    if is_json:
        print_json(document(found))
    else:
        _print(found)


def _print_ratings(db: Session, scope: "Scope") -> None:
    from app.agreement.ratings import COLUMNS, find_rows

    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    writer.writerows(find_rows(db, scope))


def _report(db: Session, scope: "Scope", *, with_texts: bool, with_intervals: bool) -> str:
    from app.web.reports import report_file

    if scope.session is None:
        raise typer.BadParameter("A report is of a session: give its number, as in its URL.", param_hint="SESSION")
    return report_file(db, scope, scope.session, with_texts=with_texts, with_intervals=with_intervals)


def _print(found: "Statistics") -> None:
    answered, session = found.answered, found.scope.session
    asked = "" if answered.wanted is None else f" of {answered.wanted:,}"
    print_line(f"{session.name if session else found.scope.dataset.title}: {answered.done:,}{asked} reviews")
    for one in found.fields:
        rate = one.error_rate
        if rate is None:
            said = one.blind if one.blind.n > one.open.n else one.open
            words = "no verdict yet" if said.share is None else f"{said.share:.1%} agree (n = {said.n:,})"
        elif rate.rate is None or rate.low is None or rate.high is None:
            words = rate.why_undefined
        else:
            words = f"{rate.rate:.1%} wrong (95 % CI {rate.low:.1%} to {rate.high:.1%}, n = {rate.n:,})"
        print_line(f"  {one.field.full_title.rstrip('?'):<28} {words}")
