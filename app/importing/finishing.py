"""What is known only when every row is in: entries that the source no longer has, and copies of one another.

Each write is a small transaction of its own, so that a reviewer who saves meanwhile does not wait for it.
"""

from collections.abc import Iterable

from pyroaring import BitMap
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.db import Database
from app.importing.chunks import chunks
from app.importing.contradictions import contradictions_across
from app.importing.queries import find_copies, find_marks_across, find_present_ids
from app.importing.writing import Target, write_presence
from app.models import Entry
from app.terms.contradiction import ACROSS_ENTRIES

_ACROSS = int(ACROSS_ENTRIES)


def find_in_scope(db: Session, target: Target) -> BitMap:
    """Entries of the splits and subsets which the source's files are."""
    scopes = {(file.split, file.subset) for file in target.files}
    return BitMap.union(*(find_present_ids(db, target.dataset_id, *scope) for scope in scopes))


def withdraw(database: Database, target: Target, entry_ids: Iterable[int], *, dry_run: bool) -> None:
    """Of a dry run, only the list of what would be."""
    for chunk in chunks(entry_ids):
        with database.write() as db:
            write_presence(db, target.import_id, chunk, withdrawn=True)
            if not dry_run:
                db.execute(update(Entry).where(Entry.id.in_(chunk)).values(withdrawn=True))


def mark_across_entries(database: Database, target: Target) -> None:
    """Sets the contradictions that only several entries together have, and clears those that are no more."""
    among = None if target.keys is None else target.copied  # of a first import they are known
    with database.read() as db:
        copies = find_copies(db, target.dataset_id, among)
        before = {} if among is not None else find_marks_across(db, target.dataset_id)
    found = {entry_id: int(bits) for entry_id, bits in contradictions_across(copies).items()}
    stale = [entry_id for entry_id in before.keys() | found.keys() if before.get(entry_id) != found.get(entry_id)]
    for chunk in chunks(sorted(stale)):
        with database.write() as db:
            for entry_id in chunk:
                bits = Entry.contradictions.bitwise_and(~_ACROSS).bitwise_or(found.get(entry_id, 0))
                db.execute(update(Entry).where(Entry.id == entry_id).values(contradictions=bits))
