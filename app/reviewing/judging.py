"""Reads a filled-in form against the stored labels: pure, strict, one sentence per mistake."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from app.comparing.entries import StoredLabel
from app.models.label_field import CANNOT_JUDGE, TIE, LabelKind, LabelValue, encode_value
from app.models.review import VerdictKind
from app.reviewing.forms import TypedReview, TypedVerdict, choices
from app.reviewing.sight import Sight, Stage
from app.terms.flag_kind import FlagKind
from app.terms.taxonomy import Taxonomy

LONGEST_REASON, LONGEST_COMMENT = 2_000, 10_000


@dataclass(frozen=True)
class Judged:
    """A verdict on one label field, values as canonical JSON."""

    label_field: str
    stored_value: str
    verdict: VerdictKind
    corrected_value: str | None
    reason: str | None
    first_value: str | None = None  # the reviewer's own answer, before they saw the stored value

    def as_row(self) -> dict[str, Any]:
        """As a snapshot of the review has it."""
        return {**asdict(self), "verdict": str(self.verdict)}


class Mistake(Exception):
    """What is wrong with one field of the form."""


def judge(
    typed: TypedReview, labels: Sequence[StoredLabel], taxonomy: Taxonomy, *, agree_with_rest: bool
) -> tuple[list[Judged], dict[str, str]]:
    """The verdicts, and per label field (or comment) what is wrong; verdicts count only when nothing is."""
    verdicts, mistakes = [], {}
    for label in labels:
        answer = typed.verdicts.get(label.field.name, TypedVerdict())
        if answer.is_empty and agree_with_rest and label.value is not None:
            answer = TypedVerdict(VerdictKind.AGREE)
        if answer.is_empty:
            continue
        try:
            verdicts.append(_judge_field(answer, label, taxonomy))
        except Mistake as mistake:
            mistakes[label.field.name] = str(mistake)
    mistakes |= _not_asked(typed, labels) | find_wrong_remarks(typed)
    return verdicts, mistakes


def confirm(
    typed: TypedReview, labels: Sequence[StoredLabel], first: Mapping[str, LabelValue], *, keep_rest: bool
) -> tuple[list[Judged], dict[str, str]]:
    """The verdicts of a reviewer who answered blind: one on every label, for each answer was given before."""
    verdicts, mistakes = [], {}
    for label in labels:
        name = label.field.name
        if name not in first:  # the dataset has got this label since
            continue
        try:
            verdicts.append(_confirm_field(typed.verdicts.get(name, TypedVerdict()), label, first[name], keep_rest))
        except Mistake as mistake:
            mistakes[name] = str(mistake)
    mistakes |= _not_asked(typed, labels) | find_wrong_remarks(typed)
    return verdicts, mistakes


def find_wrong_remarks(typed: TypedReview) -> dict[str, str]:
    found = {}
    if len(typed.comment) > LONGEST_COMMENT or "\0" in typed.comment:
        found["comment"] = f"A comment has at most {LONGEST_COMMENT:,} characters and no NUL."
    if typed.flag and typed.flag not in set(FlagKind):
        found["flag"] = f"A flag is one of {', '.join(FlagKind)}."
    return found


def _not_asked(typed: TypedReview, labels: Sequence[StoredLabel]) -> dict[str, str]:
    asked = {label.field.name for label in labels}
    there = ", ".join(sorted(asked)) or "none"
    return {
        name[:60]: f"{name[:60]!r} is no label field here; there are {there}."
        for name in typed.verdicts
        if name not in asked
    }


def _confirm_field(answer: TypedVerdict, label: StoredLabel, first: LabelValue, keep_rest: bool) -> Judged:
    verdict = _verdict_after_reveal(answer, label, first, keep_rest)
    corrected = encode_value(first) if verdict is VerdictKind.DISAGREE else None
    reason = None if verdict is VerdictKind.AGREE else _reason(answer)
    stored = encode_value(label.value)
    return Judged(label.field.name, stored, verdict, corrected, reason, encode_value(first))


def _verdict_after_reveal(answer: TypedVerdict, label: StoredLabel, first: LabelValue, keep_rest: bool) -> VerdictKind:
    if label.value is not None and encode_value(first) == encode_value(label.value):
        return VerdictKind.AGREE
    if answer.is_empty and keep_rest:
        return VerdictKind.UNSURE if first == CANNOT_JUDGE else VerdictKind.DISAGREE
    if answer.is_empty:
        raise Mistake("Say which is right, yours or the stored one, or that you are unsure.")
    verdict = _kind_of(answer)
    if verdict is VerdictKind.DISAGREE and first == CANNOT_JUDGE:
        raise Mistake("You could not judge this, so there is no answer of yours to keep.")
    if verdict is VerdictKind.AGREE and label.value is None:
        raise Mistake("The dataset has no label here to agree with.")
    return verdict


def _judge_field(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> Judged:
    verdict, reason, corrected = _kind_of(answer), _reason(answer), None
    if verdict is VerdictKind.DISAGREE:
        corrected = encode_value(corrected_value(answer, label, taxonomy))
    elif verdict is VerdictKind.AGREE and label.value is None:
        raise Mistake("The dataset has no label here to agree with: say what it should be, or unsure.")
    kept_reason = reason if verdict is not VerdictKind.AGREE else None
    return Judged(label.field.name, encode_value(label.value), verdict, corrected, kept_reason)


def _kind_of(answer: TypedVerdict) -> VerdictKind:
    try:
        return VerdictKind(answer.verdict)
    except ValueError:
        raise Mistake("A verdict is agree, disagree or unsure.") from None


def _reason(answer: TypedVerdict) -> str | None:
    reason = answer.reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise Mistake(f"A reason has at most {LONGEST_REASON:,} characters and no NUL.")
    return reason or None


def corrected_value(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> LabelValue:
    if label.field.kind is LabelKind.CATEGORIES:
        return _corrected_categories(answer, label, taxonomy)
    valid = choices(label, taxonomy, Sight(Stage.OPEN))
    # "The other one" is what is meant most often by a "no" that says no more.
    is_plain_no = len(valid) == 1 or (label.field.kind is LabelKind.SIDE and label.value is not None)
    given = answer.corrected or ((valid[0].value,) if is_plain_no else ())
    if len(given) != 1:
        raise Mistake("Choose what it should be instead.")
    if given[0] not in {choice.value for choice in valid}:
        allowed = ", ".join(choice.value for choice in valid)
        raise Mistake(f"The corrected value must differ from the stored one and be one of {allowed}.")
    if given[0] == TIE:
        return TIE
    return given[0] == "true" if label.field.kind is LabelKind.SAFE else int(given[0])


def _corrected_categories(answer: TypedVerdict, label: StoredLabel, taxonomy: Taxonomy) -> list[str]:
    given = set(answer.corrected)
    unknown = sorted(given - taxonomy.bits.keys())
    if unknown:
        raise Mistake(f"{unknown[0][:60]!r} is no harm category of this dataset.")
    codes = taxonomy.codes(taxonomy.mask(list(given)))
    if codes == label.value:
        raise Mistake("The corrected categories are the stored ones: change them, or agree.")
    return codes
