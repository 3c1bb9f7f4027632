"""Whether this process can do its work; a database that cannot be read at all ends in an error, and so in a 500."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.db import SQLITE_HAS_WAL_BUG, SQLITE_VERSION
from app.operations.schema import newest_revision, revision_of


@dataclass(frozen=True)
class Readiness:
    schema: str | None
    schema_is_current: bool
    sqlite: str
    sqlite_has_wal_bug: bool

    def as_dict(self) -> dict[str, Any]:
        return {"status": "ok" if self.schema_is_current else "not ready", **asdict(self)}


def check_readiness(db: Session) -> Readiness:
    schema = revision_of(db.connection())
    return Readiness(schema, schema == newest_revision(), SQLITE_VERSION, SQLITE_HAS_WAL_BUG)
