"""Says whether it is set up safely."""

from dataclasses import asdict

import typer

from app.accounts.visitors import is_team
from app.cli.context import Json, opened_database, print_json, print_line, say
from app.db import Database
from app.operations.doctor import Finding, examine
from app.settings import Settings, load_settings


def register(cli: typer.Typer) -> None:
    cli.command()(doctor)


def doctor(json: Json = False) -> None:
    """Look whether settings and files are safe, and say what to do; exit 1 when there is a problem.

    Example: saferlhf-review doctor
    """
    settings = load_settings()
    with opened_database(settings) as database:
        findings = _examine(settings, database)
    has_problem = any(finding.level == "problem" for finding in findings)
    if json:
        print_json({"ok": not has_problem, "findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mark = "PROBLEM" if finding.level == "problem" else finding.level
            print_line(f"{mark:>7}  {finding.name}{': ' * bool(finding.advice)}{finding.advice}")
    if has_problem:
        raise typer.Exit(1)


def warn(settings: Settings, database: Database) -> None:
    for finding in _examine(settings, database):
        if finding.level != "ok":
            say(f"{finding.level.upper()}: {finding.advice}")


def _examine(settings: Settings, database: Database) -> list[Finding]:
    with database.read() as db:
        return examine(settings, db, is_team=is_team(db))
