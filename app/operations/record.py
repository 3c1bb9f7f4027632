"""What is done to the whole database, or by the service itself, in the record of that database."""

from sqlalchemy.exc import DBAPIError

from app.db import Database
from app.models.event import record_event
from app.operations.consistency import end_of_chain
from app.operations.schema import is_current
from app.operations.verification import Contents
from app.settings import Settings


def record_backup(database: Database, name: str, contents: Contents) -> bool:
    """False where the database takes none: a backup is wanted most of one that is old, full or damaged.

    With where the chain of events ended before: that backup, kept elsewhere, vouches for all events up to there.
    """
    try:
        if not is_current(database):
            return False
        with database.write() as db:
            data = {"backup": name, "sha256": contents.sha256, "chain": end_of_chain(db)}
            record_event(db, "database.backed_up", data)
    except DBAPIError:
        return False
    return True


def record_start(database: Database, settings: Settings, version: str, **how: object) -> None:
    """With the settings that were given; of secrets only that there are some."""
    given = {name: str(getattr(settings, name)) for name in sorted(settings.model_fields_set)}
    with database.write() as db:
        record_event(db, "server.started", {"version": version, **how, "settings": given})
