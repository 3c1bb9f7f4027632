"""What of the record is asked for: the same parameters for the page, JSON and exports. Empty ones are none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activity.kinds import GROUPS, kinds_of
from app.errors import InvalidInput, NotFound
from app.models import Dataset, Reviewer
from app.names import name_key

MOST, USUAL = 500, 100
_LARGEST_ID = 2**63 - 1
FILTERS = ("kind", "person", "dataset", "entry", "from", "to")
PLACES = ("after", "limit")

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ActivityFilter:
    given: Pairs  # as it was asked for, without the place
    kinds: tuple[str, ...] = ()
    reviewer_id: int | None = None
    dataset_id: int | None = None
    entry_id: int | None = None
    since: datetime | None = None
    before: datetime | None = None
    within: Collection[int] | None = None  # datasets that who asks may see; None: all
    after: int | None = None  # the event that the page follows on
    limit: int = USUAL

    @property
    def query(self) -> str:
        return urlencode(self.given)

    def one(self, name: str) -> str:
        return next((value for given, value in self.given if given == name), "")


def read_filter(db: Session, pairs: Pairs, within: Collection[int] | None = None) -> ActivityFilter:
    """Raises InvalidInput, which names the parameter, and NotFound for people and datasets that there are not."""
    pairs = [(name, value) for name, value in pairs if value]
    values = {name: value for name, value in pairs if name != "kind"}
    for name, _ in pairs:
        if name not in (*FILTERS, *PLACES):
            raise InvalidInput(f"There is no parameter {name[:60]!r}.", name[:60], [*FILTERS, *PLACES])
        if name != "kind" and sum(name == other for other, _ in pairs) > 1:
            raise InvalidInput(f"{name} can be given once only.", name)
    since, until = _day(values, "from"), _day(values, "to")
    return ActivityFilter(
        given=[pair for pair in pairs if pair[0] not in PLACES],
        kinds=_kinds([value for name, value in pairs if name == "kind"]),
        reviewer_id=_reviewer(db, values.get("person")),
        dataset_id=_dataset(db, values.get("dataset"), within),
        entry_id=_number(values, "entry"),
        since=since,
        before=until and until + timedelta(days=1),
        within=within,
        after=_number(values, "after"),
        limit=_number(values, "limit", MOST) or USUAL,
    )


def _kinds(names: Sequence[str]) -> tuple[str, ...]:
    try:
        return kinds_of(names)
    except LookupError as error:
        valid = [group.name for group in GROUPS]
        message = f"{error.args[0][:60]!r} is no kind: one of {', '.join(valid)}, or as an event has it."
        raise InvalidInput(message, "kind", valid) from None


def _reviewer(db: Session, name: str | None) -> int | None:
    if name is None:
        return None
    found = db.scalar(select(Reviewer.id).where(Reviewer.name_key == name_key(name)))
    if found is None:
        raise NotFound(f"There is no reviewer {name[:60]!r}.")
    return found


def _dataset(db: Session, slug: str | None, within: Collection[int] | None) -> int | None:
    if slug is None:
        return None
    found = db.scalar(select(Dataset.id).where(Dataset.slug == slug))
    if found is None or (within is not None and found not in within):
        raise NotFound(f"There is no dataset {slug[:60]!r}.")
    return found


def _number(values: dict[str, str], name: str, most: int = _LARGEST_ID) -> int | None:
    typed = values.get(name)
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 20 and 1 <= int(typed) <= most):
        raise InvalidInput(f"{name} must be a whole number from 1 to {most}.", name)
    return int(typed)


def _day(values: dict[str, str], name: str) -> datetime | None:
    typed = values.get(name)
    if typed is None:
        return None
    try:
        day = min(date.fromisoformat(typed), date(9000, 1, 1))  # a day later is a day too
    except ValueError:
        raise InvalidInput(f"{name} must be a day such as 2026-11-23.", name) from None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
