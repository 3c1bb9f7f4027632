"""Settle disputed labels, and reopen what was settled. The row of a settled label stays whatever becomes of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.adjudication.cases import check_may_adjudicate
from app.adjudication.deciding import Settling
from app.errors import Conflict, NotFound
from app.models import Adjudication, Dataset, Entry, Reviewer, ReviewSession
from app.models.base import now
from app.models.event import record_event
from app.models.label_field import LABEL_FIELDS, decode_value


def settle_labels(
    db: Session, reviewer: Reviewer, session: ReviewSession, entry: Entry, settlings: Sequence[Settling]
) -> None:
    """All of them or none. What the same person sends a second time, as a browser may, is settled already."""
    check_may_adjudicate(db, reviewer, entry.id)
    for settling in settlings:
        standing = _find_standing(db, entry.id, settling.label_field)
        if standing is not None:
            if (standing.reviewer_id, standing.value) == (reviewer.id, settling.value):
                continue
            raise Conflict(_who_settled(db, standing, settling, entry.dataset))
        _settle(db, reviewer, session, entry, settling)


def _settle(db: Session, reviewer: Reviewer, session: ReviewSession, entry: Entry, settling: Settling) -> None:
    before = _find_latest(db, entry.id, settling.label_field)
    row = Adjudication(
        dataset_id=entry.dataset_id,
        entry_id=entry.id,
        session_id=session.id,
        label_field=settling.label_field,
        stored_value=settling.stored_value,
        value=settling.value,
        error_kind=settling.error_kind,
        reason=settling.reason,
        reviewer_id=reviewer.id,
    )
    db.add(row)
    db.flush()
    _log(db, "adjudication.settled", reviewer, row, before=_said(before), after=_said(row))


def reopen_label(db: Session, reviewer: Reviewer, entry: Entry, label_field: str) -> None:
    check_may_adjudicate(db, reviewer, entry.id)
    row = _find_standing(db, entry.id, label_field)
    if row is None:
        raise NotFound("This label is not settled, or somebody has reopened it.")
    row.reopened_at, row.reopened_by = now(), reviewer.id
    db.flush()
    _log(db, "adjudication.reopened", reviewer, row, before=_said(row), after=None)


def _find_standing(db: Session, entry_id: int, label_field: str) -> Adjudication | None:
    return db.scalar(_of_label(entry_id, label_field).where(Adjudication.reopened_at.is_(None)))


def _find_latest(db: Session, entry_id: int, label_field: str) -> Adjudication | None:
    return db.scalars(_of_label(entry_id, label_field).order_by(Adjudication.id.desc()).limit(1)).first()


def _of_label(entry_id: int, label_field: str) -> Select[Adjudication]:
    return select(Adjudication).where(Adjudication.entry_id == entry_id, Adjudication.label_field == label_field)


def _who_settled(db: Session, row: Adjudication, settling: Settling, dataset: Dataset) -> str:
    by = db.get_one(Reviewer, row.reviewer_id).name
    words = LABEL_FIELDS[row.label_field].words(decode_value(row.value), dataset.taxonomy)
    return (
        f"Nothing was changed: {by} has settled “{settling.title}” of entry {row.entry_id} as “{words}” meanwhile. "
        "Reopen it if you see it otherwise."
    )


def _said(row: Adjudication | None) -> dict[str, Any] | None:
    """What the record keeps of it."""
    if row is None:
        return None
    said = {"stored_value": row.stored_value, "value": row.value}
    return said | {"error_kind": str(row.error_kind), "reason": row.reason}


def _log(
    db: Session,
    kind: str,
    reviewer: Reviewer,
    row: Adjudication,
    *,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    data = {
        "adjudication": row.id,
        "session": row.session_id,
        "label_field": row.label_field,
        "before": before,
        "after": after,
    }
    about = {"reviewer_id": reviewer.id, "dataset_id": row.dataset_id, "entry_id": row.entry_id}
    record_event(db, kind, data, **about)
