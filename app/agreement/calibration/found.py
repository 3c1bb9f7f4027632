"""All that there is to say about one reviewer, remembered until something of a dataset changes."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.agreement.calibration.looking import Look
from app.agreement.calibration.pace import Pace, find_seconds, pace
from app.agreement.calibration.position import Position, find_sides, positions
from app.agreement.calibration.repeats import Repeats, find_again, repeats
from app.agreement.calibration.reveal import Reveal, find_revised, reveals
from app.agreement.calibration.settled import find_settled, with_settled
from app.agreement.calibration.share import Share
from app.agreement.calibration.weeks import Week, find_days, weeks
from app.agreement.calibration.with_others import FieldWithOthers, find_compared, find_pairs, find_team, with_others
from app.browsing.memories import Memory

Counts = dict[str, Counter[Any]]
# In one dataset; of several the counts are added.
_COUNTS: dict[str, Callable[[Session, Look], Counter[Any]]] = {
    "seconds": find_seconds,
    "pairs": find_pairs,
    "compared": find_compared,
    "team": find_team,
    "settled": find_settled,
    "sides": find_sides,
    "revised": find_revised,
    "again": find_again,
    "days": find_days,
}
_counts: Memory[Counts] = Memory(512)


@dataclass(frozen=True)
class Calibration:
    datasets: frozenset[int]  # in which the reviewer has reviewed
    pace: Pace
    with_others: tuple[FieldWithOthers, ...]
    with_settled: dict[str, Share]
    positions: tuple[Position, ...]
    reveals: tuple[Reveal, ...]
    repeats: tuple[Repeats, ...]
    weeks: tuple[Week, ...]


def find_calibration(db: Session, looks: Iterable[Look]) -> Calibration:
    """Of one reviewer, in each of some datasets."""
    found = {look.dataset_id: _find_counts(db, look) for look in looks}
    added: Counts = {name: Counter() for name in _COUNTS}
    for of_dataset in found.values():
        for name, counts in of_dataset.items():
            added[name].update(counts)
    return Calibration(
        frozenset(dataset_id for dataset_id, of_dataset in found.items() if of_dataset["seconds"]),
        pace(added["seconds"]),
        with_others(added["pairs"], added["compared"], added["team"]),
        with_settled(added["settled"]),
        positions(added["sides"]),
        reveals(added["revised"]),
        repeats(added["again"]),
        weeks(added["days"]),
    )


def _find_counts(db: Session, look: Look) -> Counts:
    def find() -> Counts:
        return {name: count(db, look) for name, count in _COUNTS.items()}

    return _counts.remember(db, look.dataset_id, look.key, find)
