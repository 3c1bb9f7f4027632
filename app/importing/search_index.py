"""Feeds the full-text index, in the transaction that writes the rows."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.text import search_text

_ADD = "INSERT INTO entry_search(rowid, prompt, response_0, response_1) VALUES (?, ?, ?, ?)"


def index_texts(db: Session, texts: Sequence[tuple[int, str, str, str]]) -> None:
    """Rows of (entry id, prompt, response 0, response 1)."""
    rows = [(entry_id, *map(search_text, columns)) for entry_id, *columns in texts]
    db.connection().exec_driver_sql(_ADD, rows)
