"""Tokens with which scripts sign in."""

from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from app.accounts.managing import find_named
from app.accounts.tokens import DEFAULT_DAYS, MOST_DAYS, find_tokens, make_token, revoke_token
from app.cli.context import Json, opened_database, print_json, print_line, say
from app.errors import NotFound
from app.models import ApiToken, Reviewer
from app.settings import load_settings
from app.terms.role import Scope


def register(cli: typer.Typer) -> None:
    tokens = typer.Typer(
        help="API tokens of accounts. Example: saferlhf-review token create dana --name nightly --scope read",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    tokens.command("create")(create)
    tokens.command("list")(list_tokens)
    tokens.command("revoke")(revoke)
    cli.add_typer(tokens, name="token")


def create(
    owner: Annotated[str, typer.Argument(metavar="NAME", help="Of the account that the token is for.")],
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several.")],
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="For how long it is good.")] = DEFAULT_DAYS,
) -> None:
    """Make a token; it is printed this once, alone on stdout.

    Example: saferlhf-review token create dana --name nightly --scope read --days 30
    """
    with opened_database(load_settings()) as database, database.write() as db:
        reviewer = _account(db, owner)
        secret = make_token(db, reviewer, name, scope, days)
    print_line(secret)
    say(f"Good for {days} days and for {', '.join(scope)}. It is not shown again: keep it where nobody else reads it.")


def list_tokens(
    owner: Annotated[str, typer.Argument(metavar="[NAME]", help="Of one account; left out: of all.")] = "",
    json: Json = False,
) -> None:
    """List the tokens that are good.

    Example: saferlhf-review token list
    """
    with opened_database(load_settings()) as database, database.read() as db:
        found = find_tokens(db, _account(db, owner).id if owner else None)
    if json:
        print_json([_as_json(token, name) for token, name in found])
        return
    for token, name in found:
        used = f"last used {token.used_at:%Y-%m-%d %H:%M} UTC" if token.used_at else "never used"
        scopes = ", ".join(token.scopes)
        print_line(f"{token.id:>4}  {name}: {token.name} ({scopes}), until {token.expires_at:%Y-%m-%d}, {used}")
    if not found:
        say("No token is good for anything.")


def _as_json(token: ApiToken, owner: str) -> dict[str, Any]:
    names = ("id", "name", "scopes", "created_at", "expires_at", "used_at")
    return {"owner": owner, **{name: getattr(token, name) for name in names}}


def revoke(number: Annotated[int, typer.Argument(metavar="ID", min=1, help="As `token list` shows it.")]) -> None:
    """Revoke a token at once.

    Example: saferlhf-review token revoke 7
    """
    with opened_database(load_settings()) as database, database.write() as db:
        token = revoke_token(db, number)
    print_line(f"The token {token.name!r} is good no more.")


def _account(db: Session, name: str) -> Reviewer:
    reviewer = find_named(db, name)
    if reviewer is None or not reviewer.is_account:
        raise NotFound(f"There is no account {name!r}. All of them: saferlhf-review user list")
    return reviewer
