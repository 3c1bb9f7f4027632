"""What a review session says, in a terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.context import Json, opened_database, print_json, print_line
from app.sessions.holding import get_session
from app.settings import load_settings

if TYPE_CHECKING:
    from app.agreement.session_statistics import SessionStatistics


def register(cli: typer.Typer) -> None:
    cli.command()(agreement)


def agreement(
    session: Annotated[int, typer.Argument(help="The number of the review session, as in its URL.")],
    json: Json = False,
) -> None:
    """Say how many labels are wrong, as a review session found it.

    Example: saferlhf-review agreement 1 --json
    """
    from app.agreement.documents import session_document  # they bring NumPy, which no other command needs
    from app.agreement.session_statistics import find_session_statistics

    with opened_database(load_settings()) as database, database.read() as db:
        found = find_session_statistics(db, get_session(db, session))
    if json:
        print_json(session_document(found))
        return
    _print(found)


def _print(found: "SessionStatistics") -> None:
    print_line(f"{found.session.name}: {found.response.done:,} of {found.response.wanted:,} reviews")
    for one in found.fields:
        rate = one.error_rate
        if rate.rate is None or rate.low is None or rate.high is None:
            said = rate.why_undefined
        else:
            said = f"{rate.rate:.1%} wrong (95 % CI {rate.low:.1%} to {rate.high:.1%}, n = {rate.n:,})"
        print_line(f"  {one.field.full_title.rstrip('?'):<28} {said}")
