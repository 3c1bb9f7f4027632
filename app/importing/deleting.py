"""Takes a dataset away, with every review of it, once the whole database has been backed up.

In many small transactions, so that nobody who reviews another dataset waits. Killed in the middle, it is ended by
asking again; the event log keeps what the reviews said.
"""

from pathlib import Path

from sqlalchemy import delete, select, update

from app.db import Database
from app.importing.chunks import CHUNK
from app.importing.queries import count_entries, count_reviews
from app.importing.queue import turn_path
from app.importing.search_index import forget_texts
from app.importing.writing import delete_entries
from app.locks import file_lock
from app.models import Dataset, Entry
from app.models.event import DATA_VERSION, record_event, take
from app.operations.backup import stamped, write_backup


def delete_dataset(database: Database, dataset: Dataset, backups_dir: Path) -> Path:
    """Returns the backup; raises Busy while an import runs."""
    with file_lock(turn_path(database.path), busy="An import is running; delete the dataset when it has ended."):
        backup = write_backup(database.path, stamped(backups_dir, f"before-delete-{dataset.slug}"))
        with database.read() as db:
            gone = {"entries": count_entries(db, dataset.id, withdrawn=None), "reviews": count_reviews(db, dataset.id)}
        while _delete_some(database, dataset.id):
            pass
        with database.write() as db:
            db.execute(delete(Dataset).where(Dataset.id == dataset.id))
            data = {"slug": dataset.slug, **gone, "backup": backup.name}
            record_event(db, "dataset.deleted", data, dataset_id=dataset.id)
    return backup


def _delete_some(database: Database, dataset_id: int) -> bool:
    with database.write() as db:
        ids = db.scalars(select(Entry.id).where(Entry.dataset_id == dataset_id).order_by(Entry.id).limit(CHUNK)).all()
        if ids:
            forget_texts(db, ids)
            delete_entries(db, ids)
            # Whoever has an index of the dataset makes a new one, of what is left.
            version = take(db, DATA_VERSION)
            db.execute(update(Dataset).where(Dataset.id == dataset_id).values(data_version=version))
    return bool(ids)
