"""How far a reviewer agrees with the stored labels, week by week."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.agreement.calibration.looking import FIRST_TIME, Look
from app.agreement.calibration.share import Share
from app.models import Review, Verdict, VerdictKind

Days = Counter[tuple[str, str]]  # of day (UTC) and verdict


def find_days(db: Session, look: Look) -> Days:
    day = func.date(Review.updated_at)
    told = look.mine(day, Verdict.verdict, func.count(), is_told=False)
    told = told.where(FIRST_TIME, Verdict.outdated.is_(False)).group_by(day, Verdict.verdict)
    return Counter({(str(at), verdict): count for at, verdict, count in db.execute(told)})


@dataclass(frozen=True)
class Week:
    year: int
    number: int  # ISO 8601
    begins: date
    agree: Share
    unsure: int

    @property
    def name(self) -> str:
        return f"{self.year}-W{self.number:02}"


def weeks(days: Days) -> tuple[Week, ...]:
    """Those in which something was decided, the first one first."""
    counts: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for (day, verdict), count in days.items():
        at = date.fromisoformat(day).isocalendar()
        counts[at.year, at.week][verdict] += count
    return tuple(_week(year, number, given) for (year, number), given in sorted(counts.items()))


def _week(year: int, number: int, given: Counter[str]) -> Week:
    agree = Share(given[VerdictKind.AGREE], given[VerdictKind.AGREE] + given[VerdictKind.DISAGREE])
    return Week(year, number, date.fromisocalendar(year, number, 1), agree, given[VerdictKind.UNSURE])
