"""How often reviewers agree with the stored label: over all, and group by group."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.agreement.measures.intervals import Interval, clopper_pearson_interval, wilson_interval
from app.agreement.ratings import Rating


@dataclass(frozen=True)
class LabelAgreement:
    """Verdicts "agree" among "agree" and "disagree"."""

    agree: int
    disagree: int
    unsure: int
    outdated: int

    @property
    def n(self) -> int:
        return self.agree + self.disagree

    @property
    def given(self) -> int:
        return self.n + self.unsure + self.outdated

    @property
    def share(self) -> float | None:
        return self.agree / self.n if self.n else None

    @property
    def wilson(self) -> Interval | None:
        return wilson_interval(self.agree, self.n) if self.n else None

    @property
    def exact(self) -> Interval | None:
        return clopper_pearson_interval(self.agree, self.n) if self.n else None


def label_agreement(ratings: Iterable[Rating]) -> LabelAgreement:
    return _counted(Counter("outdated" if rating.outdated else rating.verdict for rating in ratings))


def _counted(kinds: Mapping[str, int]) -> LabelAgreement:
    return LabelAgreement(*(kinds.get(kind, 0) for kind in ("agree", "disagree", "unsure", "outdated")))


Groups = tuple[tuple[str, LabelAgreement], ...]


def by_group(ratings: Iterable[Rating], groups_of: Callable[[Rating], Sequence[str]]) -> Groups:
    """A rating counts in each of its groups; those with the most verdicts first."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    for rating in ratings:
        for group in groups_of(rating):
            kinds[group]["outdated" if rating.outdated else rating.verdict] += 1
    found = [(group, _counted(counts)) for group, counts in kinds.items()]
    return tuple(sorted(found, key=lambda one: (-one[1].given, one[0])))
