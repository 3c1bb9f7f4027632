"""Puts the commands together and turns errors into one line and an exit code."""

import sys
from typing import Annotated

import typer

from app.cli import agreement, datasets, doctor, exporting, importing, operations, sampling, serving, tokens, users
from app.errors import ReviewError
from app.tracing import begin_command

cli = typer.Typer(
    name="saferlhf-review",
    help="Browse preference datasets of the PKU-SafeRLHF family and record agreement with their labels.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for commands in (serving, importing, datasets, sampling, agreement, exporting, users, tokens, operations, doctor):
    commands.register(cli)


@cli.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    options.debug = debug  # type: ignore[attr-defined]


def main() -> None:
    begin_command()
    try:
        cli()
    except ReviewError as error:
        if getattr(options, "debug", False):
            raise
        sys.stderr.write(f"saferlhf-review: {error.message}\n")
        sys.exit(1)
