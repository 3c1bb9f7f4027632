"""Who may come in: the commands that begin a team and help whoever cannot sign in."""

import sys
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from app.accounts.directory import Account, count_reviews_of, find_accounts
from app.accounts.invitations import GOOD_FOR, invitation_path, invite
from app.accounts.managing import add_account, check_invitable, claim, disable, enable, find_named
from app.accounts.passwords import check_password_rules, hash_password, store_password
from app.accounts.visitors import is_team
from app.cli.context import Json, opened_database, print_json, print_line, say
from app.errors import NotFound
from app.models import Reviewer
from app.settings import Settings, load_settings
from app.terms.role import Role

Name = Annotated[str, typer.Argument(help="Upper and lower case make no difference.")]
_HOURS = GOOD_FOR.total_seconds() / 3600


def register(cli: typer.Typer) -> None:
    users = typer.Typer(
        help="Accounts of a team. Example: saferlhf-review user add dana --role admin",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    users.command("add")(add)
    users.command("list")(list_accounts)
    users.command("disable")(disable_account)
    users.command("enable")(enable_account)
    users.command("reset")(reset)
    cli.add_typer(users, name="user")


def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What they may do; each may do what the one before may.")] = Role.REVIEWER,
    by_link: Annotated[
        bool, typer.Option("--invite", help="Print a link by which they set their password, instead of asking for it.")
    ] = False,
) -> None:
    """Add an account; the first one begins team mode. The password is asked, or read as a line from stdin.

    Example: saferlhf-review user add dana --role admin
    """
    settings = load_settings()
    with opened_database(settings) as database:
        with database.write() as db:  # and takes it back: whoever may not be added need not think of a password
            _add(db, name, role)
            db.rollback()
        password_hash = None if by_link else hash_password(_ask_password(name))
        with database.write() as db:
            begins = not is_team(db)
            reviewer, reviews = _add(db, name, role)
            if password_hash:
                store_password(db, reviewer.id, password_hash, None, "command")
            link = settings.link(invitation_path(invite(db, reviewer.id, "invitation", None))) if by_link else None
    print_line(f"{reviewer.name} has an account now, with the role {reviewer.role}.")
    if reviews is not None:
        count = "1 review" if reviews == 1 else f"{reviews:,} reviews"
        print_line(f"{reviewer.name} has {count} from local mode; this account now owns them.")
    if link:
        _print_link(link, settings)
    if begins:
        _say_what_changes(settings)


def _add(db: Session, name: str, role: Role) -> tuple[Reviewer, int | None]:
    """And how many reviews a name of local mode brings along; None when it is new."""
    known = find_named(db, name)
    if known is None or known.is_account:
        return add_account(db, name, role, None), None
    return claim(db, known.id, role, None), count_reviews_of(db, known.id)


def _ask_password(name: str) -> str:
    """Never an option of the command, which others on the machine could read."""
    if not sys.stdin.isatty():
        typed = sys.stdin.readline().rstrip("\r\n")
        if not typed:
            raise typer.BadParameter("needs the password as a line on stdin, or --invite", param_hint="add")
    else:  # pragma: no cover - needs a terminal
        typed = typer.prompt(f"Password for {name}", hide_input=True, confirmation_prompt=True, err=True)
    check_password_rules(typed, name)
    return typed


def _print_link(link: str, settings: Settings) -> None:
    say(f"With this link they set their password. It is good once, for {_HOURS:.0f} hours, and shown only here:")
    print_line(link)
    if not settings.public_url:
        say("Elsewhere than on this machine it needs the address that people use: SAFERLHF_REVIEW_PUBLIC_URL.")


def _say_what_changes(settings: Settings) -> None:
    say()
    say("Team mode begins with this account:")
    say("- Everybody signs in from now on. Names that were chosen freely let nobody in; their reviews are kept.")
    say("- Such a name becomes an account with all its reviews: saferlhf-review user add NAME, or the page Accounts.")
    say(f"- Sign in at {settings.link('/sign-in')}, and invite the others on the page Accounts.")
    if not settings.is_https:
        say("- To be reached from other machines it needs HTTPS: SAFERLHF_REVIEW_PUBLIC_URL=https://... (see README).")


def list_accounts(json: Json = False) -> None:
    """List the accounts, and the names of local mode that nobody has claimed.

    Example: saferlhf-review user list
    """
    with opened_database(load_settings()) as database, database.read() as db:
        accounts = find_accounts(db)
    if json:
        print_json([_as_json(account) for account in accounts])
        return
    for one in accounts:
        seen = f"seen {one.seen_at:%Y-%m-%d %H:%M} UTC" if one.seen_at else "never seen"
        until = f" until {one.invited_until:%Y-%m-%d %H:%M} UTC" if one.state == "invited" else ""
        role = "-" if one.is_local else one.role
        print_line(f"{one.name:<24} {role:<9} {one.state}{until}, {one.reviews:,} reviews, {seen}")
    if not accounts:
        say("Nobody yet. The first account begins team mode: saferlhf-review user add NAME --role admin")


def _as_json(account: Account) -> dict[str, Any]:
    names = ("id", "name", "state", "invited_until", "seen_at", "reviews")
    datasets = None if account.datasets is None else [title for _, title in account.datasets]
    role = None if account.is_local else account.role
    return {**{name: getattr(account, name) for name in names}, "role": role, "datasets": datasets}


def disable_account(name: Name) -> None:
    """Deactivate an account: sign-ins end at once, and tokens and links are good no more. Reviews stay.

    Example: saferlhf-review user disable bob
    """
    with opened_database(load_settings()) as database, database.write() as db:
        reviewer = disable(db, _account(db, name).id, None)
    print_line(
        f"{reviewer.name} is deactivated: signed out everywhere, tokens and links revoked. All reviews are kept."
    )


def enable_account(name: Name) -> None:
    """Activate an account again, with its old password; tokens have to be made anew.

    Example: saferlhf-review user enable bob
    """
    with opened_database(load_settings()) as database, database.write() as db:
        reviewer = enable(db, _account(db, name).id, None)
    print_line(f"{reviewer.name} may sign in again.")


def reset(name: Name) -> None:
    """Print a link by which somebody sets a new password; the old one is good until then.

    Example: saferlhf-review user reset bob
    """
    settings = load_settings()
    with opened_database(settings) as database, database.write() as db:
        reviewer = check_invitable(db, _account(db, name).id, None)
        secret = invite(db, reviewer.id, "reset" if reviewer.password_set_at else "invitation", None)
    _print_link(settings.link(invitation_path(secret)), settings)


def _account(db: Session, name: str) -> Reviewer:
    reviewer = find_named(db, name)
    if reviewer is None or not reviewer.is_account:
        raise NotFound(f"There is no account {name!r}. All of them: saferlhf-review user list")
    return reviewer
