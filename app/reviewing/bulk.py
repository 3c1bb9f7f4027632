"""One verdict on one label field of many entries: first counted, then saved."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from app.comparing.entries import StoredLabel
from app.errors import Conflict, InvalidInput
from app.importing.chunks import chunks
from app.models import Dataset, DecisionKind, Reviewer, ReviewState, VerdictKind
from app.models.label_field import LabelField, decode_value, fields_of
from app.reviewing.applying import Change, Labels, find_labels
from app.reviewing.forms import Choice, TypedReview, TypedVerdict, choices
from app.reviewing.judging import Judged, judge
from app.reviewing.many import ManyChanged, change_of, check_number, check_presence, find_mine, save_changes
from app.reviewing.sight import Sight, Stage, refuse_while_blind
from app.reviewing.snapshot import Snapshot, in_label_order, nothing


@dataclass(frozen=True)
class BulkVerdict:
    """What is said of the label field of every selected entry; made by `read_bulk_verdict` only."""

    field: LabelField
    answer: TypedVerdict

    @property
    def disagrees(self) -> bool:
        return self.answer.verdict == VerdictKind.DISAGREE


class Outcome(StrEnum):
    """What a verdict on many entries comes to for one of them."""

    NEW = "new"
    REPLACES = "replaces"  # the reviewer said something else of the label
    SAID = "said"  # by the reviewer already
    UNKNOWN = "unknown"  # no label to agree with
    STORED = "stored"  # the corrected value is the stored one
    UNCONFIRMED = "unconfirmed"  # answered blind, and revealed: there each label waits for its own verdict


@dataclass(frozen=True)
class Plan:
    """What a verdict on many entries comes to, each counted once."""

    counts: Counter[Outcome]

    @property
    def gets(self) -> int:
        return self.counts[Outcome.NEW]

    @property
    def replaces(self) -> int:
        return self.counts[Outcome.REPLACES]

    @property
    def numbers(self) -> str:
        """For the form that confirms them."""
        return f"{self.gets} {self.replaces}"


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
    found = _outcomes(db, reviewer, dataset, entry_ids, verdict)
    return Plan(Counter(outcome for outcomes, _ in found for outcome, _ in outcomes))


def judge_entries(
    db: Session,
    reviewer: Reviewer,
    dataset: Dataset,
    entry_ids: Collection[int],
    verdict: BulkVerdict,
    *,
    confirmed: str,
    replaces: bool,
) -> ManyChanged:
    """`confirmed` are the plan's numbers that the reviewer saw: with others nothing is changed."""
    counts: Counter[Outcome] = Counter()
    wanted = {Outcome.NEW, Outcome.REPLACES} if replaces else {Outcome.NEW}

    def parts() -> Iterator[tuple[list[Change], Labels]]:
        for outcomes, labels in _outcomes(db, reviewer, dataset, entry_ids, verdict):
            counts.update(outcome for outcome, _ in outcomes)
            yield [change for outcome, change in outcomes if change and outcome in wanted], labels

    changed = save_changes(db, reviewer, dataset, DecisionKind.VERDICTS, parts())
    if Plan(counts).numbers != confirmed:  # takes back what was written so far
        raise Conflict("Your reviews of these entries were changed since they were counted. Nothing was changed.")
    return changed


def _outcomes(
    db: Session, reviewer: Reviewer, dataset: Dataset, entry_ids: Collection[int], verdict: BulkVerdict
) -> Iterator[tuple[list[tuple[Outcome, Change | None]], Labels]]:
    """Of some entries at a time, each with the change that it takes, and what is stored of these entries."""
    refuse_while_blind(reviewer, "a verdict on many entries at once")
    check_number(len(entry_ids))
    check_presence(db, dataset, sorted(entry_ids))
    judged: dict[str, Judged | None] = {}  # by stored value, of which there are few
    for chunk in chunks(sorted(entry_ids)):
        labels, outcomes = find_labels(db, dataset, chunk), []
        for entry_id, review, before in find_mine(db, reviewer, chunk):
            stored = labels[entry_id][verdict.field.name]
            if stored not in judged:
                judged[stored] = next(iter(_judge(verdict, stored, dataset)[0]), None)
            outcome, given = _outcome(before or nothing(), stored, judged[stored])
            change = change_of(reviewer, entry_id, review, before, **given) if given else None
            outcomes.append((outcome, change))
        yield outcomes, labels


def _judge(verdict: BulkVerdict, stored: str, dataset: Dataset) -> tuple[list[Judged], list[str]]:
    typed = TypedReview(verdicts={verdict.field.name: verdict.answer})
    label = StoredLabel(verdict.field, decode_value(stored))
    verdicts, mistakes = judge(typed, [label], dataset.taxonomy, agree_with_rest=False)
    return verdicts, list(mistakes.values())


def _outcome(said: Snapshot, stored: str, judged: Judged | None) -> tuple[Outcome, Snapshot | None]:
    """Also what changes in a review that says `said`."""
    if judged is None:
        return (Outcome.UNKNOWN if stored == "null" else Outcome.STORED), None
    if said["first_answers"] and said["state"] == ReviewState.DRAFT:
        return Outcome.UNCONFIRMED, None
    first = (said["first_answers"] or {}).get(judged.label_field)
    given = replace(judged, first_value=first).as_row()
    earlier = _present_verdict(said, judged.label_field, stored)
    if earlier == given:
        return Outcome.SAID, None
    others = [verdict for verdict in said["verdicts"] if verdict["label_field"] != judged.label_field]
    changed = {"verdicts": in_label_order([*others, given]), "state": str(ReviewState.SUBMITTED)}
    return (Outcome.REPLACES if earlier else Outcome.NEW), changed


def _present_verdict(said: Snapshot, label_field: str, stored: str) -> Mapping[str, Any] | None:
    """One on a value that is no longer there is outdated, and replaced like none."""
    mine = (verdict for verdict in said["verdicts"] if verdict["label_field"] == label_field)
    return next((verdict for verdict in mine if verdict["stored_value"] == stored), None)
