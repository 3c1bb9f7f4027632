"""Which labels of an entry the reviews of a session leave in dispute. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.models import Adjudicates, VerdictKind


@dataclass(frozen=True)
class Tally:
    """The verdicts on one label of one entry. Who is unsure contradicts nobody."""

    agree: int
    disagree: int
    corrections: int  # different ones

    @property
    def is_conflict(self) -> bool:
        return bool(self.agree) + self.corrections > 1

    def is_disputed(self, adjudicates: Adjudicates) -> bool:
        """Between reviewers, or where the session wants it so, by all of them against the stored label."""
        return self.is_conflict or (adjudicates is Adjudicates.DISAGREEMENTS and self.disagree > 0)


def tally(said: Iterable[tuple[str, str | None]]) -> Tally:
    """Of verdicts, each with its corrected value."""
    agree, disagree, corrections = 0, 0, set()
    for verdict, corrected in said:
        if verdict == VerdictKind.AGREE:
            agree += 1
        elif verdict == VerdictKind.DISAGREE:
            disagree += 1
            corrections.add(corrected)
    return Tally(agree, disagree, len(corrections))
