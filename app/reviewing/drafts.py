"""Forms that are filled in and not saved, kept as they stand, for nobody but their reviewer."""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Draft, Entry, Reviewer
from app.models.base import now

DraftForm = Mapping[str, list[str]]  # as a browser sends it
_KEPT = ("verdict.", "corrected.", "reason.", "answer.")
_KEPT_WHOLE = frozenset(["revision", "seconds", "stage", "comment", "flag"])
_IS_THERE = select(func.count()).where(Entry.id == bindparam("entry_id"))


def keep_draft(db: Session, reviewer: Reviewer, entry_id: int, form: DraftForm, sequence: int) -> None:
    """What arrives late, after a newer one, changes nothing."""
    if not db.scalar(_IS_THERE, {"entry_id": entry_id}):
        raise NotFound(f"There is no entry {entry_id}.")
    kept = {name: values for name, values in form.items() if name.startswith(_KEPT) or name in _KEPT_WHOLE}
    new = insert(Draft).values(
        reviewer_id=reviewer.id, entry_id=entry_id, form=kept, sequence=sequence, updated_at=now()
    )
    fresh = {name: new.excluded[name] for name in ("form", "sequence", "updated_at")}
    newer = new.excluded.sequence > Draft.sequence
    db.execute(new.on_conflict_do_update(index_elements=["reviewer_id", "entry_id"], set_=fresh, where=newer))


def forget_draft(db: Session, reviewer: Reviewer, entry_id: int) -> None:
    db.execute(delete(Draft).where(Draft.reviewer_id == reviewer.id, Draft.entry_id == entry_id))
