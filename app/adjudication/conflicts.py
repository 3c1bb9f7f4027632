"""Which labels of an entry the reviews of a session leave in dispute. Pure."""

from dataclasses import dataclass

from app.models import Adjudicates


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
