"""Brings a database to this version's schema, with a backup first when there is something to lose.

Alembic is loaded only when there is something to do: it takes a third of the time of a start.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.db import Database
from app.errors import Failed
from app.models import Base
from app.operations.backup import prune_backups, stamped, write_backup
from app.operations.schema import current_revision, known_revisions, newest_revision
from app.resources import resource

if TYPE_CHECKING:
    from alembic.config import Config

KEPT_BACKUPS = 5


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resource("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, backups_dir: Path) -> Path | None:
    """Upgrades when needed; returns the backup taken before, if there was anything to back up."""
    current = current_revision(database)
    if current == newest_revision():
        return None
    if current is not None and current not in known_revisions():
        raise Failed(
            f"The database {database.path} was made by a newer version (schema {current}). "
            "Install that version, or restore a backup made by this one."
        )
    backup = None
    if current is not None:
        backup = write_backup(database.path, stamped(backups_dir, f"before-migration-{current}"))
        prune_backups(backups_dir, "before-migration-*.db", keep=KEPT_BACKUPS)
    _upgrade(database)
    return backup


def _upgrade(database: Database) -> None:
    from alembic import command

    with database.writer.connect() as connection:
        # Rebuilding a table drops the old one, which would cascade into the rows that refer to it.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            with connection.begin():
                command.upgrade(_config(connection), "head")
        finally:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def schema_differences(database: Database) -> list[object]:
    """What the tables lack or have too much, against the models; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with database.reader.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_name": lambda name, kind, _parents: _is_ours(name, kind)},
        )
        return list(compare_metadata(context, Base.metadata))


def _is_ours(name: str | None, kind: str) -> bool:
    return not (kind == "table" and name is not None and name.startswith(("entry_search", "entry_text")))
