"""Which schema a database has and which one this version wants, without loading Alembic: every start asks."""

from sqlalchemy import Connection, inspect, text

from app.db import Database
from app.resources import resource


def known_revisions() -> tuple[str, ...]:
    """Oldest first. A migration's file is named by its revision: 2026_11_23_1000_create_every_table.py."""
    names = sorted(path.name for path in (resource("migrations") / "versions").glob("[0-9]*.py"))
    return tuple("_".join(name.split("_")[:4]) for name in names)


def newest_revision() -> str:
    return known_revisions()[-1]


def current_revision(database: Database) -> str | None:
    """None for a database that has no tables yet."""
    with database.reader.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


def is_current(database: Database) -> bool:
    return current_revision(database) == newest_revision()
