from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.browsing.pages import EntryRow
from app.models import Entry


def find_lengths(db: Session, rows: Sequence[EntryRow]) -> dict[int, int]:
    """Characters of prompt and responses, by entry: asked for only where somebody wants to see them."""
    wanted = select(Entry.id, Entry.length).where(Entry.id.in_([row.id for row in rows]))
    return {entry_id: length for entry_id, length in db.execute(wanted)}  # noqa: C416 - mypy takes no rows for pairs
