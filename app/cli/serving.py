"""Starting the web server."""

import socket
import threading
import webbrowser
from typing import Annotated

import typer
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.accounts.visitors import is_team
from app.api.conditional import PRODUCT_VERSION
from app.cli.context import opened_database, say
from app.cli.doctor import warn
from app.db import SQLITE_HAS_WAL_BUG, Database
from app.errors import Failed, InvalidInput
from app.importing.queries import find_datasets
from app.importing.queue import mark_interrupted
from app.logs import log_config
from app.operations.doctor import is_loopback
from app.operations.record import record_start
from app.operations.secret_key import secret_key
from app.settings import Settings, load_settings
from app.web.connections import BoundedConnection


def register(cli: typer.Typer) -> None:
    cli.command()(serve)


def serve(
    host: Annotated[
        str, typer.Option(help="The address to listen on; another than loopback takes accounts.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 for any free one.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="How many processes.")] = 1,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Bring the database up to date and serve the pages.

    Example: saferlhf-review serve --port 8000 --open
    """
    settings = load_settings()
    is_here = _is_loopback(host)
    if workers > 1 and SQLITE_HAS_WAL_BUG:  # pragma: no cover - no such SQLite where pysqlite3 installs
        raise Failed("This SQLite has the WAL-reset bug: install pysqlite3, or serve with one worker.")
    with opened_database(settings) as database:
        if not is_here:
            _refuse_without_accounts(host, settings, database)
        secret_key(settings)  # raises before anything listens
        warn(settings, database)
        _report_repairs(database)
        listener = _listen(host, port)
        record_start(database, settings, PRODUCT_VERSION, host=host, workers=workers)
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        _greet(database, url)
        if open_browser:
            threading.Timer(1.0, webbrowser.open, [url]).start()
        config = uvicorn.Config(
            "app.main:create_app",
            factory=True,
            http=BoundedConnection,
            ws="none",
            workers=workers,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            log_config=log_config(settings),
            timeout_graceful_shutdown=5,
        )
        _run(config, listener)


def _run(config: uvicorn.Config, listener: socket.socket) -> None:
    if config.workers > 1:
        Multiprocess(config, sockets=[listener]).run()
    else:
        uvicorn.Server(config).run(sockets=[listener])


def _is_loopback(host: str) -> bool:
    try:
        return is_loopback(host)
    except ValueError:
        raise InvalidInput(f"--host takes an IP address or localhost, not {host!r}.", "host") from None


def _refuse_without_accounts(host: str, settings: Settings, database: Database) -> None:
    with database.read() as db:
        if not is_team(db):
            raise Failed(
                f"Refused to listen on {host}: in local mode nobody signs in, so everybody who reaches this address "
                "could read and write reviews. Use --host 127.0.0.1, or make an account first: saferlhf-review user "
                "add NAME --role admin"
            )
    if not settings.is_https:
        say(
            f"WARNING: on {host} passwords and texts travel readable, unless something before it speaks HTTPS; then "
            "say so with SAFERLHF_REVIEW_PUBLIC_URL=https://..."
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)  # from now on who connects waits, instead of being refused
    except OSError as error:
        raise Failed(f"Cannot listen on {host} port {port}: {error.strerror}. Try another --port.") from None
    listener.set_inheritable(True)
    return listener


def _report_repairs(database: Database) -> None:
    for slug, rows in mark_interrupted(database):
        say(f"An import into {slug} was interrupted after {rows:,} rows; run the same import again to complete it.")


def _greet(database: Database, url: str) -> None:
    with database.read() as db:
        datasets = find_datasets(db)
    say(f"SafeRLHF Review is at {url}  (Ctrl+C stops it)")
    if datasets:
        say(f"Browse entries: {url}/datasets/{datasets[0].slug}/entries")
    else:
        say("There is no dataset yet: saferlhf-review import sample")
