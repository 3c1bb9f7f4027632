"""Forms that are filled in and not saved, kept as they stand, for nobody but their reviewer."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Draft, Entry, Reviewer, SessionEntry
from app.models.base import now

DraftForm = Mapping[str, list[str]]  # as a browser sends it
_KEPT = ("verdict.", "corrected.", "reason.", "answer.")
_KEPT_WHOLE = frozenset(["revision", "seconds", "stage", "comment", "flag"])
_IS_THERE = select(func.count()).where(Entry.id == bindparam("entry_id"))
_IS_ITEM = select(func.count()).where(
    SessionEntry.id == bindparam("item_id"), SessionEntry.entry_id == bindparam("entry_id")
)


def keep_draft(
    db: Session, reviewer: Reviewer, entry_id: int, form: DraftForm, sequence: int, item_id: int = 0
) -> None:
    """What arrives late, after a newer one, changes nothing."""
    if item_id and not db.scalar(_IS_ITEM, {"item_id": item_id, "entry_id": entry_id}):
        raise NotFound(f"Entry {entry_id} is no item {item_id} of a review session.")
    if not db.scalar(_IS_THERE, {"entry_id": entry_id}):
        raise NotFound(f"There is no entry {entry_id}.")
    kept = {name: values for name, values in form.items() if name.startswith(_KEPT) or name in _KEPT_WHOLE}
    new = insert(Draft).values(
        reviewer_id=reviewer.id,
        entry_id=entry_id,
        item_id=item_id,
        form=kept,
        sequence=sequence,
        updated_at=now(),
    )
    fresh = {name: new.excluded[name] for name in ("form", "sequence", "updated_at")}
    newer = new.excluded.sequence > Draft.sequence
    db.execute(
        new.on_conflict_do_update(index_elements=["reviewer_id", "entry_id", "item_id"], set_=fresh, where=newer)
    )


def forget_draft(db: Session, reviewer: Reviewer, entry_id: int, item_id: int = 0) -> None:
    mine = Draft.reviewer_id == reviewer.id, Draft.entry_id == entry_id, Draft.item_id == item_id
    db.execute(delete(Draft).where(*mine))
