"""Reads the record, newest first, by an index that holds all it is filtered by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Row, Select, case, null, or_, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from app.activity.filters import USUAL, ActivityFilter
from app.activity.telling import UNTOLD, tell
from app.models import Counter, Dataset, Event, Reviewer
from app.models.event import EVENT_ID
from app.tracing import is_of_command

_CHUNK = 1000
# What reviews and discussions say does not even leave the database.
_IS_UNTOLD = or_(*(Event.kind.startswith(kind) for kind in UNTOLD))
_TOLD = type_coerce(case((_IS_UNTOLD, null()), else_=Event.data), Event.data.type).label("data")
_ROWS = select(
    Event.id, Event.at, Event.kind, Event.reviewer_id, Event.dataset_id, Event.entry_id, Event.request_id, _TOLD
)

_SUBJECTS = ("of", "for", "account")  # names under which data has the id of whom something was done to


@dataclass(frozen=True)
class Deed:
    event_id: int
    at: datetime
    kind: str
    reviewer: str | None  # None: nobody who is known by a name
    by: str
    said: str
    subject: str | None  # whose account it was done to
    dataset: Dataset | None  # None also when it is gone
    entry_id: int | None
    import_id: int | None
    request_id: str | None

    @property
    def day(self) -> date:
        return self.at.date()


@dataclass(frozen=True)
class ActivityPage:
    filter: ActivityFilter
    deeds: Sequence[Deed]
    after: int | None  # where the next page goes on; None: there is none

    @property
    def next(self) -> str | None:
        """Its query string."""
        if self.after is None:
            return None
        limit = [] if self.filter.limit == USUAL else [("limit", self.filter.limit)]
        return urlencode([*self.filter.given, *limit, ("after", self.after)])


def find_activity(db: Session, wanted: ActivityFilter) -> ActivityPage:
    ids = db.scalars(_ids(wanted).limit(wanted.limit + 1)).all()
    shown = ids[: wanted.limit]
    return ActivityPage(wanted, _find_deeds(db, shown), shown[-1] if len(ids) > len(shown) else None)


def walk_activity(db: Session, wanted: ActivityFilter) -> Iterator[Deed]:
    """All of it, a few at a time."""
    page = find_activity(db, replace(wanted, limit=_CHUNK))
    yield from page.deeds
    while page.after is not None:
        page = find_activity(db, replace(wanted, limit=_CHUNK, after=page.after))
        yield from page.deeds


def activity_version(db: Session) -> int | None:
    """Changes with every event."""
    return db.scalar(select(Counter.value).where(Counter.name == EVENT_ID))


def find_people(db: Session) -> Sequence[tuple[int, str]]:
    return [(row.id, row.name) for row in db.execute(select(Reviewer.id, Reviewer.name).order_by(Reviewer.name_key))]


def _ids(wanted: ActivityFilter) -> Select[int]:
    found = select(Event.id).order_by(Event.at.desc(), Event.id.desc())
    if wanted.kinds:
        found = found.where(or_(*(_is_kind(kind) for kind in wanted.kinds)))
    for column, value in (
        (Event.reviewer_id, wanted.reviewer_id),
        (Event.dataset_id, wanted.dataset_id),
        (Event.entry_id, wanted.entry_id),
    ):
        found = found if value is None else found.where(column == value)
    if wanted.within is not None:
        found = found.where(or_(Event.dataset_id.is_(None), Event.dataset_id.in_(wanted.within)))
    if wanted.since is not None:
        found = found.where(Event.at >= wanted.since)
    if wanted.before is not None:
        found = found.where(Event.at < wanted.before)
    if wanted.after is not None:
        at = select(Event.at).where(Event.id == wanted.after).scalar_subquery()
        found = found.where(tuple_(Event.at, Event.id) < tuple_(at, wanted.after))
    return found


def _is_kind(kind: str) -> ColumnElement[bool]:
    return Event.kind.startswith(kind, autoescape=True) if kind.endswith(".") else Event.kind == kind


def _find_deeds(db: Session, ids: Sequence[int]) -> Sequence[Deed]:
    people = {reviewer_id: name for reviewer_id, name in db.execute(select(Reviewer.id, Reviewer.name))}  # noqa: C416
    datasets = {dataset.id: dataset for dataset in db.scalars(select(Dataset))}
    rows = {row.id: row for row in db.execute(_ROWS.where(Event.id.in_(ids)))}
    return [_deed(rows[event_id], people, datasets) for event_id in ids]


def _deed(row: Row, people: Mapping[int, str], datasets: Mapping[int, Dataset]) -> Deed:  # type: ignore[type-arg]
    data, name = row.data or {}, people.get(row.reviewer_id)
    return Deed(
        row.id,
        row.at,
        row.kind,
        name,
        name or _nobody(row.request_id),
        tell(row.kind, data),
        next((people[data[key]] for key in _SUBJECTS if data.get(key) in people), None),
        datasets.get(row.dataset_id),
        row.entry_id,
        data.get("import"),
        row.request_id,
    )


def _nobody(request_id: str | None) -> str:
    if request_id is None:
        return "The service"
    return "The command line" if is_of_command(request_id) else "Somebody"
