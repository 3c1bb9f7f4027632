"""What the review of each entry came to: the stored label stands, another one is right, or it is contested."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.agreement.measures.changes import mcnemar
from app.agreement.ratings import Rating
from app.models.label_field import LabelField, LabelKind, LabelValue, decode_value

Settled = Mapping[int, str]  # entry id -> the adjudicated value


@dataclass(frozen=True)
class Direction:
    """Whether what is wrong is wrong one way. Entries."""

    one_way: int
    other_way: int
    p: float | None  # of McNemar's test, exact
    words: tuple[str, str]
    shift: float | None = None  # mean of right - stored over the entries that are not contested; of severity levels


@dataclass(frozen=True)
class Outcomes:
    """Entries by their stored and their right value, canonical JSON. Right is what an adjudicator settled, or else
    what all of its reviewers who are sure say."""

    cells: Mapping[tuple[str, str], Sequence[int]]  # ids
    contested: Sequence[int]  # reviewers differ, and nobody has settled it
    unanswered: int  # all are unsure

    def count(self, stored: str, right: str) -> int:
        return len(self.cells.get((stored, right), ()))

    @property
    def changed(self) -> int:
        return sum(len(entries) for (stored, right), entries in self.cells.items() if stored != right)

    @property
    def n(self) -> int:
        return sum(map(len, self.cells.values()))


def find_outcomes(by_entry: Iterable[Sequence[Rating]], settled: Settled) -> Outcomes:
    cells: dict[tuple[str, str], array[int]] = defaultdict(lambda: array("q"))
    contested, unanswered = array("q"), 0
    for rated in by_entry:
        entry, stored = rated[0].entry, rated[0].stored
        right = {settled[entry]} if entry in settled else {value for r in rated if (value := r.value) is not None}
        if len(right) == 1:
            cells[stored, right.pop()].append(entry)
        elif right:
            contested.append(entry)
        else:
            unanswered += 1
    return Outcomes(dict(cells), contested, unanswered)


def find_direction(field: LabelField, outcomes: Outcomes) -> Direction | None:
    """None where values have no two directions, or nothing was judged."""
    moves = [(decode_value(stored), decode_value(right), len(ids)) for (stored, right), ids in outcomes.cells.items()]
    if field.kind is LabelKind.CATEGORIES:
        return _of_sets(moves)
    numbers = [(stored, right, n) for stored, right, n in moves if isinstance(stored, int) and isinstance(right, int)]
    up = sum(n for stored, right, n in numbers if right > stored)
    down = sum(n for stored, right, n in numbers if right < stored)
    judged = sum(n for _, _, n in numbers)
    shift = None
    if field.kind is LabelKind.SEVERITY and judged:
        shift = sum((right - stored) * n for stored, right, n in numbers) / judged
    return Direction(up, down, mcnemar(up, down), _WORDS[field.kind], shift) if judged else None


_WORDS = {
    LabelKind.SAFE: ("called unsafe, held to be safe", "called safe, held to be unsafe"),
    LabelKind.SEVERITY: ("held to be more severe", "held to be less severe"),
    LabelKind.SIDE: (
        "response 0 stored, response 1 held to be right",
        "response 1 stored, response 0 held to be right",
    ),
    LabelKind.CATEGORIES: ("only lack categories", "only have too many"),
}


def _of_sets(moves: Sequence[tuple[LabelValue, LabelValue, int]]) -> Direction | None:
    sets = [(set(s), set(r), n) for s, r, n in moves if isinstance(s, list) and isinstance(r, list)]
    lack = sum(n for stored, right, n in sets if stored < right)
    too_many = sum(n for stored, right, n in sets if right < stored)
    return Direction(lack, too_many, mcnemar(lack, too_many), _WORDS[LabelKind.CATEGORIES]) if sets else None


@dataclass(frozen=True)
class CategoryChanges:
    """Of one harm category, in entries that are not contested."""

    code: str
    stored: int
    right: int
    added: int
    taken: int


def find_category_changes(outcomes: Outcomes) -> tuple[CategoryChanges, ...]:
    """Those that occur, the most often changed first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (stored_text, right_text), entries in outcomes.cells.items():
        stored, right = decode_value(stored_text), decode_value(right_text)
        if not (isinstance(stored, list) and isinstance(right, list)):
            continue
        groups = {
            "stored": stored,
            "right": right,
            "added": set(right) - set(stored),
            "taken": set(stored) - set(right),
        }
        for kind, codes in groups.items():
            for code in codes:
                counts[code][kind] += len(entries)
    found = [
        CategoryChanges(code, *(n[k] for k in ("stored", "right", "added", "taken"))) for code, n in counts.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.added - one.taken, -one.stored, one.code)))
