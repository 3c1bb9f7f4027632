"""Record a review, change it, freeze blind answers. Each writes its event in the same transaction."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.errors import InvalidInput
from app.guidelines.queries import newest_guideline_id
from app.models import DecisionKind, Entry, Event, Review, Reviewer, ReviewState, Verdict
from app.models.base import now
from app.reviewing.answering import NO_ANSWER, decode_answers, encode_answers, read_answers
from app.reviewing.applying import Change, apply_changes, labels_of, record_decision
from app.reviewing.forms import TypedReview
from app.reviewing.judging import confirm, find_wrong_remarks, judge
from app.reviewing.queries import find_decision, find_remarks, find_review, has_seen_labels
from app.reviewing.sight import Sight, Stage, sight_on
from app.reviewing.snapshot import (
    REVEALED,
    Snapshot,
    as_data,
    in_label_order,
    kind_of_save,
    says_the_same,
    take_snapshot,
    whole,
)
from app.reviewing.tasks import FREE, Task


class RejectedReview(InvalidInput):
    """The form cannot be saved as it is; `mistakes` says why, by label field."""

    def __init__(self, message: str, mistakes: dict[str, str]) -> None:
        super().__init__(message)
        self.mistakes = mistakes


class StaleReview(Exception):
    """Somebody, most likely the same person in another tab, saved since the form was filled in."""


@dataclass(frozen=True)
class SavedReview:
    revision: int
    changed: bool  # False when the same was saved already, as when a browser sends a form twice
    decision: int | None  # the step of undo; None for a reveal, which nobody can take back


def record_review(
    db: Session, reviewer: Reviewer, entry: Entry, typed: TypedReview, task: Task = FREE, *, settle_rest: bool = False
) -> SavedReview:
    """`settle_rest` agrees with, or after a reveal keeps one's own answer to, every label without a verdict.

    Raises RejectedReview or StaleReview, and then has written nothing.
    """
    review = find_review(db, reviewer.id, entry.id, task.item_id)
    sight = sight_on(reviewer, review, entry, task)
    if sight.is_blind and typed.verdicts:
        raise StaleReview
    verdicts = [] if sight.is_blind else _read(entry, typed, review, sight, settle_rest)
    if not verdicts and not typed.comment.strip() and not typed.flag:
        raise RejectedReview(_nothing_said(entry, sight), {})
    state = ReviewState.SUBMITTED if verdicts else ReviewState.DRAFT
    after = _after(db, review, entry, typed, sight, {"state": str(state), "verdicts": verdicts})
    sent = find_decision(db, reviewer, typed.key)
    if review is not None and sent is not None and _led_to(db, sent, entry, after):
        return SavedReview(review.revision, changed=False, decision=sent)
    change = _change(db, reviewer, review, entry, typed, task, after)
    if change is None and review is not None:
        return SavedReview(review.revision, changed=False, decision=None)
    assert change is not None  # noqa: S101 - without a review there is something to change
    if not sight.is_blind:
        change.review.labels_seen_at = change.review.labels_seen_at or now()
    applied = apply_changes(
        db, reviewer.id, entry.dataset_id, [change], lambda c: kind_of_save(c.before), {entry.id: labels_of(entry)}
    )
    key = typed.key if sent is None else None
    decision = record_decision(db, reviewer.id, entry.dataset_id, DecisionKind.REVIEW, applied, entry.id, key)
    return SavedReview(change.after["revision"], changed=True, decision=decision)


def reveal(
    db: Session,
    reviewer: Reviewer,
    entry: Entry,
    typed: TypedReview,
    task: Task = FREE,
    *,
    cannot_judge_rest: bool = False,
) -> SavedReview:
    """Freezes the reviewer's own answers: from here on the stored labels may be shown to them.

    Raises RejectedReview or StaleReview, and then has written nothing.
    """
    review = find_review(db, reviewer.id, entry.id, task.item_id)
    sight = sight_on(reviewer, review, entry, task)
    if sight.stage is Stage.REVEALED and review is not None:  # sent twice: the first answers stay
        return SavedReview(review.revision, changed=False, decision=None)
    if not sight.is_blind:
        raise StaleReview
    fields, taxonomy = task.asked_fields(entry.dataset), entry.dataset.taxonomy
    answers, mistakes = read_answers(typed.answers, fields, taxonomy, sight, cannot_judge_rest=cannot_judge_rest)
    mistakes |= find_wrong_remarks(typed)
    if mistakes:
        raise RejectedReview(_not_answered(mistakes), mistakes)
    said = {"state": str(ReviewState.DRAFT), "verdicts": [], "first_answers": encode_answers(answers), "blind": True}
    change = _change(db, reviewer, review, entry, typed, task, _after(db, review, entry, typed, sight, said))
    assert change is not None  # noqa: S101 - nothing was frozen before
    change.review.seen_before = has_seen_labels(db, reviewer.id, entry.id)
    apply_changes(db, reviewer.id, entry.dataset_id, [change], lambda _: REVEALED, {entry.id: labels_of(entry)})
    return SavedReview(change.after["revision"], changed=True, decision=None)


def _after(
    db: Session, review: Review | None, entry: Entry, typed: TypedReview, sight: Sight, said: dict[str, Any]
) -> Snapshot:
    """What the review is to say."""
    return {
        "revision": (review.revision if review else 0) + 1,
        "blind": bool(review and review.blind),
        "shuffled": sight.is_shuffled,
        "left_position": sight.left_position,
        "first_answers": review.first_answers if review else None,
        "guideline_id": sight.task.guideline_id or newest_guideline_id(db, entry.dataset_id),
        "seconds": typed.seconds or (review.active_seconds if review else None),
        "comment": typed.comment.strip(),
        "flagged": bool(typed.flag),
        "flag": typed.flag,
        **said,
    }


def _led_to(db: Session, decision: int, entry: Entry, after: Snapshot) -> bool:
    """Whether the form came before as it is: Back in a browser brings one with its key, and it may be changed there."""
    event = db.get_one(Event, decision)
    return event.entry_id == entry.id and says_the_same(whole(event.data["after"]), after)


def _change(
    db: Session,
    reviewer: Reviewer,
    review: Review | None,
    entry: Entry,
    typed: TypedReview,
    task: Task,
    after: Snapshot,
) -> Change | None:
    """None when the same is saved already; raises StaleReview when something else is."""
    remarks = find_remarks(db, reviewer.id, entry.id, task.item_id)
    before = take_snapshot(review, *remarks) if review else None
    if before and says_the_same(before, after):
        return None
    if typed.revision != (review.revision if review else 0):
        raise StaleReview
    review = review or Review(reviewer_id=reviewer.id, entry_id=entry.id, item_id=task.item_id, verdicts=[])
    return Change(review, before, after)


def _read(
    entry: Entry, typed: TypedReview, review: Review | None, sight: Sight, settle_rest: bool
) -> list[dict[str, Any]]:
    taxonomy = entry.dataset.taxonomy
    labels = sight.task.asked_labels(entry)
    if sight.stage is Stage.REVEALED:
        first = decode_answers(review.first_answers if review else None)
        judged, mistakes = confirm(typed, labels, first, keep_rest=settle_rest)
    else:
        judged, mistakes = judge(typed, labels, taxonomy, agree_with_rest=settle_rest)
    if mistakes:
        raise RejectedReview("Not saved yet: " + " ".join(dict.fromkeys(mistakes.values())), mistakes)
    verdicts = [verdict.as_row() for verdict in judged]
    given = {*typed.verdicts, *(verdict.label_field for verdict in judged)}
    verdicts += [as_data(verdict) for verdict in _outdated(review) if verdict.label_field not in given]
    return in_label_order(verdicts)


def _nothing_said(entry: Entry, sight: Sight) -> str:
    if sight.is_blind:
        return "Not saved: answer and reveal, or leave a comment or a flag."
    if sight.task.asked_fields(entry.dataset):
        return "Not saved: give a verdict on at least one label, a comment, or a flag."
    return "Not saved: leave a comment or a flag."


def _not_answered(mistakes: dict[str, str]) -> str:
    """Once where it is the same of several labels, and how many those are."""
    missing = sum(mistake == NO_ANSWER for mistake in mistakes.values())
    others = [mistake for mistake in dict.fromkeys(mistakes.values()) if mistake != NO_ANSWER]
    told = (
        [f"{missing} label{' has' if missing == 1 else 's have'} no answer yet; “cannot judge” is one."]
        if missing
        else []
    )
    return "Not revealed yet: " + " ".join([*told, *others])


def _outdated(review: Review | None) -> list[Verdict]:
    """They stay until their field is judged anew: nobody said anything of the value that is there now."""
    return [verdict for verdict in review.verdicts if verdict.outdated] if review else []
