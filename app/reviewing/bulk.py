"""One verdict on one label field of many entries: first counted, then saved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.comparing.entries import StoredLabel
from app.errors import Conflict, InvalidInput
from app.models import Dataset, DecisionKind, Review, Reviewer, ReviewState, VerdictKind
from app.models.label_field import LABEL_FIELDS, LabelField, decode_value, fields_of
from app.reviewing.applying import Change, Labels, find_labels
from app.reviewing.forms import Choice, TypedReview, TypedVerdict, choices
from app.reviewing.judging import Judged, judge
from app.reviewing.many import ManyChanged, change_of, check_number, check_presence, find_mine, save_changes
from app.reviewing.sight import Sight, Stage, refuse_while_blind
from app.reviewing.snapshot import Snapshot, nothing


@dataclass(frozen=True)
class BulkVerdict:
    """What is said of the label field of every selected entry; made by `read_bulk_verdict` only."""

    field: LabelField
    answer: TypedVerdict

    @property
    def disagrees(self) -> bool:
        return self.answer.verdict == VerdictKind.DISAGREE


@dataclass
class Plan:
    """What a verdict on many entries comes to; each of the entries is counted once."""

    new: list[Change] = field(default_factory=list)
    replacing: list[Change] = field(default_factory=list)  # the reviewer said something else of the label
    say_so: int = 0  # already
    unknown: int = 0  # no label to agree with
    have_it: int = 0  # the corrected value is the stored one
    unconfirmed: int = 0  # answered blind, and revealed: there each label waits for its own verdict
    labels: Labels = field(default_factory=dict)

    @property
    def gets(self) -> int:
        return len(self.new)

    @property
    def gets_with_replaced(self) -> int:
        return len(self.new) + len(self.replacing)

    @property
    def numbers(self) -> str:
        """For the form that confirms them."""
        return f"{len(self.new)} {len(self.replacing)}"


def read_bulk_verdict(dataset: Dataset, label_field: str, answer: TypedVerdict) -> BulkVerdict:
    """Wrong is what would be wrong of any entry."""
    fields = {field.name: field for field in fields_of(dataset)}
    if label_field not in fields:
        raise InvalidInput("Choose the label that the verdict is about.", "field", sorted(fields))
    if not answer.verdict:
        raise InvalidInput("Choose a verdict: agree, disagree or unsure.", "verdict", list(VerdictKind))
    verdict = BulkVerdict(fields[label_field], answer)
    if answer.verdict != VerdictKind.AGREE:
        _, mistakes = _judge(verdict, "null", dataset)
        for mistake in mistakes:
            raise InvalidInput(mistake, "verdict")
    return verdict


def corrected_choices(field: LabelField, dataset: Dataset) -> tuple[Choice, ...]:
    """Whatever it may be instead, as the stored values are not the same everywhere."""
    return choices(StoredLabel(field, None), dataset.taxonomy, Sight(Stage.OPEN))


def plan_verdicts(
    db: Session, reviewer: Reviewer, dataset: Dataset, entry_ids: Collection[int], verdict: BulkVerdict
) -> Plan:
    refuse_while_blind(reviewer, "a verdict on many entries at once")
    check_number(len(entry_ids))
    check_presence(db, dataset, sorted(entry_ids))
    plan, judged = Plan(labels=find_labels(db, dataset, sorted(entry_ids))), {}
    for entry_id, review, before in find_mine(db, reviewer, entry_ids):
        stored = plan.labels[entry_id][verdict.field.name]
        if stored not in judged:
            judged[stored] = next(iter(_judge(verdict, stored, dataset)[0]), None)
        _add(plan, reviewer, entry_id, review, before, stored, judged[stored])
    return plan


def judge_entries(
    db: Session,
    reviewer: Reviewer,
    dataset: Dataset,
    entry_ids: Collection[int],
    verdict: BulkVerdict,
    *,
    confirmed: str,
    replace: bool,
) -> ManyChanged:
    """`confirmed` are the plan's numbers that the reviewer saw: with others nothing is changed."""
    plan = plan_verdicts(db, reviewer, dataset, entry_ids, verdict)
    if plan.numbers != confirmed:
        raise Conflict("Your reviews of these entries were changed since they were counted. Nothing was changed.")
    changes = sorted(plan.new + (plan.replacing if replace else []), key=lambda change: change.review.entry_id)
    decision = save_changes(db, reviewer, dataset, DecisionKind.VERDICTS, changes, plan.labels)
    return ManyChanged(decision, len(changes))


def _judge(verdict: BulkVerdict, stored: str, dataset: Dataset) -> tuple[list[Judged], list[str]]:
    typed = TypedReview(verdicts={verdict.field.name: verdict.answer})
    label = StoredLabel(verdict.field, decode_value(stored))
    verdicts, mistakes = judge(typed, [label], dataset.taxonomy, agree_with_rest=False)
    return verdicts, list(mistakes.values())


def _add(
    plan: Plan,
    reviewer: Reviewer,
    entry_id: int,
    review: Review | None,
    before: Snapshot | None,
    stored: str,
    judged: Judged | None,
) -> None:
    said = before or nothing()
    if judged is None and stored == "null":
        plan.unknown += 1
    elif judged is None:
        plan.have_it += 1
    elif said["first_answers"] and said["state"] == ReviewState.DRAFT:
        plan.unconfirmed += 1
    else:
        given = _as_row(judged, said)
        earlier = _present_verdict(said, judged.label_field, stored)
        if earlier == given:
            plan.say_so += 1
            return
        others = [verdict for verdict in said["verdicts"] if verdict["label_field"] != judged.label_field]
        verdicts = sorted([*others, given], key=lambda one: list(LABEL_FIELDS).index(one["label_field"]))
        after = {"verdicts": verdicts, "state": str(ReviewState.SUBMITTED)}
        (plan.replacing if earlier else plan.new).append(change_of(reviewer, entry_id, review, before, **after))


def _present_verdict(said: Snapshot, label_field: str, stored: str) -> Mapping[str, Any] | None:
    """One on a value that is no longer there is outdated, and replaced like none."""
    mine = (verdict for verdict in said["verdicts"] if verdict["label_field"] == label_field)
    return next((verdict for verdict in mine if verdict["stored_value"] == stored), None)


def _as_row(judged: Judged, said: Snapshot) -> dict[str, Any]:
    return {
        "label_field": judged.label_field,
        "stored_value": judged.stored_value,
        "first_value": (said["first_answers"] or {}).get(judged.label_field),
        "verdict": str(judged.verdict),
        "corrected_value": judged.corrected_value,
        "reason": judged.reason,
    }
