"""Whether this process can do its work."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db import SQLITE_HAS_WAL_BUG, SQLITE_VERSION
from app.operations.schema import newest_revision, revision_of


@dataclass(frozen=True)
class Readiness:
    database: bool
    schema: str | None
    schema_is_current: bool
    sqlite: str
    sqlite_has_wal_bug: bool

    @property
    def ok(self) -> bool:
        return self.database and self.schema_is_current

    def as_dict(self) -> dict[str, Any]:
        return {"status": "ok" if self.ok else "not ready", **asdict(self)}


def check_readiness(db: Session) -> Readiness:
    try:
        schema = revision_of(db.connection())
    except SQLAlchemyError:
        return Readiness(False, None, False, SQLITE_VERSION, SQLITE_HAS_WAL_BUG)
    return Readiness(True, schema, schema == newest_revision(), SQLITE_VERSION, SQLITE_HAS_WAL_BUG)
