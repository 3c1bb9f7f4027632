"""How far an import has come, for whoever watches it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class ImportProgress:
    """What has been committed so far."""

    bytes_total: int
    bytes_read: int = 0
    rows_read: int = 0
    rows_imported: int = 0
    rows_present: int = 0
    rows_rejected: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


Reporter = Callable[[ImportProgress], None]
