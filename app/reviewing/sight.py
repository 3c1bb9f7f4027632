"""What a reviewer sees of an entry: whether its stored labels, and which response on the left."""

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from app.errors import HiddenWhileBlind
from app.models import Entry, Review, Reviewer, ReviewState
from app.reviewing.tasks import FREE, Task
from app.terms.role import Role

SIDES = ("left", "right")


class Stage(StrEnum):
    LOOKING = "looking"  # nobody reviews: everything is shown
    OPEN = "open"  # the stored labels are shown, and judged
    BLIND = "blind"  # the reviewer's own answers first; no stored label, source or order is shown
    REVEALED = "revealed"  # the answers are frozen, and stand beside the stored labels


@dataclass(frozen=True)
class Sight:
    stage: Stage
    left_position: int = 0  # of the response that stands left
    is_shuffled: bool = False  # by a seed, and not by the dataset
    task: Task = FREE

    @property
    def is_blind(self) -> bool:
        return self.stage is Stage.BLIND

    @property
    def positions(self) -> tuple[int, int]:
        """Of the responses, from left to right."""
        return self.left_position, 1 - self.left_position

    def side(self, position: int) -> str:
        return SIDES[self.positions.index(position)]

    def position(self, side: str) -> int:
        """Raises ValueError for what is no side."""
        return self.positions[SIDES.index(side)]


def sight_of(
    reviewer: Reviewer | None, review: Review | None, entry_id: int, *, is_pair: bool = True, task: Task = FREE
) -> Sight:
    """`review` is the reviewer's for the task, if there is one: what was shown once is shown the same again."""
    if reviewer is None:
        return Sight(Stage.LOOKING)
    stage = _stage(reviewer, review, task)
    if review is not None and review.left_position is not None:
        return Sight(stage, review.left_position, review.shuffled, task)
    wants_shuffled = reviewer.profile.shuffles if task.shuffles is None else task.shuffles
    is_shuffled = is_pair and (stage is Stage.BLIND or wants_shuffled)
    return Sight(stage, _drawn(reviewer.seed, entry_id, task.item_id) if is_shuffled else 0, is_shuffled, task)


def sight_on(reviewer: Reviewer | None, review: Review | None, entry: Entry, task: Task = FREE) -> Sight:
    """Of an entry with its responses: one alone has no side."""
    return sight_of(reviewer, review, entry.id, is_pair=len(entry.responses) > 1, task=task)


def _stage(reviewer: Reviewer, review: Review | None, task: Task = FREE) -> Stage:
    """Who has seen the labels of an entry cannot review it blind any more."""
    if review is not None and review.labels_seen_at is not None:
        return Stage.REVEALED if review.blind else Stage.OPEN
    is_blind = reviewer.is_blind if task.is_blind is None else task.is_blind
    return Stage.BLIND if is_blind else Stage.OPEN


def _drawn(seed: int, entry_id: int, item_id: int) -> int:
    """0 or 1, the same on every machine, and of one entry nothing to be learned about another."""
    of_item = f":{item_id}" if item_id else ""
    return sha256(f"{seed}:{entry_id}{of_item}".encode()).digest()[0] & 1


def has_submitted(review: Review | None) -> bool:
    """From then on others' opinions of the entry may be shown."""
    return review is not None and review.state == ReviewState.SUBMITTED


def owes_opinions(reviewer: Reviewer | None) -> bool:
    """Reviewers of a team say of each entry what they think before they learn what others do."""
    return reviewer is not None and reviewer.is_account and reviewer.role == Role.REVIEWER


def may_read_others(reviewer: Reviewer | None, review: Review | None) -> bool:
    """Comments and history of an entry; whoever judges it blind, or for a team, first submits their own review."""
    if reviewer is None or has_submitted(review):
        return True
    return _stage(reviewer, review) is Stage.OPEN and not owes_opinions(reviewer)


def refuse_while_blind(reviewer: Reviewer | None, what: str) -> None:
    """For whatever would tell stored labels, or other people's verdicts, of entries that are still to be judged."""
    if reviewer is not None and reviewer.is_blind:
        then = "Choose “open” in your settings first."
        if reviewer.owes_blind:
            then = "You take part in a blind review session: you see them once it is closed."
        raise HiddenWhileBlind(f"You review blind, and {what} would show you stored labels. {then}")
