"""What became of an entry: every event of its reviews, its discussion and its adjudication, and of imports the
labels that they changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models import DatasetImport, Entry, Event, Guideline, LabelChange, Reviewer
from app.reviewing.telling import Teller, Told

PAGE = 200
_TELLS = or_(*(Event.kind.startswith(kind) for kind in ("review.", "comment.", "adjudication.")))


@dataclass(frozen=True)
class Happening:
    at: datetime
    by: str | None  # None: an import
    said: str
    conditions: tuple[str, ...] = ()
    changes: tuple[Told, ...] = ()
    event: int | None = None
    undone_at: datetime | None = None
    import_id: int | None = None


@dataclass(frozen=True)
class History:
    happenings: tuple[Happening, ...]  # newest first
    older: int | None  # what comes before the event with this id is on the next page


def find_history(db: Session, entry: Entry, before: int | None = None) -> History:
    wanted = (
        select(Event, Reviewer.name)
        .outerjoin(Reviewer, Reviewer.id == Event.reviewer_id)
        .where(Event.entry_id == entry.id, _TELLS)
        .order_by(Event.id.desc())
        .limit(PAGE + 1)
    )
    rows = db.execute(wanted if before is None else wanted.where(Event.id < before)).all()
    shown, has_more = rows[:PAGE], len(rows) > PAGE
    teller = Teller(entry.dataset, _guideline_versions(db, [event for event, _ in shown]))
    undone = _find_undone(db, entry.id)
    happenings = [_happening(event, by, teller, undone) for event, by in shown]
    until = None if before is None else db.scalar(select(Event.at).where(Event.id == before))
    since = shown[-1][0].at if has_more else None
    happenings += _imports(db, entry.id, teller, since, until)
    newest_first = sorted(happenings, key=lambda happening: (happening.at, happening.event or 0), reverse=True)
    return History(tuple(newest_first), shown[-1][0].id if has_more else None)


def _happening(event: Event, by: str | None, teller: Teller, undone: Mapping[int, datetime]) -> Happening:
    return Happening(
        event.at,
        by or "somebody",
        teller.said(event.kind, event.data),
        teller.conditions(event.kind, event.data),
        teller.changes(event.kind, event.data),
        event.id,
        undone.get(event.id),
    )


def _guideline_versions(db: Session, events: Iterable[Event]) -> dict[int, int]:
    ids = {(event.data.get("after") or {}).get("guideline_id") for event in events if "comment" not in event.kind}
    wanted = select(Guideline.id, Guideline.version).where(Guideline.id.in_(ids - {None}))
    return {guideline: version for guideline, version in db.execute(wanted)}  # noqa: C416 - mypy takes no rows for pairs


def _find_undone(db: Session, entry_id: int) -> dict[int, datetime]:
    """When each event was taken back that was."""
    undoing = Event.kind.in_(("review.undone", "review.unskipped"))
    wanted = select(Event.data, Event.at).where(Event.entry_id == entry_id, undoing)
    return {data["undoes"]: at for data, at in db.execute(wanted) if "undoes" in data}


def _imports(
    db: Session, entry_id: int, teller: Teller, since: datetime | None, until: datetime | None
) -> Iterator[Happening]:
    """What each import changed, of those that belong between the events of the page."""
    wanted = (
        select(LabelChange, DatasetImport.finished_at, DatasetImport.requested_at)
        .join(DatasetImport, DatasetImport.id == LabelChange.import_id)
        .where(LabelChange.entry_id == entry_id, ~DatasetImport.is_dry_run)
        .order_by(LabelChange.id)
    )
    changes = defaultdict[tuple[int, datetime], list[LabelChange]](list)
    for change, finished_at, requested_at in db.execute(wanted):
        at = finished_at or requested_at
        if (since is None or at >= since) and (until is None or at < until):
            changes[change.import_id, at].append(change)
    for (import_id, at), of_import in changes.items():
        yield Happening(at, None, "changed labels", changes=_told(of_import, teller), import_id=import_id)


def _told(changes: Sequence[LabelChange], teller: Teller) -> tuple[Told, ...]:
    return tuple(teller.label(change.label_field, change.old_value, change.new_value) for change in changes)
