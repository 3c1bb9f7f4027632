"""Who took what out of here: recorded before the first byte leaves."""

from collections.abc import Iterable
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from app.models.event import record_event

Pairs = Iterable[tuple[str, str]]


def record_export(
    db: Session,
    what: str,
    format_name: str,
    pairs: Pairs,
    *,
    dataset_id: int | None = None,
    reviewer_id: int | None = None,
) -> None:
    """`pairs` are the filter of what was taken."""
    data = {"what": what, "format": format_name, "filter": urlencode(list(pairs))}
    record_event(db, "export.made", data, dataset_id=dataset_id, reviewer_id=reviewer_id)
