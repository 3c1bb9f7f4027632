"""Feeds the full-text index, in the transaction that writes the rows.

A transaction leaves one segment behind, and segments are merged by and by. Larger and fewer ones make an import's
share of that work a quarter smaller: room in memory for a whole batch, and eight segments before a merge.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

# "hashsize" is in bytes and stands in no manual, but is in every FTS5 since 2015. Both stay with the database.
_SETTINGS = {"automerge": 8, "hashsize": 4 * 1024 * 1024}
_SET = "INSERT INTO entry_search(entry_search, rank) VALUES (?, ?)"
_ADD = "INSERT INTO entry_search(rowid, prompt, response_0, response_1) VALUES (?, ?, ?, ?)"
# An index with external content must be told the words that it is to forget, while the view still has them.
_FORGET = """
INSERT INTO entry_search(entry_search, rowid, prompt, response_0, response_1)
SELECT 'delete', id, prompt, response_0, response_1 FROM entry_text WHERE id = ?
"""
Searched = tuple[int, str | None, str | None, str | None]  # entry id, prompt, response 0, response 1


def prepare_index(db: Session) -> None:
    """For many rows to come."""
    db.connection().exec_driver_sql(_SET, list(_SETTINGS.items()))


def index_searched(db: Session, texts: Sequence[Searched]) -> None:
    """Texts as `search_text` left them."""
    db.connection().exec_driver_sql(_ADD, list(texts))


def forget_texts(db: Session, entry_ids: Sequence[int]) -> None:
    """Before the entries are deleted, or get other texts."""
    db.connection().exec_driver_sql(_FORGET, [(entry_id,) for entry_id in entry_ids])
