"""How far an import has come, for whoever watches it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ImportProgress:
    """What has been committed so far; of a dry run, what would have been."""

    bytes_total: int = 0
    bytes_read: int = 0
    rows_read: int = 0
    rows_imported: int = 0
    rows_present: int = 0
    rows_rejected: int = 0
    rows_changed: int = 0
    rows_withdrawn: int = 0
    rows_restored: int = 0
    reviews_outdated: int = 0
    changes: Counter[str] = field(default_factory=Counter)  # label field -> entries
    warnings: Counter[str] = field(default_factory=Counter)  # sentence -> rows
    files: list[dict[str, Any]] = field(default_factory=list)

    def columns(self) -> dict[str, Any]:
        """As the record of the import keeps it."""
        return {**vars(self), "changes": dict(self.changes), "warnings": dict(self.warnings)}


Reporter = Callable[[ImportProgress], None]
