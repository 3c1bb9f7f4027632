"""Entries that a revision has in another split: they keep their identity and their reviews.

A row is matched within its split, since the same texts may stand in several and are then several entries. So one that
moved looks like an entry gone here and another one new there, until every row is read.
"""

from pyroaring import BitMap
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from app.db import Database
from app.importing.chunks import chunks
from app.importing.facts import Existing
from app.importing.outdating import mark_outdated
from app.importing.progress import ImportProgress
from app.importing.queries import find_by_ids, find_moves
from app.importing.search_index import forget_texts
from app.importing.writing import Target, delete_entries, revise_entries, write_changes
from app.models import Entry, LabelChange
from app.models.label_field import encode_value

SPLIT = "split"  # beside the label fields, among the changes of an import


def move(database: Database, target: Target, missing: BitMap, progress: ImportProgress) -> BitMap:
    """Makes one entry of each gone and each new one with its texts; returns those that are still missing."""
    moved = BitMap()
    for chunk in chunks(missing):
        with database.read() as db:
            pairs = find_moves(db, target.dataset_id, target.import_id, chunk)
            entries = find_by_ids(db, [entry_id for pair in pairs for entry_id in pair])
        for old, new in pairs:
            with database.write() as db:
                progress.reviews_outdated += _move(db, target, entries[old], entries[new], progress)
            moved.add(old)
    progress.rows_imported -= len(moved)
    progress.rows_present += len(moved)
    return missing - moved


def _move(db: Session, target: Target, old: Existing, new: Existing, progress: ImportProgress) -> int:
    forget_texts(db, [new.id])
    delete_entries(db, [new.id])  # nobody has reviewed it: an import's entries are not listed before it ends
    revision = target.reviser.adopt(old, new.facts)
    db.execute(update(Entry).where(Entry.id == old.id).values(split=new.split))
    revise_entries(db, target.import_id, [revision])
    write_changes(db, target.import_id, [revision])
    splits = {"old_value": encode_value([old.split]), "new_value": encode_value([new.split])}
    db.execute(insert(LabelChange).values(import_id=target.import_id, entry_id=old.id, label_field=SPLIT, **splits))
    progress.changes.update([SPLIT, *(change.label_field for change in revision.changed)])
    progress.rows_changed += 1
    return mark_outdated(db, [revision])
